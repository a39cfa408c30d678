"""The language of a page, and the page of a rule that said no."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation

from portal.kernel.errors import DomainError
from portal.site.chrome import offered_languages

logger = logging.getLogger("portal.site")

OFFICE = "/admin/"


class ChosenLanguageMiddleware:
    """Italian, or the language the visitor chose (a cookie); the office works in Italian.

    Never guessed from the browser: half-translated pages help nobody, and a page must declare its true language.
    """

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


class RefusalMiddleware:
    """A rule that said no and that no view expected is told to the person in its own words, not as a breakdown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page for a DomainError; every other error goes its way."""
        if not isinstance(exception, DomainError):
            return None
        logger.warning("refused by a rule: %s", exception.code)
        return render(request, "portal/site/refused.html", {"message": exception.message}, status=HTTPStatus.CONFLICT)
