"""Sessions of the staff that end by themselves, and nothing to open without the second factor one must have."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from portal import clock
from portal.accounts import session
from portal.accounts.selectors import factors_of, must_have_second_factor
from portal.accounts.services import AccountLocked

# What is open before the second factor is there, and before it is shown in this session.
ALWAYS = frozenset({"account_login", "account_logout", "site:logout", "admin:logout", "set_language", "status"})
TO_ENROL = ALWAYS | {"accounts:second_factor", "account_reauthenticate", "mfa_activate_totp", "mfa_add_webauthn"}
TO_SHOW = ALWAYS | {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}


class StaffSessionMiddleware:
    """Half an hour without use, or twelve hours, and the staff come in again. Citizens' sessions are not touched.

    Stands before the scope is made: from here on the visitor is a stranger, and the page itself sends to the login.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated and request.user.is_staff and not session.still_good(request.session):
            logout(request)
            messages.warning(request, _("La sessione è scaduta: per sicurezza entra di nuovo."))
        return self.get_response(request)


class SecondFactorMiddleware:
    """Whoever must have a second factor sets it up, and shows it, before anything else opens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Led to set it up (or to show it); what was sent is not done."""
        user = request.user
        if not (user.is_authenticated and user.is_staff):
            return None
        if not must_have_second_factor(user, request.staff_roles):  # type: ignore[attr-defined]
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        factors = factors_of(user)
        if not factors:
            return None if name in TO_ENROL else _lead(request, reverse("accounts:second_factor"))
        if session.made_second_step(request.session, user) or name in TO_SHOW:
            return None
        by_app = Authenticator.Type.TOTP in factors
        page = reverse("mfa_reauthenticate" if by_app else "mfa_reauthenticate_webauthn")
        back = request.get_full_path() if request.method == "GET" else reverse("admin:index")
        return _lead(request, f"{page}?{urlencode({'next': back})}")

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of the locked door, the same for every name."""
        if not isinstance(exception, AccountLocked):
            return None
        context = {"until": exception.until}
        page = render(request, "account/locked.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
        page.headers["Retry-After"] = str(max(1, int((exception.until - clock.now()).total_seconds())))
        return page


def _lead(request: HttpRequest, page: str) -> HttpResponse:
    if request.method in {"GET", "HEAD"}:
        return redirect(page)
    return render(request, "account/second_factor_first.html", {"page": page}, status=HTTPStatus.FORBIDDEN)
