"""The language of a page, and the page of a rule that said no."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from portal.kernel.errors import DomainError
from portal.site.chrome import offered_languages
from portal.words import told

logger = logging.getLogger("portal.site")

OFFICE = ("/admin/", "/personale/")


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
        """Before anything is read: too much, or a NUL, which is in no address and in no table."""
        declared = str(request.META.get("CONTENT_LENGTH") or "0")
        largest = settings.LARGE_BODIES.get(request.path_info, settings.LARGEST_BODY)
        if declared.isascii() and declared.isdigit() and int(declared) > largest:
            text = _("Hai mandato un file troppo grande: al massimo %(most)s MB in una volta.")
            most = {"most": largest // (1024 * 1024)}
            return _refused(request, text % most, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return render(request, "400.html", status=HTTPStatus.BAD_REQUEST)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """A mandate that ended a moment ago: the page says why, and what was sent in the company's name is not done
        in the person's."""
        why = getattr(request, "mandate_ended", "")
        if not why:
            return None
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            messages.warning(request, why)
            return None
        not_done = _("Non abbiamo eseguito l'operazione.")
        return _refused(request, f"{why} {not_done}", HTTPStatus.CONFLICT)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page for a DomainError; every other error goes its way."""
        if not isinstance(exception, DomainError):
            return None
        logger.warning("refused by a rule: %s", exception.code)
        return _refused(request, told(exception), HTTPStatus.CONFLICT)


def _refused(request: HttpRequest, message: str, status: HTTPStatus) -> HttpResponse:
    return render(request, "portal/site/refused.html", {"message": message}, status=status)
