"""What persons decided about a problem goes on when a run says the same of the same document in other words."""

from django.utils.translation import gettext as _

from payments.reconciliation.domain.work import WorkState, same_problem
from payments.reconciliation.models import Verdict, WorkItem, WorkStep
from portal import clock
from portal.entities.models import Entity

Said = tuple[str, int | None, str]


def work_carry(*, entity: Entity, run_id: int) -> int:
    """Move the items of the verdicts that a run closed to those it opened in their place; how many.

    When documents or cents have changed, who has the item finds it written, and what was ignored goes back to the
    queue. In the transaction of the run; a fixed number of statements.
    """
    items = list(WorkItem.objects.filter(entity=entity, verdict__closed_run_id=run_id).select_related("verdict"))
    if not items:
        return 0
    codes = {item.verdict.code for item in items}
    opened = Verdict.objects.filter(entity=entity, opened_run_id=run_id, closed_run=None, code__in=codes)
    anew = {_said(verdict): verdict for verdict in opened}
    carried = [(item, verdict) for item in items if (verdict := anew.get(_said(item.verdict))) is not None]
    steps = [step for item, verdict in carried if (step := _moved(item, verdict)) is not None]
    WorkItem.objects.bulk_update([item for item, _verdict in carried], ["verdict", "state", "assignee"])
    WorkStep.objects.bulk_create(steps)
    return len(carried)


def _said(verdict: Verdict) -> Said:
    """A document and what is said of it."""
    documents = (verdict.line_id, verdict.receipt_id, verdict.flow_id, verdict.movement_id, verdict.journal_id)
    return verdict.subject, next((number for number in documents if number is not None), None), verdict.code


def _moved(item: WorkItem, verdict: Verdict) -> WorkStep | None:
    before, item.verdict = item.verdict, verdict
    if same_problem(before.facts, verdict.facts) and before.cents == verdict.cents:
        return None
    if item.state == WorkState.IGNORED:
        item.state, item.assignee = WorkState.OPEN, None
    return WorkStep(
        entity_id=item.entity_id, item=item, at=clock.now(), state=item.state, assignee_id=item.assignee_id,
        reason=_("Sono cambiati gli importi o i documenti."), due_on=item.due_on,
    )  # fmt: skip
