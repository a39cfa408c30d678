"""Appeals, plans, cancellation: each moves the fine by its table, and its position with it."""

from datetime import date, timedelta

from django.db import transaction

from payments.domain.states import OPEN, SETTLED
from payments.fines import events
from payments.fines.domain.drafts import plan_option
from payments.fines.domain.plans import PlanRequest, obstacles, parts_of
from payments.fines.domain.stages import DECIDED, DECISION_LABELS, TRANSITIONS, Action, AppealTo, Stage
from payments.fines.law import law
from payments.fines.models import Fine
from payments.fines.services import asking
from payments.services.options import options_replace, options_restore
from payments.services.positions import position_resume, position_suspend
from portal import clock
from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.billing.services import cancel_charge
from portal.kernel.errors import DomainError
from portal.kernel.states import move

APPEAL_REASONS = {
    AppealTo.PREFECT: "Ricorso al Prefetto",
    AppealTo.JUDGE: "Ricorso al Giudice di pace",
}
# A decision with a later due date is a slip of the pen.
LONGEST = timedelta(days=5 * 366)
# These need no open position: what they say follows from a payment, or the billing room answers for itself.
_AFTER_PAYMENT = frozenset({Action.CANCEL, Action.COMPLETE_PLAN, Action.CLOSE_PLAN})


@transaction.atomic
def fine_appeal(*, fine_id: int, to: AppealTo, actor: Actor) -> Fine:
    """An appeal was filed: nobody can pay until it is decided. Raises DomainError when the fine is paid or closed."""
    fine = _locked(fine_id)
    fine.appeal_to = to
    _move(fine, Action.APPEAL, actor=actor, why=str(to))
    position_suspend(position_id=fine.position_id, reason=APPEAL_REASONS[to], actor=actor)
    return fine


@transaction.atomic
def fine_appeal_closed(*, fine_id: int, upheld: bool, actor: Actor) -> Fine:
    """The appeal was decided: upheld, the fine is annulled; rejected, it can be paid again by the terms and numbers it
    had. Raises MoveNotAllowed.
    """
    fine = _locked(fine_id)
    if upheld:
        _move(fine, Action.APPEAL_UPHELD, actor=actor, why="upheld")
        _cancel(fine, actor)
    else:
        _move(fine, Action.APPEAL_REJECTED, actor=actor, why="rejected")
        position_resume(position_id=fine.position_id, actor=actor)
    return fine


@transaction.atomic
def fine_appeal_decided(*, fine_id: int, cents: int, due_on: date, actor: Actor) -> Fine:
    """The appeal was rejected and the decision says what to pay, all included, and by when: one new number for that sum
    takes the place of those before. Raises DomainError.
    """
    fine = _locked(fine_id)
    if not 1 <= cents <= asking.MOST_CENTS:
        raise DomainError("decision_cents", "La somma decisa va da un centesimo a 1.000.000,00 di euro.")
    if not fine.violated_on < due_on <= clock.today() + LONGEST:
        raise DomainError(
            "decision_due_on", "La scadenza non può precedere la violazione, né essere oltre cinque anni."
        )
    words = DECISION_LABELS[AppealTo(fine.appeal_to)] if fine.appeal_to else DECIDED
    _move(fine, Action.APPEAL_DECIDED, actor=actor, why=str(cents))
    position_resume(position_id=fine.position_id, actor=actor)
    rows = options_replace(position_id=fine.position_id, draft=asking.decided(fine, cents, due_on, words), actor=actor)
    asking.charge_decided(fine, cents, rows)
    return fine


@transaction.atomic
def fine_instalments(
    *, fine_id: int, count: int, income_cents: int, relatives: int, actor: Actor, asked_on: date | None = None
) -> Fine:
    """Grant a plan by art. 202-bis CdS; income and relatives are weighed, not kept. Raises DomainError with the reason.

    The term is that of the request: `asked_on` is the day it came in, today when nothing else is said. The reduced
    amount is paid in `count` numbers, a month apart from today; those of the fine cannot be paid while the plan runs.
    """
    fine = _locked(fine_id)
    costs = fine.sanction.costs_cents
    request = PlanRequest(
        cents=fine.min_cents + costs,
        costs_cents=costs,
        count=count,
        income_cents=income_cents,
        relatives=relatives,
        served_on=fine.served_on,
        asked_on=asked_on or clock.today(),
    )
    against = obstacles(request, law=law(), on=fine.violated_on)
    if against:
        raise DomainError("plan_refused", " ".join(against))
    fine.plan_count = count
    _move(fine, Action.GRANT_PLAN, actor=actor, why=str(count))
    parts = parts_of(request.cents, count, granted_on=clock.today(), law=law(), on=fine.violated_on)
    rows = options_replace(
        position_id=fine.position_id, draft=plan_option(parts, costs=costs, **asking.KINDS), actor=actor
    )
    asking.charge_planned(fine, parts, rows)
    return fine


@transaction.atomic
def fine_instalments_closed(*, fine_id: int, actor: Actor) -> Fine:
    """The plan was taken back before anything of it was paid: the fine can be paid as before, by the terms it has had
    all along. Raises MoveNotAllowed, DomainError.
    """
    fine = _locked(fine_id)
    fine.plan_count = None
    _move(fine, Action.CLOSE_PLAN, actor=actor, why="closed")
    options_restore(position_id=fine.position_id, actor=actor)
    position_resume(position_id=fine.position_id, actor=actor)
    asking.charge_as_before(fine)
    return fine


@transaction.atomic
def fine_instalments_forfeited(*, fine_id: int, reason: str, actor: Actor) -> Fine:
    """Who does not pay loses the plan: what the fine costs today, less what was paid, is due at once with one number.

    Raises DomainError: no reason, no instalment overdue, nothing left.
    """
    if not reason.strip():
        raise DomainError("reason_missing", "Scrivi perché si perde la rateazione: il motivo resta agli atti.")
    fine = _locked(fine_id)
    today = clock.today()
    standing = asking.plan_standing(fine, on=today)
    fine.plan_note = reason.strip()[:140]
    _move(fine, Action.FORFEIT_PLAN, actor=actor, why="office")
    if not standing.overdue:
        raise DomainError("plan_in_time", "Nessuna rata è scaduta: chi paga in tempo non perde la rateazione.")
    left = asking.left_of(fine, standing, on=today)
    rows = options_replace(position_id=fine.position_id, draft=left.draft, actor=actor)
    asking.charge_forfeited(fine, left, rows)
    return fine


@transaction.atomic
def plan_settled(*, charge_id: int) -> None:
    """Everything is paid: a plan whose instalments are all paid is over; one that another payment made pointless is
    closed. Nothing happens to fines without a plan. Called after the payment; a second call changes nothing.
    """
    key = Fine.objects.filter(position__charge=charge_id, stage=Stage.IN_INSTALMENTS).values_list("pk", flat=True)
    fine = _locked(key[0]) if key else None
    if fine is None or fine.stage != Stage.IN_INSTALMENTS or fine.position.state not in SETTLED:
        return
    whole = not asking.plan_rows(fine).filter(paid_at=None).exists()
    _move(fine, Action.COMPLETE_PLAN if whole else Action.CLOSE_PLAN, actor=events.FINES, why="paid")


@transaction.atomic
def fine_cancel(*, fine_id: int, reason: str, actor: Actor) -> Fine:
    """Take a fine back (autotutela). Raises DomainError when it was paid, or without a reason."""
    if not reason.strip():
        raise DomainError("reason_missing", "Scrivi perché la multa è annullata: il motivo resta agli atti.")
    fine = _locked(fine_id)
    fine.reason = reason.strip()[:140]
    _move(fine, Action.CANCEL, actor=actor, why="office")
    _cancel(fine, actor)
    return fine


def _locked(fine_id: int) -> Fine:
    """The fine, after its charge: receipts lock the charge and then the position, and so does who cancels."""
    charge_id = Fine.objects.values_list("position__charge", flat=True).get(pk=fine_id)
    Charge.objects.select_for_update(of=("self",)).get(pk=charge_id)
    return Fine.objects.select_for_update(of=("self",)).select_related("position").get(pk=fine_id)


def _move(fine: Fine, action: Action, *, actor: Actor, why: str) -> None:
    before = Stage(fine.stage)
    fine.stage = move(TRANSITIONS, before, action)
    if action not in _AFTER_PAYMENT and fine.position.state not in OPEN:
        raise DomainError("fine_paid", "La multa risulta già pagata.")
    fine.save(update_fields=["stage", "appeal_to", "plan_count", "plan_note", "reason"])
    events.moved(fine, before=before, actor=actor, why=why)


def _cancel(fine: Fine, actor: Actor) -> None:
    """The charge takes its position along; a position that nobody may pay is cancelled as it is."""
    cancel_charge(charge_id=fine.position.charge_id, actor=actor)
