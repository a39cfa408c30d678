"""Receipts that the node delivers: where they go before and after we judge them."""

from payments.domain.codes import PROBE_NAV
from payments.models import QuarantinedMessage
from payments.node import soap
from payments.node.faults import FaultCode, OversizeMessage, StationFault
from payments.node.lookup import route_of
from payments.node.messages import ReceiptRequest
from payments.services.receipts import receipt_judge_or_leave, receipt_quarantine, receipt_store

Reason = QuarantinedMessage.Reason
_REASON_OF = {FaultCode.ENTITY: Reason.ENTITY, FaultCode.BROKER: Reason.BROKER, FaultCode.STATION: Reason.STATION}


def receive(request: ReceiptRequest, *, raw: bytes) -> int:
    """Keep, then judge. Returns the body's id. Raises StationFault only when the receipt is not for us."""
    try:
        route = route_of(request.head)
    except StationFault as fault:
        receipt_quarantine(
            raw=raw, reason=_REASON_OF[fault.code], detail=request.head.entity, entity_id=fault.entity_id
        )
        if request.nav == PROBE_NAV:
            # The number that asks whether we are alive is never told that the body is wrong.
            raise StationFault(FaultCode.UNKNOWN, entity_id=fault.entity_id) from fault
        raise
    receipt_id = receipt_store(
        entity_id=route.entity_id, operation=request.operation.value, received=request.receipt, raw=raw
    )
    receipt_judge_or_leave(entity_id=route.entity_id, receipt_id=receipt_id)
    return route.entity_id


def room_for(head: bytes) -> int:
    """How many bytes a message may be, from how it begins."""
    return soap.MAX_RECEIPT_BYTES if _looks_like_a_receipt(head) else soap.MAX_BYTES


def keep_unreadable(raw: bytes, *, detail: str) -> None:
    """Keep what looks like a receipt although it is not valid: it may be the only trace of a payment."""
    if _looks_like_a_receipt(raw):
        receipt_quarantine(raw=raw, reason=Reason.MALFORMED, detail=detail)


def keep_beginning(message: OversizeMessage) -> None:
    """Keep how a receipt begins that is too large to be taken: who paid what is there, before its attachments."""
    if _looks_like_a_receipt(message.head):
        receipt_quarantine(raw=message.head, reason=Reason.OVERSIZE, detail=message.reason, size=message.size)


def _looks_like_a_receipt(raw: bytes) -> bool:
    # Two bytes a letter, in some encodings.
    return b"paSendRT" in raw.replace(b"\0", b"")
