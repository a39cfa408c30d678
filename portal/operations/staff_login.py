"""The staff's way in: the admin has no login page of its own, allauth (with a second factor) has it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode


def admin_login(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Send visitors to the staff login, staff to where they were going. Citizens have no business here: 403."""
    going_to = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(going_to, {request.get_host()}, require_https=request.is_secure()):
        going_to = reverse("admin:index")
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': going_to})}")
    if not (request.user.is_active and request.user.is_staff):
        raise PermissionDenied
    return redirect(going_to)


def closed(request: HttpRequest, path: str = "") -> HttpResponse:
    """Sign-up, password reset and e-mail management of allauth do not exist here."""
    raise Http404
