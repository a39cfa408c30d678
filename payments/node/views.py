"""POST /pagopa/node: the address the node calls. No session, no cookies, no CSRF token."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from time import perf_counter_ns

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments import conf
from payments.models import NodeCall
from payments.node import answering, delivery, soap, writing
from payments.node.faults import FaultCode, StationFault, UnreadableMessage
from payments.node.messages import NoticeRequest, Operation, ReceiptRequest
from portal import clock

CONTENT_TYPE = "text/xml; charset=utf-8"
FINGERPRINT_HEADER = "X-Client-Fingerprint"
logger = logging.getLogger(__name__)


class StationResponse(HttpResponse):
    """Runs `afterwards` when the server has sent the answer: the journal costs the node nothing."""

    def __init__(self, content: bytes, *, status: int, afterwards: Callable[[], None]) -> None:
        super().__init__(content, status=status, content_type=CONTENT_TYPE)
        self._afterwards = afterwards

    def close(self) -> None:
        """Called once by the server, after the last byte."""
        self._afterwards()
        super().close()


@dataclass(slots=True)
class Call:
    """What the journal will say of this call."""

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
        return StationResponse(content, status=status, afterwards=lambda: self._write(microseconds))

    def _write(self, microseconds: int) -> None:
        try:
            NodeCall.objects.create(
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
        except DatabaseError:
            # The answer has already left: a missing row of the journal must not become an error of the call.
            logger.exception("journal of the node: a call was not recorded")


@csrf_exempt
@require_POST
def node(request: HttpRequest) -> HttpResponse:
    """Answer one call. 200 with OK or KO when the operation is ours, 4xx when it is not, 503 when we cannot answer."""
    call = Call()
    if not _is_the_node(request):
        return call.respond(soap.soap_fault("client certificate refused"), status=403)
    try:
        call.body = _body(request)
        return _answer(call)
    except UnreadableMessage as error:
        delivery.keep_unreadable(call.body, detail=error.reason)
        return call.respond(soap.soap_fault(error.reason), status=error.status)
    except (OperationalError, InterfaceError):
        # Any KO would be final for a receipt; this way the node tries again.
        logger.exception("the station cannot reach its database")
        return HttpResponse(status=503, headers={"Retry-After": "60"})


def _is_the_node(request: HttpRequest) -> bool:
    """The proxy ends mutual TLS and passes the certificate's fingerprint. In production no list means nobody."""
    allowed = conf.client_fingerprints()
    fingerprint = request.headers.get(FINGERPRINT_HEADER, "").replace(":", "").lower()
    return fingerprint in allowed if allowed else not settings.PRODUCTION


def _body(request: HttpRequest) -> bytes:
    body = request.read(soap.MAX_BYTES + 1)
    if len(body) > soap.MAX_BYTES:
        raise UnreadableMessage("message too large", status=413)
    return body


def _answer(call: Call) -> HttpResponse:
    operation, element = soap.open_envelope(call.body)
    call.operation = operation.value
    emitter = (element.findtext("idPA") or "")[:35]
    try:
        request = soap.read_request(operation, element)
        call.nav = request.nav
        content = _serve(call, operation, request, emitter=emitter)
    except StationFault as fault:
        if fault.code in (FaultCode.SYNTAX, FaultCode.USE):
            delivery.keep_unreadable(call.body, detail=fault.detail)
        call.fault = fault.code.value
        return call.respond(soap.fault_answer(operation, fault, emitter=emitter))
    call.outcome = "OK"
    return call.respond(content)


def _serve(call: Call, operation: Operation, request: NoticeRequest | ReceiptRequest, *, emitter: str) -> bytes:
    if isinstance(request, ReceiptRequest):
        call.entity_id = delivery.receive(request, raw=call.body)
        root = soap.answer_element(operation, "OK")
    elif operation is Operation.VERIFY:
        call.entity_id, found = answering.verify(request, on=clock.today())
        root = writing.verify_element(found)
    else:
        call.entity_id, payment = answering.payment(request, on=clock.today())
        root = writing.payment_element(operation, payment)
    return soap.finished_answer(operation, root, emitter=emitter)
