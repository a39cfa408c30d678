"""Views that ask for a digital identity of a certain strength."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from portal.people.session import identity_level

View = Callable[..., HttpResponseBase]


def level_required(level: int) -> Callable[[View], View]:
    """The view opens to citizens logged in at SPID `level` (1-3) or more; the others go through the login."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if request.user.is_authenticated and not request.user.is_staff and identity_level(request) >= level:
                return view(request, *args, **kwargs)
            back = request.get_full_path() if request.method in {"GET", "HEAD"} else request.path
            query = urlencode({"next": back, "livello": level})
            return HttpResponseRedirect(f"{reverse('spid_auth:choose')}?{query}")

        return guarded

    return decorate
