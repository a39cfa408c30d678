"""Appeals, plans, cancellation: each moves the fine by its table, and its position with it."""

from datetime import date
from enum import StrEnum

from django.db import transaction

from payments.domain.states import OPEN
from payments.fines import events
from payments.fines.domain.plans import PlanRequest, obstacles
from payments.fines.domain.stages import SUSPENDED, TRANSITIONS, Action, Stage
from payments.fines.law import law
from payments.fines.models import Fine
from payments.services.positions import position_resume, position_suspend
from portal import clock
from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.billing.services import cancel_charge
from portal.kernel.errors import DomainError
from portal.kernel.states import move


class AppealTo(StrEnum):
    PREFECT = "prefect"
    JUDGE = "judge"


APPEAL_REASONS = {
    AppealTo.PREFECT: "Ricorso al Prefetto",
    AppealTo.JUDGE: "Ricorso al Giudice di pace",
}


@transaction.atomic
def fine_appeal(*, fine_id: int, to: AppealTo, actor: Actor) -> Fine:
    """An appeal was filed: nobody can pay until it is decided. Raises DomainError when the fine is paid or closed."""
    fine = _locked(fine_id)
    _move(fine, Action.APPEAL, actor=actor, why=str(to))
    position_suspend(position_id=fine.position_id, reason=APPEAL_REASONS[to], actor=actor)
    return fine


@transaction.atomic
def fine_appeal_closed(*, fine_id: int, upheld: bool, actor: Actor) -> Fine:
    """The appeal was decided: upheld, the fine is annulled; rejected, it can be paid again. Raises MoveNotAllowed."""
    fine = _locked(fine_id)
    if upheld:
        _move(fine, Action.APPEAL_UPHELD, actor=actor, why="upheld")
        _cancel(fine, actor)
    else:
        _move(fine, Action.APPEAL_REJECTED, actor=actor, why="rejected")
        position_resume(position_id=fine.position_id, actor=actor)
    return fine


@transaction.atomic
def fine_instalments(
    *, fine_id: int, count: int, income_cents: int, relatives: int, actor: Actor, asked_on: date | None = None
) -> Fine:
    """Grant a plan by art. 202-bis CdS; income and relatives are weighed, not kept. Raises DomainError with the reason.

    The term is that of the request: `asked_on` is the day it came in, today when nothing else is said.
    The two numbers of the fine cannot be paid any more while the plan runs: its instalments are asked for apart.
    """
    fine = _locked(fine_id)
    request = PlanRequest(
        cents=fine.min_cents + fine.costs_cents + fine.send_fee_cents,
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
    position_suspend(position_id=fine.position_id, reason=f"Rateazione concessa in {count} rate", actor=actor)
    return fine


@transaction.atomic
def fine_instalments_closed(*, fine_id: int, actor: Actor) -> Fine:
    """The plan is over or was taken back: the fine can be paid as before. Raises MoveNotAllowed."""
    fine = _locked(fine_id)
    fine.plan_count = None
    _move(fine, Action.CLOSE_PLAN, actor=actor, why="closed")
    position_resume(position_id=fine.position_id, actor=actor)
    return fine


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
    if fine.stage in SUSPENDED and fine.position.state not in OPEN:
        raise DomainError("fine_paid", "La multa risulta già pagata.")
    fine.save(update_fields=["stage", "plan_count", "reason"])
    events.moved(fine, before=before, actor=actor, why=why)


def _cancel(fine: Fine, actor: Actor) -> None:
    """The charge takes its position along; a position that nobody may pay is cancelled as it is."""
    cancel_charge(charge_id=fine.position.charge_id, actor=actor)
