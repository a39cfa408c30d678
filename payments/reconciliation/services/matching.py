"""One run of matching over the evidence of a body."""

from dataclasses import dataclass

from django.db import connection, transaction

from payments.reconciliation import events
from payments.reconciliation.domain.rules import RULES_VERSION
from payments.reconciliation.models import PullCursor, PullSource, ReconciliationRun
from payments.reconciliation.services.passes import PASSES
from payments.reconciliation.sql import statement
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity

# So many new rows make the planner's statistics misleading: without fresh ones the desk's query takes minutes.
MANY = 1000
_ANALYZE = statement("analyze")


@dataclass(frozen=True, slots=True)
class RunResult:
    """New matches by rule; `run_id` is None when there was nothing new to put together."""

    run_id: int | None
    counts: dict[str, int]


@transaction.atomic
def match_run(*, entity: Entity, actor: Actor) -> RunResult:
    """Put together what belongs together. Adds only what is new; two runs at once follow one another."""
    cursor = cursor_locked(entity=entity, source=PullSource.MATCHING)
    counts: dict[str, int] = {}
    savepoint = transaction.savepoint()
    run = ReconciliationRun.objects.create(entity=entity, at=clock.now(), rules_version=RULES_VERSION)
    with connection.cursor() as sql:
        for step in PASSES:
            known = {"entity": entity.pk, "run": run.pk, "rule": step.rule.value, "confidence": step.confidence.value}
            sql.execute(step.sql, known)
            counts[step.rule] = sql.rowcount
        if sum(counts.values()) >= MANY:
            sql.execute(_ANALYZE)
    counts = {rule: count for rule, count in counts.items() if count}
    if counts:
        transaction.savepoint_commit(savepoint)
        events.run_finished(run=run, counts=counts, actor=actor)
    else:
        transaction.savepoint_rollback(savepoint)
    cursor.attempted_at = cursor.succeeded_at = clock.now()
    cursor.save(update_fields=["attempted_at", "succeeded_at"])
    return RunResult(run.pk if counts else None, counts)


def cursor_locked(*, entity: Entity, source: PullSource) -> PullCursor:
    """The row that says how far a source was read, locked until the transaction ends."""
    PullCursor.objects.bulk_create([PullCursor(entity=entity, source=source)], ignore_conflicts=True)
    return PullCursor.objects.select_for_update(of=("self",)).get(entity=entity, source=source)
