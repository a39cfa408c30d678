"""Links to choose a new password: for active staff, for an hour, once."""

from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse

from portal.accounts.backends import may_use_password
from portal.accounts.models import User


class StaffTokenGenerator(PasswordResetTokenGenerator):
    """A link made for somebody who is no longer of the staff opens nothing."""

    def check_token(self, user: AbstractBaseUser | None, token: str | None) -> bool:
        return isinstance(user, User) and may_use_password(user) and super().check_token(user, token)


def reset_path(user: User) -> str:
    """The address of the page where `user` chooses a new password."""
    key = StaffTokenGenerator().make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
