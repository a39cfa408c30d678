"""Payments that did not pass through pagoPA: one person records what arrived, another confirms or refuses, and what was
confirmed by mistake is taken back by a contrary entry, again of two people.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.core.files.base import File
from django.db import transaction

from payments import events
from payments.domain.judgement import Anomaly
from payments.domain.outside import TRANSITIONS, Action, How, Number, State, Weighed, weigh
from payments.domain.refunds import COMMITTED
from payments.domain.states import OPEN, Payability, payability
from payments.domain.states import State as PositionState
from payments.models import Instalment, OutsidePayment, PaymentOption, Position, ReceiptCase, Refund
from payments.models.receipts import CaseState
from payments.services.receipts import receipt_judge
from payments.services.settling import position_locked, settle, unsettle
from portal import clock
from portal.audit.actor import Actor
from portal.documents.domain.uploads import UploadRules
from portal.documents.services import store_upload
from portal.kernel.errors import DomainError
from portal.kernel.states import move

RULES = UploadRules()
FIRST_DAY = date(2000, 1, 1)
# Charges whose service has gone on since they were paid, by how their source begins.
KEPT_ELSEWHERE = {
    "case:": "Questa somma è stata chiesta da una pratica, che è già andata avanti: decidi dalla pratica che cosa fare."
}
WhyNot = Callable[[Position], str]
TakenBack = Callable[[Position], None]
_keepers: dict[str, tuple[WhyNot, TakenBack]] = {}


def register_keeper(prefix: str, *, why_not: WhyNot, taken_back: TakenBack) -> None:
    """For charges whose source is `prefix:...`: `why_not(position)` says why a payment is not taken back now, empty if
    it may be; `taken_back(position)` hears that it was, in the same transaction. Called in AppConfig.ready.
    """
    _keepers[prefix] = (why_not, taken_back)


def _keeper(position: Position) -> tuple[WhyNot, TakenBack] | None:
    return _keepers.get(position.charge.source.partition(":")[0])


@dataclass(frozen=True, slots=True)
class Arrived:
    """What arrived, as the bank or the post tells it."""

    credited_on: date
    cents: int
    how: How
    reference: str = ""
    note: str = ""
    document: "File[bytes] | None" = None


@transaction.atomic
def outside_record(*, position_id: int, arrived: Arrived, actor: Actor) -> OutsidePayment:
    """Record money that came outside pagoPA; nothing is settled until somebody else confirms it. Raises DomainError."""
    position = position_locked(position_id)
    if position.state not in OPEN:
        raise DomainError("position_not_open", "La posizione non è da pagare: non c'è niente da registrare.")
    if not FIRST_DAY <= arrived.credited_on <= clock.today():
        raise DomainError("credited_on", "Il giorno dell'accredito non può essere nel futuro, né prima del 2000.")
    if not 1 <= arrived.cents <= 99_999_999_999:
        raise DomainError("outside_amount", "Scrivi quanto è arrivato: almeno un centesimo.")
    if arrived.how is How.TRANSFER and not arrived.reference.strip():
        raise DomainError("outside_reference", "Di un bonifico scrivi il CRO o il TRN: serve per ritrovarlo.")
    _refuse_second_entry(position)
    row = OutsidePayment.objects.create(
        entity_id=position.entity_id,
        position=position,
        credited_on=arrived.credited_on,
        amount_cents=arrived.cents,
        how=arrived.how,
        reference=arrived.reference.strip()[:35],
        document=store_upload(upload=arrived.document, rules=RULES) if arrived.document else None,
        note=arrived.note.strip()[:300],
        requested_by_id=_person(actor),
        requested_at=clock.now(),
    )
    events.outside_recorded(row, actor=actor)
    return row


@transaction.atomic
def outside_reverse(*, outside_id: int, reason: str, actor: Actor) -> OutsidePayment:
    """Ask to take back what was confirmed by mistake, with a contrary entry. Raises DomainError."""
    why = _written(reason, "Scrivi perché il pagamento va stornato: il motivo resta agli atti.")
    position = position_locked(_position_of(outside_id))
    paid = OutsidePayment.objects.select_for_update(of=("self",)).get(pk=outside_id)
    if paid.is_reversal:
        raise DomainError("outside_reversal", "Uno storno non si storna: registra di nuovo il pagamento.")
    move(TRANSITIONS, State(paid.state), Action.REVERSE)
    _refuse_final(position)
    _refuse_second_entry(position)
    row = OutsidePayment.objects.create(
        entity_id=position.entity_id,
        position=position,
        reverses=paid,
        credited_on=paid.credited_on,
        amount_cents=paid.amount_cents,
        how=paid.how,
        reference=paid.reference,
        note=why[:300],
        requested_by_id=_person(actor),
        requested_at=clock.now(),
    )
    events.outside_recorded(row, actor=actor)
    return row


@transaction.atomic
def outside_confirm(*, outside_id: int, reason: str = "", actor: Actor) -> OutsidePayment:
    """Confirm what somebody else recorded: a payment settles its number, a contrary entry opens it again.

    Money that is not exactly what was due on the day it came settles only with a `reason` (accetta come saldo). Raises
    DomainError, MoveNotAllowed.
    """
    row, position = _locked(outside_id)
    before = row.state
    row.state = move(TRANSITIONS, State(row.state), Action.CONFIRM)
    row.decided_by_id, row.decided_at = _other_person(row, actor), clock.now()
    row.decision = reason.strip()[:300]
    if row.is_reversal:
        _take_back(row, position, actor=actor)
    else:
        _settle(row, position, actor=actor)
    events.outside_moved(row, before=before, actor=actor)
    return row


@transaction.atomic
def outside_refuse(*, outside_id: int, reason: str, actor: Actor) -> OutsidePayment:
    """Refuse what somebody else recorded, saying why: nothing changes. Raises DomainError, MoveNotAllowed."""
    row, _position = _locked(outside_id)
    before = row.state
    row.state = move(TRANSITIONS, State(row.state), Action.REFUSE)
    row.decided_by_id, row.decided_at = _other_person(row, actor), clock.now()
    row.decision = _written(reason, "Scrivi perché la registrazione è rifiutata.")[:300]
    row.save()
    events.outside_moved(row, before=before, actor=actor)
    return row


def outside_weighed(row: OutsidePayment) -> tuple[Instalment, Weighed] | None:
    """What a recorded payment would settle now, and by how much it differs from what was due on the day the money
    came; None when nothing is left to pay.
    """
    rows = list(
        Instalment.objects.filter(option__position=row.position_id, option__withdrawn_at=None)
        .select_related("option__position")
        .prefetch_related("dated_amounts")
        .order_by("option", "number")
    )
    used = {each.option_id for each in rows if each.paid_at is not None}
    left = {each.pk: each for each in rows if each.paid_at is None and (not used or each.option_id in used)}
    if not left:
        return None
    found = weigh(row.amount_cents, [_number(each, on=row.credited_on) for each in left.values()])
    return left[found.number.key], found


def _number(row: Instalment, *, on: date) -> Number:
    verdict = payability(
        state=PositionState(row.option.position.state),
        on=on,
        instalment_paid=False,
        sibling_used=False,
        valid_from=row.option.valid_from,
        due_on=row.due_on,
        refused_after_due=row.option.refused_after_due,
    )
    single = row.option.kind == PaymentOption.Kind.SINGLE
    return Number(row.pk, row.cents_on(on), verdict is Payability.PAYABLE, single)


def _settle(row: OutsidePayment, position: Position, *, actor: Actor) -> None:
    found = outside_weighed(row) if position.state in OPEN else None
    if found is None:
        raise DomainError("position_paid", "Nel frattempo la posizione è stata pagata o annullata: rifiuta questa.")
    instalment, weighed = found
    if not weighed.exact and not row.decision:
        raise DomainError("outside_differs", "Non è quanto era dovuto quel giorno: per accettarlo scrivi perché.")
    row.instalment, row.as_balance = instalment, not weighed.exact
    row.due_cents = weighed.number.cents
    row.save()
    paid_at = datetime.combine(row.credited_on, time(), tzinfo=clock.ROME)
    settle(
        instalment=instalment, position=position, paid_at=paid_at, reference=row.reference, actor=actor,
        outside_how=row.paid_how,
    )  # fmt: skip


def _take_back(row: OutsidePayment, position: Position, *, actor: Actor) -> None:
    assert row.reverses_id is not None
    paid = OutsidePayment.objects.select_for_update(of=("self",)).select_related("instalment").get(pk=row.reverses_id)
    _refuse_final(position)
    paid.state = move(TRANSITIONS, State(paid.state), Action.REVERSE)
    paid.save(update_fields=["state"])
    row.save()
    assert paid.instalment is not None
    unsettle(instalment=paid.instalment, position=position, actor=actor)
    keeper = _keeper(position)
    if keeper is not None:
        keeper[1](position)
    _judge_again(position)


def _judge_again(position: Position) -> None:
    """Money of pagoPA that was one payment too many may be the right one now."""
    many = {Anomaly.SECOND_PAYMENT, Anomaly.SIBLING_USED}
    rows = ReceiptCase.objects.filter(instalment__option__position=position, settles=False, state=CaseState.TO_REVIEW)
    # Who asks for a refund locks the receipt too: only then it is known what is going back.
    cases = list(rows.select_for_update(of=("self",)).order_by("pk"))
    refunds = Refund.objects.filter(case__in=cases, state__in=COMMITTED)
    going_back = set(refunds.values_list("case", flat=True))
    for case in cases:
        if many.intersection(case.anomalies) and case.pk not in going_back:
            ReceiptCase.objects.filter(pk=case.pk).update(state=CaseState.ARRIVED)
            receipt_judge(entity_id=case.entity_id, receipt_id=case.receipt_id)


def _refuse_final(position: Position) -> None:
    if position.state == PositionState.REPORTED:
        raise DomainError("position_reported", "La posizione è già rendicontata: il pagamento non si storna più.")
    for start, sentence in KEPT_ELSEWHERE.items():
        if position.charge.source.startswith(start):
            raise DomainError("decided_elsewhere", sentence)
    keeper = _keeper(position)
    if keeper is not None and (reason := keeper[0](position)):
        raise DomainError("counted_elsewhere", reason)


def _refuse_second_entry(position: Position) -> None:
    if OutsidePayment.objects.filter(position=position, state=State.REQUESTED).exists():
        raise DomainError("outside_waits", "C'è già una registrazione da confermare su questa posizione.")


def _locked(outside_id: int) -> tuple[OutsidePayment, Position]:
    """The entry after its position, as receipts do."""
    position = position_locked(_position_of(outside_id))
    return OutsidePayment.objects.select_for_update(of=("self",)).get(pk=outside_id), position


def _position_of(outside_id: int) -> int:
    return OutsidePayment.objects.values_list("position", flat=True).get(pk=outside_id)


def _other_person(row: OutsidePayment, actor: Actor) -> int:
    person = _person(actor)
    if person == row.requested_by_id:
        raise DomainError(
            "outside_same_person", "Hai registrato tu questo pagamento: lo conferma un'altra persona della ragioneria."
        )
    return person


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise DomainError("outside_nobody", "Un pagamento fuori da pagoPA è registrato e confermato da persone.")
    return actor.user_id


def _written(text: str, missing: str) -> str:
    if not text.strip():
        raise DomainError("missing", missing)
    return text.strip()
