"""Errors of the services as other systems read them: application/problem+json (RFC 9457), in Italian."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.response import Response

from portal.kernel.errors import DomainError

logger = logging.getLogger("portal.api")
PROBLEM = "application/problem+json"
TITLES = {
    400: gettext_lazy("Richiesta non valida"),
    401: gettext_lazy("Chiave mancante o non valida"),
    403: gettext_lazy("Operazione non permessa"),
    404: gettext_lazy("Non trovato"),
    405: gettext_lazy("Metodo non ammesso"),
    406: gettext_lazy("Formato di risposta non disponibile"),
    409: gettext_lazy("Non si può fare adesso"),
    413: gettext_lazy("Documento troppo grande"),
    415: gettext_lazy("Tipo di contenuto non ammesso"),
    422: gettext_lazy("Documento non elaborabile"),
    429: gettext_lazy("Troppe richieste"),
    500: gettext_lazy("Errore del servizio"),
}


class Unprocessable(exceptions.APIException):
    """Well written, and still nothing that can be done (422). `errors` says why, one by one."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY

    def __init__(self, detail: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(detail)
        self.errors = errors or []


class TooLarge(exceptions.APIException):
    """More than the service takes at once (413)."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


def body_of(code: int, detail: str, **more: Any) -> dict[str, Any]:
    """The members of a problem."""
    return {
        "type": "about:blank",
        "title": str(TITLES.get(code, TITLES[400])),
        "status": code,
        "detail": detail,
        **more,
    }


def problem(code: int, detail: str, headers: Mapping[str, str] | None = None) -> JsonResponse:
    """A problem told outside the views."""
    return JsonResponse(body_of(code, detail), status=code, content_type=PROBLEM, headers=dict(headers or {}))


def handler(error: Exception, context: dict[str, Any]) -> Response:
    """Every error of a view as a problem; one that nobody expected is written in the log and tells nothing outside."""
    headers: dict[str, str] = {}
    more: dict[str, Any] = {}
    if isinstance(error, exceptions.APIException):
        code, detail = error.status_code, _detail(error)
        if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
            headers["WWW-Authenticate"] = "Bearer"
        if isinstance(error, exceptions.Throttled):
            headers["Retry-After"] = str(int(error.wait or 60))
        if isinstance(error, Unprocessable) and error.errors:
            more["errors"] = error.errors
    elif isinstance(error, Http404):
        code, detail = HTTPStatus.NOT_FOUND, _("Qui non c'è niente con questo nome.")
    elif isinstance(error, PermissionDenied):
        code, detail = HTTPStatus.FORBIDDEN, _("La chiave non permette questa operazione.")
    elif isinstance(error, SuspiciousOperation):
        code, detail = HTTPStatus.BAD_REQUEST, _("La richiesta ha troppi campi o troppi file.")
    elif isinstance(error, DomainError):
        code, detail = HTTPStatus.CONFLICT, error.message
    else:
        logger.error("a service failed", exc_info=error)
        code, detail = HTTPStatus.INTERNAL_SERVER_ERROR, _("Qualcosa non ha funzionato: riprova più tardi.")
    response = Response(body_of(int(code), detail, **more), status=int(code), headers=headers)
    response.content_type = PROBLEM
    return response


def _detail(error: exceptions.APIException) -> str:
    """What DRF would say in its own words, in ours."""
    said = {
        exceptions.NotAuthenticated: _("Manda la chiave nell'intestazione «Authorization: Bearer …»."),
        exceptions.Throttled: _("Aspetta un minuto e riprova."),
        exceptions.MethodNotAllowed: _("Questo indirizzo non ammette questo metodo."),
        exceptions.UnsupportedMediaType: _("Questo tipo di contenuto non si può mandare qui."),
        exceptions.NotAcceptable: _("La risposta è sempre in JSON."),
        exceptions.ParseError: _("Il contenuto della richiesta non si legge."),
    }
    return next((text for kind, text in said.items() if isinstance(error, kind)), str(error.detail))
