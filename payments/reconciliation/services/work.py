"""The accountant's work: take a problem, wait for an answer, ignore it with a reason, give it back to the queue."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from payments.reconciliation import events
from payments.reconciliation.domain.outcomes import PROBLEMS
from payments.reconciliation.domain.work import TRANSITIONS, WorkAction, WorkState
from payments.reconciliation.models import Verdict, WorkItem, WorkStep
from payments.reconciliation.services.people import accountant_needed, reason_written
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.kernel.states import move


class NothingToWorkOn(DomainError):
    """The verdict is no problem of this body, or later evidence has closed it."""


class InOtherHands(DomainError):
    """A colleague has it: first it goes back to the queue."""


class DayPassed(DomainError):
    """An answer cannot be waited for until a day that is over."""


def work_take(*, entity: Entity, verdict_id: int, user_id: int, actor: Actor) -> WorkItem:
    """Say that one works on a problem. Raises NotAnAccountant, NothingToWorkOn, InOtherHands, MoveNotAllowed."""
    return _step(WorkAction.TAKE, entity=entity, verdict_id=verdict_id, user_id=user_id, actor=actor)


def work_wait(
    *, entity: Entity, verdict_id: int, user_id: int, reason: str, due_on: date | None = None, actor: Actor
) -> WorkItem:
    """Wait for who was asked, until a day or without one. Raises as `work_take`, and ReasonNeeded, DayPassed."""
    if due_on is not None and due_on < clock.today():
        raise DayPassed("work_day_passed", _("Il giorno entro cui aspetti la risposta è già passato."))
    return _step(
        WorkAction.WAIT, entity=entity, verdict_id=verdict_id, user_id=user_id, actor=actor,
        reason=reason_written(reason), due_on=due_on,
    )  # fmt: skip


def work_ignore(*, entity: Entity, verdict_id: int, user_id: int, reason: str, actor: Actor) -> WorkItem:
    """Take a problem off the queue without solving it, saying why. Raises as `work_take`, and ReasonNeeded."""
    written = reason_written(reason)
    return _step(
        WorkAction.IGNORE, entity=entity, verdict_id=verdict_id, user_id=user_id, actor=actor, reason=written
    )  # fmt: skip


def work_reopen(*, entity: Entity, verdict_id: int, user_id: int, actor: Actor) -> WorkItem:
    """The contrary entry: back to the queue, whoever had it. Raises as `work_take`, but for InOtherHands."""
    return _step(WorkAction.REOPEN, entity=entity, verdict_id=verdict_id, user_id=user_id, actor=actor)


@transaction.atomic
def _step(
    action: WorkAction, *, entity: Entity, verdict_id: int, user_id: int, actor: Actor, reason: str = "",
    due_on: date | None = None,
) -> WorkItem:  # fmt: skip
    accountant_needed(entity, user_id)
    verdict, now = _problem(entity, verdict_id), clock.now()
    item = WorkItem.objects.select_related("assignee").filter(verdict=verdict).first()
    if item is None:
        item = WorkItem(entity=entity, verdict=verdict, opened_at=now, opened_by_id=user_id)
    if action is not WorkAction.REOPEN and item.assignee_id not in {None, user_id}:
        name = str(item.assignee)
        raise InOtherHands("work_in_other_hands", _("Se ne occupa già %(name)s.") % {"name": name})
    before, item.state = item.state, move(TRANSITIONS, WorkState(item.state), action)
    item.assignee_id = None if action is WorkAction.REOPEN else user_id
    item.reason, item.due_on = reason or item.reason, due_on
    item.changed_at, item.changed_by_id = now, user_id
    item.save()
    WorkStep.objects.create(
        entity=entity, item=item, at=now, by_id=user_id, state=item.state, assignee_id=item.assignee_id, reason=reason,
        due_on=due_on,
    )  # fmt: skip
    events.work_changed(item=item, before=before, actor=actor)
    return item


def _problem(entity: Entity, verdict_id: int) -> Verdict:
    """The verdict, locked: who comes at the same instant, and the run that would close it, wait."""
    rows = Verdict.objects.select_for_update(of=("self",), no_key=True)
    verdict = rows.filter(entity=entity, pk=verdict_id, code__in=PROBLEMS).first()
    if verdict is None:
        raise NothingToWorkOn("work_unknown", _("Questo esito non è un problema da risolvere."))
    if verdict.closed_run_id is not None:
        raise NothingToWorkOn("work_closed", _("L'esito si è chiuso da solo: non c'è più niente da fare."))
    return verdict
