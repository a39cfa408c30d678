"""What settles a debt, whatever brought the money: a receipt of pagoPA or what two people of the office saw arrive."""

from datetime import datetime

from django.db.models import Sum

from payments import events
from payments.domain import outside
from payments.domain.states import TRANSITIONS, Action, State
from payments.models import Instalment, OutsidePayment, Position, ReceiptCase
from payments.providers import services as providers
from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.billing.services import charge_reopened, charge_settled
from portal.kernel.errors import DomainError
from portal.kernel.states import move


def position_locked(position_id: int) -> Position:
    """Two payments of one position wait for each other here. First the charge: who cancels takes it first too."""
    charge_id = Position.objects.values_list("charge", flat=True).get(pk=position_id)
    Charge.objects.select_for_update(of=("self",)).get(pk=charge_id)
    return Position.objects.select_for_update(of=("self",)).get(pk=position_id)


def settle(
    *,
    instalment: Instalment,
    position: Position,
    paid_at: datetime,
    reference: str,
    actor: Actor,
    outside_how: str = "",
) -> None:
    """A number was paid: the others of its position are closed and, with the last one, the charge is settled.

    Needs `position_locked` and, before it, the row that says who paid. `outside_how` is for money that did not pass
    through pagoPA, in the words that people read. Raises MoveNotAllowed.
    """
    instalment.paid_at = paid_at
    instalment.save(update_fields=["paid_at"])
    unpaid = Instalment.objects.filter(option=instalment.option_id, paid_at__isnull=True).exists()
    action = Action.PAY_PART if unpaid else Action.PAY_ALL
    before, position.state = position.state, move(TRANSITIONS, State(position.state), action)
    if action is Action.PAY_ALL:
        position.paid_at = paid_at
    position.save(update_fields=["state", "paid_at"])
    events.position_moved(position, before=before, actor=actor)
    providers.enqueue(position)
    if action is Action.PAY_ALL:
        charge_settled(
            charge_id=position.charge_id,
            receipt_reference=reference[:140],
            paid_at=paid_at,
            cents=_paid_cents(position),
            outside_how=outside_how,
        )


def unsettle(*, instalment: Instalment, position: Position, actor: Actor) -> None:
    """A payment outside pagoPA turned out not to be one: its number can be paid again. Raises MoveNotAllowed.

    Needs `position_locked` and, before it, the entry taken back: the table refuses the rest.
    """
    if instalment.option.withdrawn_at is not None:
        raise DomainError(
            "option_withdrawn",
            "Quello che è stato chiesto dopo tiene conto di questo pagamento, e il suo codice non si riapre più.",
        )
    instalment.paid_at = None
    instalment.save(update_fields=["paid_at"])
    others = Instalment.objects.filter(option__position=position, paid_at__isnull=False).exists()
    action = Action.REOPEN_PART if others else Action.REOPEN
    before, position.state = State(position.state), move(TRANSITIONS, State(position.state), action)
    position.paid_at = None
    position.save(update_fields=["state", "paid_at"])
    events.position_moved(position, before=before, actor=actor)
    providers.enqueue(position)
    if before is State.PAID:
        charge_reopened(charge_id=position.charge_id, actor=actor)


def _paid_cents(position: Position) -> int:
    """What settled a position, together: what the receipts say, and what came outside pagoPA."""
    receipts = ReceiptCase.objects.filter(instalment__option__position=position, settles=True)
    others = OutsidePayment.objects.filter(position=position, state=outside.State.CONFIRMED, reverses=None)
    by_receipt = receipts.aggregate(cents=Sum("receipt__amount_cents"))["cents"] or 0
    return by_receipt + (others.aggregate(cents=Sum("amount_cents"))["cents"] or 0)
