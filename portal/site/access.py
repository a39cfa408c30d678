"""Who may open the personal area."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render

from portal.people.acting import Acting
from portal.people.http import PortalRequest
from portal.people.session import identity_level


class CitizenHttpRequest(PortalRequest):
    """A request behind `citizen_required`: somebody is acting."""

    acting: Acting


View = Callable[..., HttpResponseBase]


def citizen_required(view: View) -> View:
    """Visitors go through the login and come back; staff are told that the area belongs to citizens."""

    @wraps(view)
    def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.acting is not None:
            return view(request, *args, **kwargs)
        if request.user.is_staff:
            return _not_a_citizen(request)
        return redirect_to_login(request.get_full_path())

    return guarded


def level_required(level: int) -> Callable[[View], View]:
    """The view opens to citizens logged in at SPID `level` (1-3) or more; the others go through the login."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not request.user.is_staff and identity_level(request) >= level:
                return view(request, *args, **kwargs)
            return login_at(level, back=request.get_full_path() if request.method in {"GET", "HEAD"} else request.path)

        return guarded

    return decorate


def login_at(level: int, *, back: str) -> HttpResponseRedirect:
    """To the login, at a level of assurance (1-3), and then back to a path. Who is in with less logs in again."""
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': back, 'livello': level})}")


def _not_a_citizen(request: PortalRequest) -> HttpResponse:
    return render(request, "portal/site/area/staff.html", status=403)
