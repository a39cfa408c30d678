"""Refunds: asked for by one person, decided by another, ordered, and their outcome recorded."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from payments import events
from payments.domain.refunds import COMMITTED, DECISIONS, TRANSITIONS, Action, State, account, refundable
from payments.models import ReceiptCase, ReceiptTransfer, Refund
from payments.models.receipts import CaseState
from portal import clock
from portal.audit.actor import Actor
from portal.kernel.errors import DomainError
from portal.kernel.money import euro
from portal.kernel.states import move


def own_cents(case: ReceiptCase) -> int:
    """The part of a receipt that came to the body: not that of other beneficiaries, nor a digital stamp."""
    own = ReceiptTransfer.objects.filter(
        receipt_id=case.receipt_id, beneficiary_fiscal_code=case.entity.fiscal_code, is_stamp=False
    )
    return own.aggregate(total=Sum("amount_cents"))["total"] or 0


def refundable_cents(case: ReceiptCase) -> int:
    """What can still go back of a receipt, in cents."""
    asked = Refund.objects.filter(case=case, state__in=COMMITTED).aggregate(total=Sum("amount_cents"))["total"] or 0
    return refundable(own=own_cents(case), committed=asked, outcome_ok=case.receipt.outcome == "OK")


@transaction.atomic
def refund_request(*, case_id: int, cents: int, beneficiary_name: str, iban: str, reason: str, actor: Actor) -> Refund:
    """Ask to give back (a part of) a receipt. Raises DomainError when it is more than can go back."""
    # Two who ask at once wait for each other here, so that together they cannot exceed the receipt.
    case = ReceiptCase.objects.select_for_update(of=("self",)).select_related("receipt", "entity").get(pk=case_id)
    if case.state == CaseState.ARRIVED:
        raise DomainError("receipt_not_judged", "La ricevuta non è ancora stata esaminata: riprova tra poco.")
    left = refundable_cents(case)
    if not 1 <= cents <= left:
        raise DomainError(
            "refund_amount", f"Di questa ricevuta si possono rimborsare al massimo {euro(left)}, e almeno un centesimo."
        )
    refund = Refund.objects.create(
        entity_id=case.entity_id,
        case=case,
        amount_cents=cents,
        beneficiary_name=_written(beneficiary_name, "Scrivi a chi va il rimborso.")[:140],
        iban=account(iban),
        reason=_written(reason, "Scrivi perché si rimborsa: il motivo resta agli atti.")[:300],
        requested_by_id=_person(actor),
        requested_at=clock.now(),
    )
    events.refund_requested(refund, actor=actor)
    return refund


@transaction.atomic
def refund_approve(*, refund_id: int, actor: Actor) -> Refund:
    """Approve what somebody else asked for. Raises DomainError to who asked, MoveNotAllowed."""
    return _move(refund_id, Action.APPROVE, actor=actor)


@transaction.atomic
def refund_refuse(*, refund_id: int, note: str, actor: Actor) -> Refund:
    """Refuse what somebody else asked for, saying why. Raises DomainError, MoveNotAllowed."""
    return _move(refund_id, Action.REFUSE, actor=actor, note=_written(note, "Scrivi perché il rimborso è rifiutato."))


@transaction.atomic
def refund_order(*, refund_id: int, reference: str, actor: Actor) -> Refund:
    """The payment order has been given to the treasurer; `reference` is its number. Raises DomainError."""
    number = _written(reference, "Scrivi il numero del mandato di pagamento.")
    return _move(refund_id, Action.ORDER, actor=actor, order_reference=number[:60])


@transaction.atomic
def refund_outcome(*, refund_id: int, done: bool, reference: str, note: str = "", actor: Actor) -> Refund:
    """The treasurer has paid (`done`, with the reference of the transfer), or it could not be done: then `note` says
    why. A refund that failed no longer counts against its receipt. Raises DomainError, MoveNotAllowed.
    """
    if done:
        kept = _written(reference, "Scrivi il riferimento del bonifico eseguito.")
        return _move(refund_id, Action.CONFIRM, actor=actor, outcome_reference=kept[:140], note=note.strip())
    why = _written(note, "Scrivi perché il rimborso non è riuscito.")
    return _move(refund_id, Action.FAIL, actor=actor, outcome_reference=reference.strip()[:140], note=why)


def _move(refund_id: int, action: Action, *, actor: Actor, note: str = "", **written: str) -> Refund:
    refund = Refund.objects.select_for_update(of=("self",)).get(pk=refund_id)
    before, refund.state = refund.state, move(TRANSITIONS, State(refund.state), action)
    now = clock.now()
    if action in DECISIONS:
        refund.decided_by_id, refund.decided_at = _other_person(refund, actor), now
    for name, value in written.items():
        setattr(refund, name, value)
    refund.note = note[:300]
    refund.ordered_at = now if action is Action.ORDER else refund.ordered_at
    refund.closed_at = _closed(State(refund.state), now)
    refund.save()
    events.refund_moved(refund, before=before, actor=actor)
    return refund


def _closed(state: State, now: datetime) -> datetime | None:
    return now if state in {State.DONE, State.REFUSED, State.FAILED} else None


def _other_person(refund: Refund, actor: Actor) -> int:
    person = _person(actor)
    if person == refund.requested_by_id:
        raise DomainError(
            "refund_same_person", "Hai chiesto tu questo rimborso: lo decide un'altra persona della ragioneria."
        )
    return person


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise DomainError("refund_nobody", "Un rimborso è chiesto e deciso da persone.")
    return actor.user_id


def _written(text: str, missing: str) -> str:
    if not text.strip():
        raise DomainError("missing", missing)
    return text.strip()
