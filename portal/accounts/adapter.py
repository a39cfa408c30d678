"""allauth serves the staff alone: nobody signs up, and no password is sent by e-mail."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class StaffAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Citizens come in with SPID, CIE or eIDAS; staff accounts are made by the body's administrator."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("Il nome utente o la password non sono giusti."),
        "too_many_login_attempts": _("Troppi tentativi non riusciti. Riprova fra qualche minuto."),
        "incorrect_password": _("La password non è giusta."),
        "enter_current_password": _("La password attuale non è giusta."),
        "rate_limited": _("Troppi tentativi in poco tempo. Riprova fra qualche minuto."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_login")
