"""Writes of the room: ask for money, take the request back, record that it was paid."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from uuid import uuid4

from django.db import transaction

from portal import clock
from portal.audit.actor import Actor
from portal.audit.services import record
from portal.billing.domain.states import TRANSITIONS, Action, State
from portal.billing.models import Charge, ChargeLine
from portal.billing.socket import ChargeDraft, ChargeLineDraft, Payer, PlannedInstalment, biller
from portal.entities.copying import copy_rows, reserve_ids
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.kernel.states import move
from portal.outbox import services as outbox

CHARGE_COLUMNS = (
    "id", "entity_id", "uuid", "source", "handler", "payer_kind", "payer_fiscal_code", "payer_name", "payer_email",
    "description", "amount_cents", "due_on", "state", "notice_number", "created_at",
)  # fmt: skip
LINE_COLUMNS = ("entity_id", "charge_id", "seq", "code", "description", "cents", "debt_kind")

# Given the keys of charges about to be written, opens their positions: one notice number each.
OpenMany = Callable[[Sequence[int]], Sequence[str]]


@transaction.atomic
def request_charge(
    *,
    entity: Entity,
    source: str,
    payer: Payer,
    description: str,
    lines: Sequence[ChargeLineDraft],
    due_on: date | None,
    handler: str,
    actor: Actor,
    plan: Sequence[PlannedInstalment] = (),
    listed: bool = True,
) -> Charge:
    """Ask for a sum, to be paid at once or, where there is a plan, by its instalments.

    The biller opens the position in this same transaction; `handler` (an outbox handler's name) hears when it is
    paid, with payload {"charge": id}. One that is not `listed` stays out of the debtor's personal area until paid:
    anybody may have written their tax code.
    """
    charge = Charge.objects.create(
        entity=entity,
        source=source,
        handler=handler,
        payer_kind=payer.kind,
        payer_fiscal_code=payer.fiscal_code,
        payer_name=payer.name[:140],
        payer_email=payer.email,
        description=description[:140],
        amount_cents=sum(line.cents for line in lines),
        due_on=due_on,
        created_at=clock.now(),
        listed=listed,
    )
    ChargeLine.objects.bulk_create(
        ChargeLine(
            charge=charge,
            entity=entity,
            seq=seq,
            code=line.code,
            description=line.description[:140],
            cents=line.cents,
            debt_kind=line.debt_kind,
            stamp_digest=line.stamp_digest,
            stamp_province=line.stamp_province,
        )
        for seq, line in enumerate(lines, start=1)
    )
    charge.notice_number = biller().open(charge, payer=payer, plan=plan).notice_number
    charge.save(update_fields=["notice_number"])
    record("charge.requested", subject=charge, actor=actor, data={"cents": charge.amount_cents})
    return charge


@transaction.atomic
def cancel_charge(*, charge_id: int, actor: Actor) -> Charge:
    """Take a request back. Raises MoveNotAllowed, or the biller's DomainError when it was paid meanwhile."""
    charge = Charge.objects.select_for_update(of=("self",)).get(pk=charge_id)
    charge.state = move(TRANSITIONS, State(charge.state), Action.CANCEL)
    biller().cancel(charge)
    charge.save(update_fields=["state"])
    record("charge.cancelled", subject=charge, actor=actor)
    return charge


@transaction.atomic
def charge_settled(
    *, charge_id: int, receipt_reference: str, paid_at: datetime, cents: int | None = None, outside_how: str = ""
) -> None:
    """The biller says that a charge was paid, and how much. Idempotent: a second receipt changes nothing here.

    `outside_how` («con bonifico») is for money that did not pass through pagoPA: there is no receipt to download.
    """
    charge = Charge.objects.select_for_update(of=("self",)).get(pk=charge_id)
    if charge.state == State.SETTLED:
        return
    charge.state = move(TRANSITIONS, State(charge.state), Action.SETTLE)
    charge.settled_at, charge.receipt_reference, charge.paid_cents = paid_at, receipt_reference, cents
    charge.paid_outside = outside_how
    charge.save(update_fields=["state", "settled_at", "receipt_reference", "paid_cents", "paid_outside"])
    record("charge.settled", subject=charge, actor=Actor.system("payments"), data={"receipt": receipt_reference})
    outbox.send(charge.handler, {"charge": charge.pk}, key=_settled_key(charge), entity_id=charge.entity_id)


@transaction.atomic
def charge_reopened(*, charge_id: int, actor: Actor) -> None:
    """What was recorded as paid was not: it is to be paid again. Raises MoveNotAllowed, and DomainError when the same
    sum was asked for anew meanwhile.
    """
    charge = Charge.objects.select_for_update(of=("self",)).get(pk=charge_id)
    charge.state = move(TRANSITIONS, State(charge.state), Action.REOPEN)
    if Charge.objects.filter(source=charge.source, state=State.REQUESTED).exists():
        raise DomainError("charge_asked_again", "La stessa somma è già stata chiesta di nuovo: annulla prima quella.")
    charge.settled_at, charge.paid_cents, charge.receipt_reference, charge.paid_outside = None, None, "", ""
    charge.save(update_fields=["state", "settled_at", "receipt_reference", "paid_cents", "paid_outside"])
    # Whoever waits for this charge has to hear of its next payment too.
    outbox.release(_settled_key(charge))
    record("charge.reopened", subject=charge, actor=actor)


def _settled_key(charge: Charge) -> str:
    return f"settled:{charge.pk}"


@transaction.atomic
def request_charges_in_bulk(*, entity: Entity, drafts: Sequence[ChargeDraft], open_many: OpenMany) -> list[int]:
    """Ask for many sums, in the caller's transaction: all of them, or none. Returns the keys of the charges.

    `open_many` is the biller's own way to open the positions, for who bills and asks at once. No event is recorded
    here: who asks records one for the lot. Raises IntegrityError when a source already has an open charge.
    """
    now, keys = clock.now(), reserve_ids(Charge, len(drafts))
    asked = list(zip(keys, drafts, open_many(keys), strict=True))
    copy_rows(
        Charge,
        CHARGE_COLUMNS,
        (
            (
                key, entity.pk, uuid4(), draft.source, draft.handler, draft.payer.kind, draft.payer.fiscal_code,
                draft.payer.name[:140], draft.payer.email, draft.description[:140],
                sum(line.cents for line in draft.lines), draft.due_on, State.REQUESTED.value, number, now,
            )
            for key, draft, number in asked
        ),
    )  # fmt: skip
    copy_rows(
        ChargeLine,
        LINE_COLUMNS,
        (
            (entity.pk, key, seq, line.code, line.description[:140], line.cents, line.debt_kind)
            for key, draft, _number in asked
            for seq, line in enumerate(draft.lines, start=1)
        ),
    )
    return keys


def charges_become_due(*, due: dict[int, date]) -> None:
    """The day by which some charges must be paid is now known. Those no longer open keep what they said."""
    rows = list(Charge.objects.select_for_update(of=("self",)).filter(pk__in=due, state=State.REQUESTED))
    for row in rows:
        row.due_on = due[row.pk]
    Charge.objects.bulk_update(rows, ["due_on"], batch_size=2000)


def charge_asked_otherwise(*, charge_id: int, notice_number: str, due_on: date | None) -> None:
    """An open charge is paid by another number now, and by another day. One no longer open keeps what it said.

    The biller calls it in the transaction that changes its notices.
    """
    rows = Charge.objects.filter(pk=charge_id, state=State.REQUESTED)
    rows.update(notice_number=notice_number, due_on=due_on)


@transaction.atomic
def charge_item_priced(*, charge_id: int, item: ChargeLineDraft) -> Charge:
    """An item of an open charge costs something else than was asked at first, or nothing any more; the total follows.

    The biller has to be told by who calls. Raises DomainError when the charge is no longer to be paid.
    """
    charge = Charge.objects.select_for_update(of=("self",)).get(pk=charge_id)
    if charge.state != State.REQUESTED:
        raise DomainError("charge_closed", "L'importo non è più da pagare: non si può cambiare.")
    rows = ChargeLine.objects.filter(charge=charge)
    rows.filter(code=item.code).delete()
    if item.cents:
        last = rows.order_by("-seq").values_list("seq", flat=True).first() or 0
        ChargeLine.objects.create(
            entity_id=charge.entity_id, charge=charge, seq=last + 1, code=item.code, description=item.description[:140],
            cents=item.cents, debt_kind=item.debt_kind,
        )  # fmt: skip
    charge.amount_cents = sum(rows.values_list("cents", flat=True))
    charge.save(update_fields=["amount_cents"])
    return charge
