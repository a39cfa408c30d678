"""The language of the pages: Italian, or the one the visitor chose. Never guessed from the browser: half-translated
pages help nobody, and the declared language of the page must be the true one."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

from portal.site.chrome import offered_languages

OFFICE = "/admin/"


class ChosenLanguageMiddleware:
    """Reads the language cookie; the office works in Italian."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if request.path.startswith(OFFICE) or wanted not in offered_languages():
            wanted = settings.LANGUAGE_CODE
        with translation.override(wanted):
            request.LANGUAGE_CODE = wanted
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", wanted)
        return response
