"""One run of reconciliation over the evidence of a body: what belongs together, and what follows from it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from payments.models import StationLink
from payments.reconciliation import events
from payments.reconciliation.domain.rules import RULES_VERSION
from payments.reconciliation.domain.terms import FUTURE, late_if_not_after
from payments.reconciliation.models import PullCursor, PullSource, ReconciliationRun, ReportingFlow
from payments.reconciliation.services import passes
from payments.reconciliation.services.carrying import work_carry
from payments.reconciliation.services.cursors import cursor_locked
from payments.reconciliation.services.suggesting import suggest
from payments.reconciliation.sql import statement
from payments.reconciliation.sql.planner import few_rows, whole_sets
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity

_ANALYZE = statement("analyze")
# Rows of other rooms become visible a little after the time they carry.
OVERLAP = timedelta(hours=1)
OVERLAP_ROWS = 2000
# So many new rows make the planner's statistics misleading.
MANY = 5000
# So many new flows are looked at faster all together than each by itself.
MANY_FLOWS = 500
_LAST_ROWS = """
SELECT coalesce((SELECT max(id) FROM payments_reconciliation_reportingflow WHERE entity_id = %(entity)s), 0),
    coalesce((SELECT max(id) FROM payments_reconciliation_treasurymovement WHERE entity_id = %(entity)s), 0),
    coalesce((SELECT max(id) FROM payments_reconciliation_match WHERE entity_id = %(entity)s), 0),
    coalesce((SELECT max(id) FROM payments_receipt WHERE entity_id = %(entity)s), 0)"""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run did. `run_id` is None when nothing changed; `counts` are the new matches by rule."""

    run_id: int | None
    full: bool
    hash: str
    counts: dict[str, int] = field(default_factory=dict)
    revoked: int = 0
    opened: dict[str, int] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)


@transaction.atomic
def reconcile(*, entity: Entity, actor: Actor, full: bool = False) -> Run:
    """Match and judge the evidence of a body, whole or only what is new. Two runs at once follow one another.

    The first run of a day, and the first with new rules, is always full: days pass, and settings of other rooms change.
    A run leaves a row only when it changed something; the fingerprint depends on the evidence and the day alone.
    """
    cursor = cursor_locked(entity=entity, source=PullSource.MATCHING)
    now, last = clock.now(), ReconciliationRun.objects.filter(entity=entity).order_by("-pk").first()
    marks = _marks(entity)
    full = full or _full_is_due(cursor, last) or _many_new(entity, cursor)
    with whole_sets() as sql:
        run_id = _next_id(sql)
        known = _known(entity, run_id=run_id, now=now, cursor=cursor)
        matches, revoked = passes.pairs(sql, known, full=full)
    with whole_sets() if full else few_rows() as sql:
        opened, closed, turn = passes.verdicts(sql, known, full=full)
        changes = passes.Changes(matches, revoked, opened, closed, turn)
        suggest(sql, known)
        digest = _digest(sql, entity, last, changes, full=full)
        if sum(opened.values()) >= MANY:
            sql.execute(_ANALYZE)
    if changes.any() or (last is not None and last.hash != digest):
        _keep(entity=entity, run_id=run_id, full=full, changes=changes, digest=digest, actor=actor)
        work_carry(entity=entity, run_id=run_id)
    cursor.attempted_at = cursor.succeeded_at = now
    cursor.position = now if full else cursor.position
    cursor.marks = marks
    cursor.save(update_fields=["attempted_at", "succeeded_at", "position", "marks"])
    return Run(run_id if changes.any() else None, full, digest, matches, revoked, opened, closed)


def _full_is_due(cursor: PullCursor, last: ReconciliationRun | None) -> bool:
    """Whether today has not yet had its full run, or the rules have changed since."""
    if cursor.position is None or cursor.position.astimezone(clock.ROME).date() != clock.today():
        return True
    return last is not None and last.rules_version != RULES_VERSION


def _next_id(sql: CursorWrapper) -> int:
    """The number of the run, known before its row: what it writes names it, the row comes whole at the end."""
    sql.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [ReconciliationRun._meta.db_table])
    return int(sql.fetchone()[0])


def _marks(entity: Entity) -> dict[str, int]:
    """The last rows that this run can see: the next one looks at those after them."""
    with connection.cursor() as sql:
        sql.execute(_LAST_ROWS, {"entity": entity.pk})
        return dict(zip(("flow", "movement", "match", "receipt"), sql.fetchone(), strict=True))


def _many_new(entity: Entity, cursor: PullCursor) -> bool:
    """Whether so much has come that looking at everything is the quicker way."""
    fresh = ReportingFlow.objects.filter(entity=entity, pk__gt=cursor.marks.get("flow", 0))
    return fresh.count() > MANY_FLOWS


def _digest(
    sql: CursorWrapper, entity: Entity, last: ReconciliationRun | None, changes: passes.Changes, *, full: bool
) -> str:
    """The fingerprint after this run: worked out from nothing by a full one, brought up to date by the others."""
    if full or last is None:
        return f"{passes.fingerprint(sql, entity_id=entity.pk):064x}"
    return f"{int(last.hash, 16) ^ changes.turn:064x}"


def _known(entity: Entity, *, run_id: int, now: datetime, cursor: PullCursor) -> dict[str, Any]:
    links = StationLink.objects.filter(entity=entity).values_list("segregation_code", flat=True)
    return {
        "entity": entity.pk,
        "fiscal_code": entity.fiscal_code,
        "run": run_id,
        "now": now,
        "since": (cursor.succeeded_at or now) - OVERLAP,
        "flow": cursor.marks.get("flow", 0),
        "movement": cursor.marks.get("movement", 0),
        "match": cursor.marks.get("match", 0),
        "receipt": cursor.marks.get("receipt", 0) - OVERLAP_ROWS,
        "late": late_if_not_after(clock.today()),
        "beyond": clock.today() + FUTURE,
        "links": sorted(set(links)),
    }


def _keep(*, entity: Entity, run_id: int, full: bool, changes: passes.Changes, digest: str, actor: Actor) -> None:
    counts = {
        "matches": changes.matches,
        "revoked": changes.revoked,
        "opened": changes.opened,
        "closed": changes.closed,
    }
    run = ReconciliationRun.objects.create(
        pk=run_id,
        entity=entity,
        at=clock.now(),
        today=clock.today(),
        rules_version=RULES_VERSION,
        full=full,
        counts=counts,
        hash=digest,
    )
    events.run_finished(run=run, counts=counts, actor=actor)
