"""Receipts: first kept, then judged. Two transactions, so that nothing we think can lose what arrived."""

import logging
from datetime import date, datetime, time
from hashlib import sha256

from django.db import DataError, IntegrityError, transaction
from django_scopes import scope, scopes_disabled

from payments import events
from payments.domain.judgement import Due, Paid, Share, Verdict, judge
from payments.domain.states import State
from payments.models import (
    Instalment,
    PaymentOption,
    Position,
    QuarantinedMessage,
    Receipt,
    ReceiptCase,
    ReceiptTransfer,
    StampAttachment,
)
from payments.models.receipts import CaseState
from payments.node.messages import ReceivedReceipt
from payments.services.settling import position_locked, settle
from payments.services.stamps import stamps_check_new, stamps_store
from portal import clock
from portal.audit.actor import Actor
from portal.kernel.errors import DomainError
from portal.outbox import services as outbox

RECEIPT_ID_LENGTH = 255
logger = logging.getLogger(__name__)


def receipt_quarantine(
    *,
    raw: bytes,
    reason: QuarantinedMessage.Reason,
    detail: str = "",
    entity_id: int | None = None,
    size: int | None = None,
) -> None:
    """Keep a message that is not ours, or that nobody can read. The same bytes are kept once.

    `size` is that of the whole message, in bytes, when `raw` is only its beginning.
    """
    row = QuarantinedMessage(
        entity_id=entity_id,
        received_at=clock.now(),
        reason=reason,
        detail=detail[:300],
        sha256=sha256(raw).hexdigest(),
        size=len(raw) if size is None else size,
        raw=raw,
    )
    QuarantinedMessage.objects.bulk_create([row], ignore_conflicts=True)


def receipt_store(*, entity_id: int, operation: str, received: ReceivedReceipt, raw: bytes) -> int:
    """Keep a receipt of one of our bodies, once, and return its id. Never refuses what it says."""
    with scope(entity=entity_id), transaction.atomic():
        row = _receipt_row(entity_id=entity_id, operation=operation, received=received, raw=raw)
        key = {"entity_id": entity_id, "nav": row.nav, "receipt_id": row.receipt_id}
        Receipt.objects.bulk_create([row], ignore_conflicts=True)
        # With a conflict the database keeps the first; a fresh read tells which one it was.
        receipt = Receipt.objects.get(**key)
        _, created = ReceiptCase.objects.get_or_create(receipt=receipt, defaults={"entity_id": entity_id})
        if created:
            _store_transfers(receipt, received)
            events.receipt_arrived(receipt)
        elif detail := _difference(receipt, row, received):
            reason = QuarantinedMessage.Reason.DIFFERENT
            receipt_quarantine(raw=raw, reason=reason, detail=detail, entity_id=entity_id)
        return receipt.pk


def _difference(kept: Receipt, row: Receipt, received: ReceivedReceipt) -> str:
    """Where a receipt that comes again does not say what the kept one says; empty when it does."""
    for name, of in (("outcome", "esito"), ("amount_cents", "importo"), ("iuv", "IUV")):
        if getattr(kept, name) != getattr(row, name):
            return of
    stamps = dict(StampAttachment.objects.filter(transfer__receipt=kept).values_list("transfer__seq", "sha256"))
    was = [
        (share.seq, share.beneficiary_fiscal_code, share.amount_cents, share.iban, stamps.get(share.seq, ""))
        for share in kept.transfers.all()
    ]
    now = [
        (share.seq, share.entity, share.cents, share.iban, sha256(share.stamp).hexdigest() if share.is_stamp else "")
        for share in received.transfers
    ]
    return "" if sorted(was) == sorted(now) else "versamenti"


def _receipt_row(*, entity_id: int, operation: str, received: ReceivedReceipt, raw: bytes) -> Receipt:
    identifier = received.receipt_id
    if len(identifier) > RECEIPT_ID_LENGTH:
        # The schema sets no limit; the raw message keeps the whole of it.
        identifier = "sha256:" + sha256(identifier.encode()).hexdigest()
    return Receipt(
        entity_id=entity_id,
        operation=operation,
        nav=received.nav,
        iuv=received.iuv,
        receipt_id=identifier,
        issuer_fiscal_code=received.issuer,
        outcome=received.outcome,
        amount_cents=received.cents,
        fee_cents=received.fee_cents,
        psp_id=received.psp_id,
        psp_name=received.psp_name,
        channel=received.channel,
        payment_method=received.payment_method,
        paid_at=received.paid_at,
        applied_on=received.applied_on,
        transferred_on=received.transferred_on,
        stand_in=received.stand_in,
        payment_note=received.payment_note,
        metadata=dict(received.metadata),
        received_at=clock.now(),
        raw=raw,
    )


def _store_transfers(receipt: Receipt, received: ReceivedReceipt) -> None:
    rows = ReceiptTransfer.objects.bulk_create(
        ReceiptTransfer(
            entity_id=receipt.entity_id,
            receipt=receipt,
            seq=transfer.seq,
            beneficiary_fiscal_code=transfer.entity,
            amount_cents=transfer.cents,
            iban=transfer.iban,
            is_stamp=transfer.is_stamp,
            category=transfer.category,
            remittance=transfer.remittance,
        )
        for transfer in received.transfers
    )
    stamps_store(rows=rows, received=received)


def receipt_judge(*, entity_id: int, receipt_id: int) -> ReceiptCase:
    """Match a stored receipt to its notice and settle it. Judging twice changes nothing."""
    with scope(entity=entity_id), transaction.atomic():
        receipt = Receipt.objects.select_related("entity").get(pk=receipt_id)
        instalment = _instalment_of(receipt)
        position = position_locked(instalment.option.position_id) if instalment is not None else None
        case = ReceiptCase.objects.select_for_update(of=("self",)).get(receipt=receipt)
        if case.state != CaseState.ARRIVED:
            return case
        due, paid = None, _paid(receipt, stamps_good=stamps_check_new(receipt=receipt))
        if instalment is not None and position is not None:
            # What was read before the lock may have changed meanwhile.
            instalment = Instalment.objects.select_related("option").get(pk=instalment.pk)
            due = _due(instalment, position, on=paid.on)
        verdict = judge(paid, due)
        _apply(case, verdict, receipt=receipt, instalment=instalment, position=position)
        return case


def _instalment_of(receipt: Receipt) -> Instalment | None:
    if receipt.issuer_fiscal_code != receipt.entity.fiscal_code:
        return None  # our share of another body's notice, whose number may look like one of ours
    return Instalment.objects.filter(nav=receipt.nav).select_related("option__position").first()


def _due(instalment: Instalment, position: Position, *, on: date) -> Due:
    """What was due on the day it was paid."""
    siblings = Instalment.objects.filter(option__position=position, option__withdrawn_at=None, paid_at__isnull=False)
    withdrawn_at = instalment.option.withdrawn_at
    cents = instalment.cents_on(on)
    change = cents - instalment.amount_cents
    return Due(
        state=State(position.state),
        iuv=instalment.iuv,
        cents=cents,
        paid=instalment.paid_at is not None,
        sibling_used=siblings.exclude(option=instalment.option_id).exists(),
        due_on=instalment.due_on,
        refused_after_due=instalment.option.refused_after_due,
        suspended=position.suspended_at is not None,
        withdrawn_on=withdrawn_at.astimezone(clock.ROME).date() if withdrawn_at else None,
        whole=instalment.option.kind == PaymentOption.Kind.SINGLE,
        shares=tuple(
            Share(row.seq, row.beneficiary_fiscal_code, row.amount_cents + (change if row.seq == 1 else 0))
            for row in instalment.transfers.all()
        ),
    )


def paid_at(receipt: Receipt) -> datetime:
    """When a payment was made, as far as its receipt tells: its moment, or else the day its amount was applied, from
    its first minute; with neither, when the receipt reached us.
    """
    if receipt.paid_at is not None:
        return receipt.paid_at
    if receipt.applied_on is not None:
        return datetime.combine(receipt.applied_on, time(), tzinfo=clock.ROME)
    return receipt.received_at


def paid_on(receipt: Receipt) -> date:
    """The day of a payment in Italy: what was due is judged on it, and the instalment is paid on it."""
    return paid_at(receipt).astimezone(clock.ROME).date()


def _paid(receipt: Receipt, *, stamps_good: bool) -> Paid:
    return Paid(
        outcome_ok=receipt.outcome == "OK",
        own_issuer=receipt.issuer_fiscal_code == receipt.entity.fiscal_code,
        iuv=receipt.iuv,
        cents=receipt.amount_cents,
        on=paid_on(receipt),
        stamps_good=stamps_good,
        shares=tuple(Share(row.seq, row.beneficiary_fiscal_code, row.amount_cents) for row in receipt.transfers.all()),
    )


def _apply(
    case: ReceiptCase,
    verdict: Verdict,
    *,
    receipt: Receipt,
    instalment: Instalment | None,
    position: Position | None,
) -> None:
    case.state = CaseState.TO_REVIEW if verdict.anomalies else CaseState.MATCHED
    case.instalment = instalment
    case.anomalies = list(verdict.anomalies)
    case.settles = verdict.settles
    case.judged_at = clock.now()
    case.save(update_fields=["state", "instalment", "anomalies", "settles", "judged_at"])
    events.receipt_judged(case)
    if verdict.settles and instalment is not None and position is not None:
        _settle(receipt=receipt, instalment=instalment, position=position)


def _settle(*, receipt: Receipt, instalment: Instalment, position: Position) -> None:
    settle(
        instalment=instalment, position=position, paid_at=paid_at(receipt), reference=receipt.receipt_id,
        actor=events.NODE,
    )  # fmt: skip
    payload, key = {"instalment": instalment.pk}, f"receipt:{instalment.pk}"
    outbox.send("payments.receipt", payload, key=key, entity_id=position.entity_id)


def receipts_judge_waiting() -> int:
    """Judge receipts that were stored while something broke. Returns how many were judged.

    One that cannot be judged stays where it is, and the others go on.
    """
    with scopes_disabled():
        waiting = list(
            ReceiptCase.objects.filter(state=CaseState.ARRIVED).order_by("pk").values_list("entity_id", "receipt_id")
        )
    return sum(receipt_judge_or_leave(entity_id=entity_id, receipt_id=receipt_id) for entity_id, receipt_id in waiting)


def receipt_judge_or_leave(*, entity_id: int, receipt_id: int) -> bool:
    """Judge a stored receipt; whether it could be judged. One whose data break a rule of ours stays among those that
    arrived, and an error says which: who delivered it cannot help. Raises OperationalError and InterfaceError.
    """
    try:
        receipt_judge(entity_id=entity_id, receipt_id=receipt_id)
    except (DomainError, DataError, IntegrityError):
        logger.exception("receipt %s is kept, but could not be judged", receipt_id)
        return False
    return True


@transaction.atomic
def receipt_case_resolve(*, case_id: int, note: str, actor: Actor) -> ReceiptCase:
    """An accountant has looked at an odd receipt and says what was done. Raises DomainError."""
    case = ReceiptCase.objects.select_for_update(of=("self",)).get(pk=case_id)
    if case.state != CaseState.TO_REVIEW:
        raise DomainError("receipt_not_to_review", "La ricevuta non è tra quelle da verificare.")
    if not note.strip():
        raise DomainError("note_missing", "Scrivi che cosa è stato fatto: la nota resta agli atti.")
    case.state, case.note, case.resolved_by_id = CaseState.RESOLVED, note.strip()[:300], actor.user_id
    case.save(update_fields=["state", "note", "resolved_by"])
    events.receipt_resolved(case, actor=actor)
    return case
