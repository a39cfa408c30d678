"""One call of the node while it is served: who may call, what it said, and the row of the journal that follows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from time import perf_counter_ns

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from payments import conf
from payments.models import NodeCall
from payments.node.faults import UnreadableMessage
from payments.node.journal import journal
from portal import clock

FINGERPRINT_HEADER = "HTTP_X_CLIENT_FINGERPRINT"


class StationResponse(HttpResponse):
    """Runs `afterwards` when the server has sent the answer: the journal costs the node nothing."""

    def __init__(self, content: bytes, *, status: int, content_type: str, afterwards: Callable[[], None]) -> None:
        super().__init__(content, status=status, content_type=content_type)
        self._afterwards = afterwards

    def close(self) -> None:
        """Called once by the server, after the last byte."""
        self._afterwards()
        super().close()


@dataclass(slots=True)
class Call:
    """What the journal will say of this call: codes and times, the hash of the body, nobody's name."""

    content_type: str
    at: datetime = field(default_factory=clock.now)
    started: int = field(default_factory=perf_counter_ns)
    entity_id: int | None = None
    operation: str = ""
    nav: str = ""
    outcome: str = "KO"
    fault: str = ""
    status: int = 200
    body: bytes = b""

    def respond(self, content: bytes, *, status: int = 200) -> StationResponse:
        """The answer; its row of the journal follows it."""
        self.status = status
        microseconds = (perf_counter_ns() - self.started) // 1000
        return StationResponse(
            content,
            status=status,
            content_type=self.content_type,
            afterwards=lambda: journal.add(self._row(microseconds)),
        )

    def _row(self, microseconds: int) -> NodeCall:
        return NodeCall(
            entity_id=self.entity_id,
            at=self.at,
            operation=self.operation,
            nav=self.nav,
            outcome=self.outcome,
            fault_code=self.fault,
            status=self.status,
            duration_us=microseconds,
            body_sha256=sha256(self.body).hexdigest(),
        )


def is_the_node(request: HttpRequest) -> bool:
    """The proxy ends mutual TLS and passes the certificate's fingerprint. In production no list means nobody."""
    allowed = conf.client_fingerprints()
    fingerprint = request.META.get(FINGERPRINT_HEADER, "").replace(":", "").lower()
    return fingerprint in allowed if allowed else not settings.PRODUCTION


def limited_body(request: HttpRequest, *, limit: int) -> bytes:
    """The body of a request, at most `limit` bytes. Raises UnreadableMessage beyond them."""
    declared = request.META.get("CONTENT_LENGTH") or ""
    refused = declared.isascii() and declared.isdigit() and int(declared) > limit
    body = b"" if refused else request.read(limit + 1)
    if refused or len(body) > limit:
        raise UnreadableMessage("message too large", status=413)
    return body
