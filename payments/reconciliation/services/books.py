"""Bringing the books of a body up to date: the ledger, then the proposals that follow from it."""

from dataclasses import dataclass

from django.db import transaction

from payments.reconciliation.models import ReconciliationRun
from payments.reconciliation.services import matching
from payments.reconciliation.services.ledger import ledger_post
from payments.reconciliation.services.proposals import proposals_refresh
from portal.audit.actor import Actor
from portal.entities.models import Entity


@dataclass(frozen=True, slots=True)
class Updated:
    """What was written: postings of the ledger, rows of proposals."""

    postings: int
    proposals: int


@transaction.atomic
def books_update(*, entity: Entity, actor: Actor, run: ReconciliationRun | None = None, full: bool = False) -> Updated:
    """Book what is new and redo the drafts that changed: nothing, when nothing changed. Safe to repeat.

    Whatever changes a draft changes the ledger too, so the drafts are looked at when the ledger moved, or with `full`.
    """
    posted = ledger_post(entity=entity, actor=actor, run=run)
    drafts = proposals_refresh(entity=entity) if posted.postings or full else 0
    return Updated(posted.postings, drafts)


def reconcile_and_book(*, entity: Entity, actor: Actor, full: bool = False) -> matching.Run:
    """A run, and the books that follow from it: two transactions, unless the caller has one."""
    run = matching.reconcile(entity=entity, actor=actor, full=full)
    books_update(entity=entity, actor=actor)
    return run
