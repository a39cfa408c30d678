"""What the books look at: everything, what has changed since the last time, or a few provisionals."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from payments.reconciliation.models import PullCursor, PullSource
from payments.reconciliation.services.cursors import cursor_locked
from payments.reconciliation.sql import statement
from payments.reconciliation.sql.planner import few_rows, whole_sets
from portal import clock
from portal.entities.models import Entity

# Rows of other rooms become visible a little after the time they carry.
OVERLAP = timedelta(hours=1)
_LOCK = 0x4C494252  # "LIBR": the books of a body are written by one at a time
_ALL, _SOME = statement("books_all"), statement("books_some")
_SEEDS, _CHOSEN = statement("books_seeds"), statement("books_chosen")
_SHARES, _MARKS = statement("books_shares"), statement("books_marks")


@dataclass(slots=True)
class Look:
    """A look at the documents of a body. `full` when it takes in all of them; `sql` runs what follows from it."""

    entity: Entity
    sql: CursorWrapper
    full: bool
    known: dict[str, Any] = field(default_factory=dict)


def books_lock(entity_id: int) -> None:
    """Whoever writes the books of this body waits here until the transaction ends."""
    with connection.cursor() as sql:
        sql.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, entity_id])


@contextmanager
def look_at_changes(entity: Entity, *, full: bool = False) -> Iterator[Look]:
    """What runs, treasurer and refunds have changed since the last look, in one transaction that holds the books.

    Everything, the first time, with `full`, and when the rules of allocation or the accounts have changed meanwhile.
    The look counts as done when the block ends well.
    """
    with transaction.atomic():
        books_lock(entity.pk)
        cursor = cursor_locked(entity=entity, source=PullSource.BOOKS)
        marks = _marks(entity)
        since = cursor.succeeded_at
        full = full or since is None or cursor.marks.get("setup") != marks["setup"] or _full_run_since(entity, since)
        with whole_sets() if full else few_rows() as sql:
            look = Look(entity, sql, full, {"entity": entity.pk})
            if full or since is None:
                sql.execute(_ALL, look.known)
            else:
                sql.execute(_SEEDS, look.known | cursor.marks | {"since": since - OVERLAP})
                sql.execute(_SOME, look.known)
            sql.execute(_SHARES, look.known)
            yield look
        _done(cursor, marks)


@contextmanager
def look_at_movements(entity: Entity, movement_ids: Sequence[int]) -> Iterator[Look]:
    """These provisionals and what belongs to them, in one transaction that holds the books."""
    with transaction.atomic():
        books_lock(entity.pk)
        with few_rows() as sql:
            look = Look(entity, sql, full=False, known={"entity": entity.pk})
            sql.execute(_CHOSEN, {"movements": list(movement_ids)})
            sql.execute(_SOME, look.known)
            sql.execute(_SHARES, look.known)
            yield look


@contextmanager
def look_at_everything(entity_id: int) -> Iterator[CursorWrapper]:
    """All that a body's payments brought, to be read only."""
    with whole_sets() as sql:
        sql.execute(_ALL, {"entity": entity_id})
        sql.execute(_SHARES, {"entity": entity_id})
        yield sql


def _full_run_since(entity: Entity, since: datetime) -> bool:
    """Whether a full run has passed whose books were never made: something stopped between the two."""
    runs = PullCursor.objects.filter(entity=entity, source=PullSource.MATCHING)
    return runs.filter(position__gt=since).exists()


def _marks(entity: Entity) -> dict[str, Any]:
    """The last rows to be seen now, and a digest of what decides where money goes."""
    with connection.cursor() as sql:
        sql.execute(_MARKS, {"entity": entity.pk})
        names = [column.name for column in sql.description]
        return dict(zip(names, sql.fetchone(), strict=True))


def _done(cursor: PullCursor, marks: dict[str, Any]) -> None:
    cursor.attempted_at = cursor.succeeded_at = clock.now()
    cursor.marks = marks
    cursor.save(update_fields=["attempted_at", "succeeded_at", "marks"])
