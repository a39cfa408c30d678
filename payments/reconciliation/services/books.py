"""Bringing the books of a body up to date: the ledger, then the proposals that follow from it."""

from dataclasses import dataclass

from payments.reconciliation.services import matching
from payments.reconciliation.services.ledger import ledger_post
from payments.reconciliation.services.looking import look_at_changes
from payments.reconciliation.services.proposals import proposals_follow
from portal.audit.actor import Actor
from portal.entities.models import Entity


@dataclass(frozen=True, slots=True)
class Updated:
    """What was written: postings of the ledger, rows of proposals."""

    postings: int
    proposals: int


def books_update(*, entity: Entity, actor: Actor, full: bool = False, run_id: int | None = None) -> Updated:
    """Book what is new and redo the drafts that changed: nothing, when nothing changed. Safe to repeat. With `full`
    everything is looked at again, as after a full run; `run_id` is the run whose verdicts are booked.
    """
    with look_at_changes(entity, full=full) as look:
        return Updated(ledger_post(look, run_id=run_id, actor=actor), proposals_follow(look))


def reconcile_and_book(*, entity: Entity, actor: Actor, full: bool = False) -> matching.Run:
    """A run, and the books that follow from it: two transactions, unless the caller has one."""
    run = matching.reconcile(entity=entity, actor=actor, full=full)
    books_update(entity=entity, actor=actor, full=run.full, run_id=run.run_id)
    return run
