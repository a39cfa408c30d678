"""Reads of the room: second factors, locks, accounts."""

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import QuerySet
from django_scopes import scopes_disabled

from portal.accounts.digests import digest_of_address
from portal.accounts.domain import second_factor
from portal.accounts.models import Kind, LoginLock, User
from portal.entities.models import Role, StaffRole

# Recovery codes replace a factor for once; they are not one.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def must_have_second_factor(user: User, roles: Iterable[StaffRole]) -> bool:
    """Whether one of the staff works only with a second factor: settings, roles, and what was decided for them."""
    return second_factor.is_required(
        enforced=settings.STAFF_MFA_REQUIRED,
        roles=settings.STAFF_MFA_ROLES,
        held={held.role for held in roles},
        superuser=user.is_superuser,
        personally=user.second_factor_required,
    )


def factors_of(user: User) -> set[str]:
    """Kinds of second factor the user has."""
    return set(Authenticator.objects.filter(user=user, type__in=FACTORS).values_list("type", flat=True))


def locks_for(user: User, roles: Iterable[StaffRole]) -> QuerySet[LoginLock]:
    """Counts and locks one may see: all for who runs the system, those of their staff for a body's administrator.

    The accounts of who runs the system are never in the hands of a body.
    """
    if user.is_superuser:
        return LoginLock.objects.all()
    bodies = [held.entity_id for held in roles if held.role == Role.ADMINISTRATOR]
    with scopes_disabled():
        staff = StaffRole.objects.filter(entity_id__in=bodies).values("user_id")
        return LoginLock.objects.filter(user_id__in=staff, user__is_superuser=False)


def staff_by_address(digest: str) -> list[User]:
    """Active staff whose e-mail address has that digest."""
    staff = User.objects.filter(kind=Kind.STAFF, is_active=True).exclude(email="")
    return [user for user in staff if digest_of_address(user.email) == digest]
