"""Writes of the room: ask for money, take the request back, record that it was paid."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from portal import clock
from portal.audit.actor import Actor
from portal.audit.services import record
from portal.billing.domain.states import TRANSITIONS, Action, State
from portal.billing.models import Charge, ChargeLine
from portal.billing.socket import ChargeLineDraft, Payer, PlannedInstalment, biller
from portal.entities.models import Entity
from portal.kernel.states import move
from portal.outbox import services as outbox


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
) -> Charge:
    """Ask for a sum, to be paid at once or, where there is a plan, by its instalments.

    The biller opens the position in this same transaction; `handler` (an outbox handler's name) hears when it is
    paid, with payload {"charge": id}.
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
def charge_settled(*, charge_id: int, receipt_reference: str, paid_at: datetime) -> None:
    """The biller says that a charge was paid. Idempotent: a second receipt changes nothing here."""
    charge = Charge.objects.select_for_update(of=("self",)).get(pk=charge_id)
    if charge.state == State.SETTLED:
        return
    charge.state = move(TRANSITIONS, State(charge.state), Action.SETTLE)
    charge.settled_at, charge.receipt_reference = paid_at, receipt_reference
    charge.save(update_fields=["state", "settled_at", "receipt_reference"])
    record("charge.settled", subject=charge, actor=Actor.system("payments"), data={"receipt": receipt_reference})
    outbox.send(charge.handler, {"charge": charge.pk}, key=f"settled:{charge.pk}", entity_id=charge.entity_id)
