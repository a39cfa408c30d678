"""The ledger: what the documents say, booked by difference from what is booked already."""

from dataclasses import dataclass

from django.db import connection, transaction

from payments.reconciliation import book_events as events
from payments.reconciliation.models import ReconciliationRun
from payments.reconciliation.sql import statement
from payments.reconciliation.sql.planner import whole_sets
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity

LOCK = 0x4C494252  # "LIBR": the books of a body are written by one at a time
# So many new rows make the planner's statistics misleading.
MANY = 5000
_POST = statement("ledger_shares") + statement("ledger_post")
_ANALYZE = "ANALYZE payments_reconciliation_ledgerentry, payments_reconciliation_ledgerposting"


@dataclass(frozen=True, slots=True)
class Posted:
    """How many postings were written."""

    postings: int


@transaction.atomic
def ledger_post(*, entity: Entity, actor: Actor, run: ReconciliationRun | None = None) -> Posted:
    """Write what the documents of a body say and the books do not yet: nothing, when nothing new is known. What was
    written and turns out otherwise gets its contrary. One statement, whatever the number of rows.
    """
    books_lock(entity.pk)
    with whole_sets() as sql:
        sql.execute(_POST, {"entity": entity.pk, "now": clock.now(), "run": run.pk if run else None})
        postings = sql.rowcount
        if postings >= MANY:
            sql.execute(_ANALYZE)
    if postings:
        events.ledger_posted(entity=entity, postings=postings, actor=actor)
    return Posted(postings)


def books_lock(entity_id: int) -> None:
    """Whoever writes the books of this body waits here until the transaction ends."""
    with connection.cursor() as sql:
        sql.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, entity_id])
