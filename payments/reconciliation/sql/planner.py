"""How the statements of a run and of the books are run."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

# Sets of a year are sorted and hashed in memory, not on disk; compiling a plan takes longer than running it; a sample
# of three hundred rows for each of the target's units tells a set of thousands from one of ten.
_SETTINGS = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL default_statistics_target = 10"
_ROWS = "SET LOCAL enable_nestloop = on; SET LOCAL random_page_cost = 1.1"
_SETS = "SET LOCAL enable_nestloop = off; SET LOCAL random_page_cost = 4"


@contextmanager
def whole_sets() -> Iterator[CursorWrapper]:
    """A cursor in a transaction, for statements that join whole sets: never row by row. The planner cannot know how
    many rows come out of a chain of sets, guesses a few, and takes minutes for a year where hashing takes a second.
    """
    with few_rows() as sql:
        sql.execute(_SETS)
        yield sql
        sql.execute(_ROWS)


@contextmanager
def few_rows() -> Iterator[CursorWrapper]:
    """A cursor in a transaction, for statements that begin from a few rows, found by their indexes."""
    with transaction.atomic(), connection.cursor() as sql:
        sql.execute(_SETTINGS)
        sql.execute(_ROWS)
        yield sql


def from_few_rows(statement: str) -> str:
    """Of a statement among those of whole sets, which itself begins from a few rows."""
    return f"{_ROWS};\n{statement};\n{_SETS}"
