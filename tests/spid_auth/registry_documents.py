"""Registries made by hand, and a server that gives them as it is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from spid_auth.saml import backend
from spid_auth.saml.metadata import certificate_body
from tests.spid_auth.factory import keys

A, B = "https://a.example", "https://b.example"
_MD = 'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


def entity(entity_id: str, name: str, *pairs: str, until: str = "") -> bytes:
    """A provider that signs with the keys of these names ("idp")."""
    stated = "".join(
        '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
        f"{certificate_body(keys(pair).certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for pair in pairs or ("idp",)
    )
    valid = f' validUntil="{until}"' if until else ""
    identifier = f"_{entity_id.encode().hex()[:24]}"
    host = entity_id if entity_id.startswith("http") else B
    return (
        f'<md:EntityDescriptor {_MD} ID="{identifier}" entityID="{entity_id}"{valid}><md:IDPSSODescriptor>'
        f'{stated}<md:SingleLogoutService Binding="{_POST}" Location="{host}/slo"/>'
        f'<md:SingleSignOnService Binding="{_POST}" Location="{host}/sso"/></md:IDPSSODescriptor><md:Organization>'
        f'<md:OrganizationDisplayName xml:lang="en">Not this</md:OrganizationDisplayName>'
        f'<md:OrganizationDisplayName xml:lang="it">{name}</md:OrganizationDisplayName></md:Organization>'
        "</md:EntityDescriptor>"
    ).encode()


def aggregate(*entities: bytes, until: str = "") -> bytes:
    """All of them together, without signature."""
    valid = f' validUntil="{until}"' if until else ""
    return (
        f'<md:EntitiesDescriptor {_MD} ID="_registro"{valid}>'.encode()
        + b"".join(entities)
        + b"</md:EntitiesDescriptor>"
    )


def signed(document: bytes, by: str = "registry") -> bytes:
    return backend.sign(backend.parse(document), keys(by))


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def served(answer: Answer) -> Iterator[str]:
    """A server on this machine that answers every GET so. Gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/registro"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def gives(content: bytes, *, status: int = 200, announced: int | None = None) -> Answer:
    """An answer with this body, announced with another length if told so."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(content) if announced is None else announced))
        request.end_headers()
        request.wfile.write(content)

    return answer


def redirects(where: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", where)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer
