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
from payments.node.faults import OversizeMessage
from payments.node.journal import journal
from portal import clock

# How much of a message is read before its length is judged.
HEAD_BYTES = 64 * 1024
# A sender may declare any number; the table holds these.
MOST = 2**63 - 1
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


def limited_body(request: HttpRequest, *, limit: int, more: Callable[[bytes], int] | None = None) -> bytes:
    """The body of a request, at most `limit` bytes, or as many as `more` grants who has seen how it begins.

    Raises OversizeMessage beyond them, with the beginning alone: the rest is never read.
    """
    first = min(limit, HEAD_BYTES)
    head = request.read(first)
    if len(head) < first:
        return head
    # The server hands over what was declared and no more; without a declaration, nothing at all.
    size = int(request.META["CONTENT_LENGTH"])
    if size > (limit if more is None else more(head)):
        raise OversizeMessage(head, size=min(size, MOST))
    return head + request.read(size - first)
