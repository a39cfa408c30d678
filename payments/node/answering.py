"""What the station answers to verify and activation. Read-only: the node owns locks and tokens, not us."""

from datetime import date

from django_scopes import scope

from payments import conf
from payments.domain.codes import PROBE_NAV
from payments.models import Transfer
from payments.node.demand import demanded
from payments.node.faults import FaultCode, StationFault
from payments.node.lookup import FoundNotice, payable_notice, route_of
from payments.node.messages import (
    DemandRequest,
    DueTransfer,
    NoticeRequest,
    Operation,
    PaymentAnswer,
    VerifyAnswer,
)


def verify(request: NoticeRequest, *, on: date) -> tuple[int, VerifyAnswer]:
    """The body's id and the answer, in one query. Raises StationFault."""
    notice = _notice(request, on=on)
    return notice.entity_id, _described(notice, entity=request.entity)


def demand(request: DemandRequest, *, on: date) -> tuple[int, VerifyAnswer]:
    """The body's id and the notice made on the spot, on whatever station its kind of debt uses: the node reads it in
    the new number, and goes there to have it paid. Raises StationFault.
    """
    route = route_of(request.head)
    nav = demanded(request, entity_id=route.entity_id)
    notice = payable_notice(request.head, nav=nav, on=on, any_station=True)
    return route.entity_id, _described(notice, entity=request.head.entity, nav=nav)


def _described(notice: FoundNotice, *, entity: str, nav: str = "") -> VerifyAnswer:
    return VerifyAnswer(
        cents=notice.cents,
        due_on=notice.due_on,
        description=notice.description,
        all_postal=notice.all_postal,
        entity=entity,
        company=notice.company,
        office=notice.office,
        nav=nav,
    )


def payment(request: NoticeRequest, *, on: date) -> tuple[int, PaymentAnswer]:
    """The body's id and everything needed to pay. Raises StationFault."""
    notice = _notice(request, on=on)
    return notice.entity_id, PaymentAnswer(
        iuv=notice.iuv,
        cents=notice.cents,
        due_on=notice.payable_until,
        description=notice.description,
        company=notice.company,
        office=notice.office,
        debtor=notice.debtor,
        transfers=_transfers(request, notice),
    )


def _notice(request: NoticeRequest, *, on: date) -> FoundNotice:
    if request.nav == PROBE_NAV:
        # The node asks whether we are alive: this answer, before any other check, says yes.
        raise StationFault(FaultCode.UNKNOWN)
    if request.entity != request.head.entity:
        raise StationFault(FaultCode.ENTITY)
    return payable_notice(request.head, nav=request.nav, on=on)


def _transfers(request: NoticeRequest, notice: FoundNotice) -> tuple[DueTransfer, ...]:
    with scope(entity=notice.entity_id):
        rows = list(Transfer.objects.filter(instalment_id=notice.instalment_id).order_by("seq"))
    if request.operation is Operation.GET and any(row.stamp_hash for row in rows):
        # The first form has no words for a digital stamp: it is paid on line, which asks with the second.
        raise StationFault(FaultCode.SEMANTIC, "digital stamp: use paGetPaymentV2", entity_id=notice.entity_id)
    # What today adds to the printed amount, or takes off, falls on the first transfer.
    change = notice.cents - notice.printed_cents
    return tuple(_due_transfer(request, row, change=change if row.seq == 1 else 0) for row in rows)


def _due_transfer(request: NoticeRequest, row: Transfer, *, change: int) -> DueTransfer:
    # At the post office (POSTAL) a transfer without a postal account keeps its bank one: the verify has already said,
    # with allCCP false, that not all have one, and what to do with such a notice is the node's choice.
    by_post = request.transfer_type == "POSTAL" and bool(row.postal_iban)
    backing = request.operation is Operation.GET_V2 and request.transfer_type == "PAGOPA"
    return DueTransfer(
        seq=row.seq,
        cents=row.amount_cents + change,
        entity=row.beneficiary_fiscal_code,
        company=row.beneficiary_name,
        iban=row.postal_iban if by_post else row.iban,
        remittance=row.remittance,
        category=conf.taxonomy(row.category),
        backing_iban=row.postal_iban if backing else "",
        stamp_hash=row.stamp_hash,
        stamp_province=row.stamp_province,
    )
