"""The process that plays the counterparts: its own addresses, no session, no cookie of the portal."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from whitenoise.middleware import WhiteNoiseMiddleware

from portal.operations.sandbox.pages import page

URLCONF = "portal.operations.sandbox.root"
# The identity provider and the checkout send the visitor back to the portal with a form: hence form-action.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self' {portal}; base-uri 'none'; frame-ancestors 'none'"
)


class SandboxMiddleware:
    """Sends each request to the sandbox's addresses, in Italian, under its own content policy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.urlconf = URLCONF
        with translation.override("it"):
            response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY.format(portal=settings.PORTAL_BASE_URL))
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class SandboxHandler(WSGIHandler):
    """Django's handler with the sandbox's two middlewares in place of the portal's."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        inner: Any = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        answer = convert_exception_to_response(SandboxMiddleware(inner))
        self._middleware_chain = convert_exception_to_response(WhiteNoiseMiddleware(answer))


class QuietRequestHandler(WSGIRequestHandler):
    """No line for each request: addresses may carry personal data."""

    def log_message(self, format: str, *args: Any) -> None:
        return


class SandboxServer(ThreadedWSGIServer):
    """One thread for each request, which leaves no connection to the database open and does not outlive the process."""


def sandbox_application() -> SandboxHandler:
    """The WSGI application. Raises ImproperlyConfigured in production, where no counterpart may be played."""
    if settings.PRODUCTION:
        raise ImproperlyConfigured("L'ambiente dimostrativo non può essere acceso in produzione.")
    return SandboxHandler()


def sandbox_server(host: str, port: int) -> SandboxServer:
    """The server, bound and not yet serving (`serve_forever`). Port 0 lets the kernel choose."""
    server = SandboxServer((host, port), QuietRequestHandler)
    server.set_app(sandbox_application())
    return server


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page("portal/operations/sandbox/not_found.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    return page("portal/operations/sandbox/broken.html", status=500)
