"""The ledger: what the documents say, booked by difference from what is booked already."""

from payments.reconciliation import book_events as events
from payments.reconciliation.services.looking import Look
from payments.reconciliation.sql import statement
from portal import clock
from portal.audit.actor import Actor

# So many new rows make the planner's statistics misleading; these stay, and deserve the usual sample.
MANY = 5000
_POST = statement("ledger_post")
_ANALYZE = """
SET LOCAL default_statistics_target TO DEFAULT;
ANALYZE payments_reconciliation_ledgerentry, payments_reconciliation_ledgerposting"""


def ledger_post(look: Look, *, run_id: int | None = None, actor: Actor) -> int:
    """Write what the documents looked at say and the books do not yet; how many postings. What was written and turns
    out otherwise gets its contrary. One statement, whatever the number of rows.
    """
    look.sql.execute(_POST, look.known | {"now": clock.now(), "run": run_id})
    postings = int(look.sql.rowcount)
    if postings >= MANY:
        look.sql.execute(_ANALYZE)
    if postings:
        events.ledger_posted(entity=look.entity, postings=postings, actor=actor)
    return postings
