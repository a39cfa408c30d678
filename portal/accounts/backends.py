"""The password is a door for the staff alone."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser

from portal.accounts.models import Kind, User


class StaffBackend(AuthenticationBackend):  # type: ignore[misc]
    """Username and password, for active staff."""

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        """Citizens have no password; one that appeared by mistake would open nothing."""
        return may_use_password(user) and bool(super().user_can_authenticate(user))


def may_use_password(user: AbstractBaseUser | None) -> bool:
    """Active members of staff."""
    return isinstance(user, User) and user.kind == Kind.STAFF and user.is_staff and user.is_active
