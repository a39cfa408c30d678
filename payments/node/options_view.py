"""POST /pagopa/payment-options/organizations/{body}/notices/{number}: the REST side of the station."""

import json
import logging
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.node import options
from payments.node.calls import Call, is_the_node, limited_body
from payments.node.faults import FAULT_TEXTS, FaultCode, StationFault, UnreadableMessage
from portal import clock

OPERATION = "paVerifyPaymentOptions"
# Nothing is asked in the body: what is sent is only counted in the journal.
MAX_BYTES = 16 * 1024
# The service's own codes, each with its HTTP status.
ERRORS: dict[FaultCode, tuple[str, int]] = {
    FaultCode.SYNTAX: ("ODP-101", 400),
    FaultCode.SYSTEM: ("ODP-103", 500),
    FaultCode.ENTITY: ("ODP-104", 400),
    FaultCode.UNKNOWN: ("ODP-107", 404),
    FaultCode.DUPLICATE: ("ODP-108", 409),
    FaultCode.EXPIRED: ("ODP-110", 422),
    FaultCode.CANCELLED: ("ODP-111", 422),
}
# The service names the first one without the schema it has not.
NAMES = {FaultCode.SYNTAX: "PAA_SINTASSI"}
logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def payment_options(request: HttpRequest, entity: str, nav: str) -> HttpResponse:
    """Answer one call: 200 with every option, or an error of the service's table."""
    call = Call("application/json", operation=OPERATION, nav=nav if options.is_number(nav) else "")
    if not is_the_node(request):
        return call.respond(_error("client certificate refused", status=403), status=403)
    try:
        call.body = limited_body(request, limit=MAX_BYTES)
        call.entity_id, answer = options.payment_options(entity=entity, nav=nav, on=clock.today())
    except UnreadableMessage:
        return _refused(call, StationFault(FaultCode.SYNTAX))
    except StationFault as fault:
        return _refused(call, fault)
    except (OperationalError, InterfaceError):
        logger.exception("the station cannot reach its database")
        return _refused(call, StationFault(FaultCode.SYSTEM))
    call.outcome = "OK"
    return call.respond(json.dumps(answer, ensure_ascii=False).encode())


def _refused(call: Call, fault: StationFault) -> HttpResponse:
    code, status = ERRORS[fault.code]
    name = NAMES.get(fault.code, fault.code.value)
    call.fault, call.entity_id = fault.code.value, fault.entity_id
    return call.respond(_error(f"{name} {FAULT_TEXTS[fault.code]}", status=status, code=code), status=status)


def _error(message: str, *, status: int, code: str = "") -> bytes:
    now = clock.now()
    answer = {
        "httpStatusCode": status,
        "httpStatusDescription": HTTPStatus(status).phrase,
        "errorMessage": message,
        "timestamp": int(now.timestamp()),
        "dateTime": now.astimezone(clock.ROME).replace(tzinfo=None).isoformat(),
    }
    if code:
        answer["appErrorCode"] = code
    return json.dumps(answer, ensure_ascii=False).encode()
