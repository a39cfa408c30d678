"""Who may open the personal area."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from portal.people.acting import Acting
from portal.people.http import PortalRequest


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


def _not_a_citizen(request: PortalRequest) -> HttpResponse:
    return render(request, "portal/site/area/staff.html", status=403)
