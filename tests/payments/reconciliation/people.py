"""Staff of a body, in the tests of reconciliation."""

from django_scopes import scopes_disabled

from portal.accounts.models import User
from portal.audit.actor import Actor
from portal.entities.models import Entity, Role, StaffRole


def accountant(entity: Entity, name: str) -> Actor:
    """A person of the accounts office of a body."""
    user = User.objects.create_user(username=name, kind="staff", is_staff=True)
    with scopes_disabled():
        StaffRole.objects.create(entity=entity, user=user, role=Role.ACCOUNTANT)
    return Actor(label=name, user_id=user.pk)
