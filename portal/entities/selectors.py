"""Who works where, and which body shows its face."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django_scopes import scopes_disabled

from portal.entities.models import Entity, Office, Role, StaffRole


def entity_of_host(host: str) -> Entity | None:
    """The body whose face a host shows; the default body when the host is not one of ours."""
    name = host.split(":", 1)[0].lower()
    # A request without Host must not meet a body without a host name.
    rows = Entity.objects.filter(Q(hostname__iexact=name) & ~Q(hostname="") | Q(is_default=True))
    return max(rows, key=lambda entity: bool(name) and entity.hostname.lower() == name, default=None)


def roles_of(user_id: int) -> list[StaffRole]:
    """Every role of a staff user, over all bodies: this is what the scope is made from."""
    with scopes_disabled():
        return list(StaffRole.objects.filter(user_id=user_id).select_related("entity", "office"))


def entities_of(roles: Iterable[StaffRole]) -> list[Entity]:
    """The bodies of some roles, once each."""
    return list({role.entity_id: role.entity for role in roles}.values())


def offices_of(roles: Iterable[StaffRole], *, allowed: Iterable[Role]) -> QuerySet[Office]:
    """Offices where one of `allowed` roles is held; a role without office covers its whole body."""
    wanted = [role for role in roles if role.role in set(allowed)]
    whole = [role.entity_id for role in wanted if role.office_id is None]
    some = [role.office_id for role in wanted if role.office_id is not None]
    with scopes_disabled():
        return Office.objects.filter(entity_id__in=whole) | Office.objects.filter(pk__in=some)


def has_role(roles: Iterable[StaffRole], role: Role, *, entity_id: int) -> bool:
    """Whether one of the roles is `role` in that body."""
    return any(held.role == role and held.entity_id == entity_id for held in roles)
