"""How the statements of the books are run."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper


@contextmanager
def whole_sets() -> Iterator[CursorWrapper]:
    """A cursor in a transaction, for statements that join whole sets: never row by row. The planner cannot know how
    many rows come out of a chain of sets, guesses a few, and takes minutes for a year where hashing takes a second.
    """
    with transaction.atomic(), connection.cursor() as sql:
        sql.execute("SET LOCAL enable_nestloop = off")
        yield sql
        sql.execute("SET LOCAL enable_nestloop = on")
