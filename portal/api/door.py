"""The door of the services: what other systems send goes straight to its view, before sessions, forms and languages.

What people get as a page, a system gets as a problem: a refusal, an address that does not exist, a request too large.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _

from portal.api.problems import problem

PREFIX = "/api/"


class ServiceDoorMiddleware:
    """Lets everybody else through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        with translation.override(settings.LANGUAGE_CODE):
            response = _refused(request) or _answered(request)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _refused(request: HttpRequest) -> HttpResponseBase | None:
    """Before anything is read: too much, or a NUL, which is in no address and in no table."""
    declared = str(request.META.get("CONTENT_LENGTH") or "0")
    if declared.isascii() and declared.isdigit() and int(declared) > settings.LARGEST_DOCUMENT:
        most = {"most": settings.LARGEST_DOCUMENT // (1024 * 1024)}
        text = _("La richiesta è troppo grande: al massimo %(most)s MB in una volta.") % most
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)
    if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        return problem(HTTPStatus.BAD_REQUEST, _("L'indirizzo contiene caratteri non ammessi."))
    return None


def _answered(request: HttpRequest) -> HttpResponseBase:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return problem(HTTPStatus.NOT_FOUND, _("Questo indirizzo non esiste."))
    request.resolver_match = match
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response.render() if hasattr(response, "render") else response
