"""allauth serves the staff alone: nobody signs up, and every password is judged behind the lock."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts import services
from portal.accounts.backends import may_use_password

WRONG_CODE = _("Codice errato, o già usato. Aspetta il prossimo e riprova.")


class StaffAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Citizens come in with SPID, CIE or eIDAS; staff accounts are made by the body's administrator."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("Il nome utente o la password non sono giusti."),
        "too_many_login_attempts": _("Troppi tentativi non riusciti. Riprova fra qualche minuto."),
        "incorrect_password": _("La password non è giusta."),
        "enter_current_password": _("La password attuale non è giusta."),
        "rate_limited": _("Troppi tentativi in poco tempo. Riprova fra qualche minuto."),
        "incorrect_code": WRONG_CODE,
        "invalid_password_reset": _("Il collegamento non vale più."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_login")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Whoever changed the password comes in again with the new one."""
        return reverse("account_login")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """The account behind a name and a password, if it is of active staff. Raises AccountLocked.

        Wrong password, unknown name, citizen and former colleague get one answer, after the same work.
        """
        lock_id = services.attempt_begin(name=str(credentials.get("username") or ""))
        try:
            user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        except ValidationError:  # the brake on the address: nothing was judged
            services.attempt_right(lock_id=lock_id)
            raise
        if not may_use_password(user):
            services.attempt_wrong(lock_id=lock_id, step="password")
            return None
        services.attempt_right(lock_id=lock_id)
        return user
