"""POST /pagopa/node: the address the node calls. No session, no cookies, no CSRF token."""

import logging

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.node import answering, delivery, soap, writing
from payments.node.calls import Call, is_the_node, limited_body
from payments.node.faults import FaultCode, OversizeMessage, StationFault, UnreadableMessage
from payments.node.messages import DemandRequest, NoticeRequest, Operation, ReceiptRequest
from portal import clock

CONTENT_TYPE = "text/xml; charset=utf-8"
logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def node(request: HttpRequest) -> HttpResponse:
    """Answer one call. 200 with OK or KO when the operation is ours, 4xx when it is not, 503 when we cannot answer."""
    call = Call(CONTENT_TYPE)
    if not is_the_node(request):
        return call.respond(soap.soap_fault("client certificate refused"), status=403)
    try:
        return _readable(call, request)
    except (OperationalError, InterfaceError):
        # Any KO would be final for a receipt; this way the node tries again.
        logger.exception("the station cannot reach its database")
        response = call.respond(b"", status=503)
        response.headers["Retry-After"] = "60"
        return response


def _readable(call: Call, request: HttpRequest) -> HttpResponse:
    try:
        call.body = limited_body(request, limit=soap.MAX_BYTES, more=delivery.room_for)
        return _answer(call)
    except OversizeMessage as error:
        call.body = error.head
        delivery.keep_beginning(error)
        return call.respond(soap.soap_fault(error.reason), status=error.status)
    except UnreadableMessage as error:
        delivery.keep_unreadable(call.body, detail=error.reason)
        return call.respond(soap.soap_fault(error.reason), status=error.status)


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
        call.fault, call.entity_id = fault.code.value, fault.entity_id
        return call.respond(soap.fault_answer(operation, fault, emitter=emitter))
    call.outcome = "OK"
    return call.respond(content)


def _serve(
    call: Call, operation: Operation, request: NoticeRequest | ReceiptRequest | DemandRequest, *, emitter: str
) -> bytes:
    if isinstance(request, ReceiptRequest):
        call.entity_id = delivery.receive(request, raw=call.body)
        root = soap.answer_element(operation, "OK")
    elif isinstance(request, DemandRequest):
        call.entity_id, found = answering.demand(request, on=clock.today())
        call.nav = found.nav
        root = writing.demand_element(found)
    elif operation is Operation.VERIFY:
        call.entity_id, found = answering.verify(request, on=clock.today())
        root = writing.verify_element(found)
    else:
        call.entity_id, payment = answering.payment(request, on=clock.today())
        root = writing.payment_element(operation, payment)
    return soap.finished_answer(operation, root, emitter=emitter)
