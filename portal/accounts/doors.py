"""The staff's way in: the admin has no login page of its own, allauth (with a second factor) has it."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.generic import RedirectView

from portal.accounts import views

# Pages of allauth that exist here; every other one is closed, also those of its next releases.
WAY_IN = frozenset(
    {
        "account_login",
        "account_logout",
        "mfa_authenticate",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
    }
)
SECURITY_PAGES = frozenset(
    {
        "account_reauthenticate",
        "account_change_password",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
        "mfa_reauthenticate_webauthn",
    }
)
# Pages of allauth that the house makes otherwise. The passkeys are in the list of all the factors.
OURS: dict[str, Callable[..., Any]] = {
    "mfa_list_webauthn": RedirectView.as_view(pattern_name="mfa_index"),
    "mfa_remove_webauthn": views.remove_passkey,
    "mfa_reauthenticate_webauthn": views.passkey_again,
}


def _to_login(going_to: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': going_to})}")


def admin_login(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Send visitors to the staff login, staff to where they were going. Citizens have no business here: 403."""
    going_to = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(going_to, {request.get_host()}, require_https=request.is_secure()):
        going_to = reverse("admin:index")
    if not request.user.is_authenticated:
        return _to_login(going_to)
    if not (request.user.is_active and request.user.is_staff):
        raise PermissionDenied
    return redirect(going_to)


def closed(request: HttpRequest, **captured: Any) -> HttpResponse:
    """Sign-up and e-mail management of allauth do not exist here."""
    raise Http404


def staff_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for staff who are in: visitors go through the login, citizens are refused."""
    return _guarded(view, way_in=False)


def _guarded(view: Callable[..., HttpResponse], *, way_in: bool) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and not request.user.is_staff:
            raise PermissionDenied
        if not (way_in or request.user.is_authenticated):
            return _to_login(request.path)
        return view(request, *args, **kwargs)

    return guarded


def staff_pages(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """allauth's addresses, open to staff alone; what is not listed above answers 404."""
    pages: list[URLPattern | URLResolver] = []
    for each in patterns:
        if isinstance(each, URLResolver):
            pages.append(URLResolver(each.pattern, staff_pages(each.url_patterns), each.default_kwargs))
        elif each.name in WAY_IN | SECURITY_PAGES:
            view = _guarded(OURS.get(each.name, each.callback), way_in=each.name in WAY_IN)
            pages.append(URLPattern(each.pattern, view, each.default_args, each.name))
        else:
            pages.append(URLPattern(each.pattern, closed, {}, each.name))
    return pages
