"""How the statements of a run and of the books are run."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

# Sets of a year are sorted and hashed in memory, not on disk.
_MEMORY = "SET LOCAL work_mem = '64MB'"


@contextmanager
def whole_sets() -> Iterator[CursorWrapper]:
    """A cursor in a transaction, for statements that join whole sets: never row by row. The planner cannot know how
    many rows come out of a chain of sets, guesses a few, and takes minutes for a year where hashing takes a second.
    """
    with few_rows() as sql:
        sql.execute("SET LOCAL enable_nestloop = off")
        yield sql
        sql.execute("SET LOCAL enable_nestloop = on")


@contextmanager
def few_rows() -> Iterator[CursorWrapper]:
    """A cursor in a transaction, for statements that begin from a few rows."""
    with transaction.atomic(), connection.cursor() as sql:
        sql.execute(_MEMORY)
        yield sql
