"""Who may open the personal area."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

View = Callable[..., HttpResponseBase]


def citizen_required(view: View) -> View:
    """Visitors go through the login and come back; staff are told that the area belongs to citizens."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.acting is not None:
            return view(request, *args, **kwargs)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return _not_a_citizen(request)

    return guarded


def _not_a_citizen(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/site/area/staff.html", status=403)
