"""A browser between the portal and the provider of the sandbox, which is served over real HTTP."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from django.test import Client

from portal.operations.sandbox.server import sandbox_server
from spid_auth.models import AuthnTransaction, IdentityProvider
from tests.spid_auth.browser_like import NEXT

Answer = tuple[int, bytes]


class _Token(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.value = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input" and found.get("name") == "token":
            self.value = found.get("value") or ""


@contextmanager
def served_sandbox(settings: Any) -> Iterator[str]:
    """The sandbox in a thread, on a port of its own."""
    server = sandbox_server("127.0.0.1", 0)
    settings.SANDBOX_BASE_URL = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield settings.SANDBOX_BASE_URL
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def served_provider(settings: Any, routes: dict[str, Callable[[], Answer]]) -> Iterator[str]:
    """A provider that answers what the test wants at each path; everything else is 404."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            route = routes.get(urlsplit(self.path).path)
            status, body = route() if route else (404, b"")
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", body.decode())
                body = b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            # A client that had enough hangs up.
            try:
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    settings.SANDBOX_BASE_URL = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"{settings.SANDBOX_BASE_URL}/op"
    server.shutdown()
    thread.join()
    server.server_close()


def as_json(value: object, status: int = 200) -> Callable[[], Answer]:
    return lambda: (status, json.dumps(value).encode())


def leave(browser: Client, idp: IdentityProvider, **query: str) -> str:
    """Press the button of the provider. Where the browser is sent."""
    sent = browser.get("/spid/accedi/", {"idp": str(idp.pk), "next": NEXT} | query)
    assert sent.status_code == 302
    gone = browser.get(sent["Location"])
    assert gone.status_code == 302, gone.content.decode()
    return str(gone["Location"])


def at_the_provider(address: str, person: str = "giulia", choice: str = "consent") -> str:
    """Through the pages of the provider, over HTTP, to the address it sends the browser back to."""
    visitor = requests.Session()
    listed = visitor.get(address, timeout=10)
    assert listed.status_code == 200, listed.text
    base = address.partition("/authorize")[0]
    asked = visitor.post(f"{base}/consenso", {"token": _Token(listed.text).value, "person": person}, timeout=10)
    assert asked.status_code == 200, asked.text
    fields = {"token": _Token(asked.text).value, "person": person, "choice": choice}
    answered = visitor.post(f"{base}/risposta", fields, timeout=10, allow_redirects=False)
    assert answered.status_code == 302, answered.text
    return str(answered.headers["Location"])


def come_back(browser: Client, address: str) -> Any:
    """The browser follows the provider's redirect."""
    parts = urlsplit(address)
    return browser.get(f"{parts.path}?{parts.query}")


def log_in(
    browser: Client, idp: IdentityProvider, person: str = "giulia", choice: str = "consent", **query: str
) -> Any:
    return come_back(browser, at_the_provider(leave(browser, idp, **query), person, choice))


def parameters(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def last() -> AuthnTransaction:
    started = AuthnTransaction.objects.order_by("-pk").first()
    assert started
    return started
