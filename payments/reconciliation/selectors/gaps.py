"""Days that are missing between the documents of an account: the balances prove it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from payments.reconciliation.sql import statement

_GAPS = statement("journal_gaps")
_PAGES = statement("journal_missing_pages")


@dataclass(frozen=True, slots=True)
class JournalGap:
    """An account that does not start where it ended. `cents` is what the missing documents moved, with its sign."""

    entity_id: int
    entity: str
    account: str
    after: date
    before: date
    cents: int


@dataclass(frozen=True, slots=True)
class MissingPages:
    """A journal that did not come whole: how many pages it has, which are missing or cut."""

    entity_id: int
    entity: str
    journal: str
    day: date
    pages: int
    missing: list[int]


def journal_gaps(entity_ids: Sequence[int]) -> list[JournalGap]:
    """Gaps of these bodies, latest first. One statement; those filled by a late document are no more there."""
    with connection.cursor() as cursor:
        cursor.execute(_GAPS, {"entities": list(entity_ids)})
        return [JournalGap(*row) for row in cursor.fetchall()]


def missing_pages(entity_ids: Sequence[int]) -> list[MissingPages]:
    """Journals of these bodies of which pages are missing, latest first. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_PAGES, {"entities": list(entity_ids)})
        return [MissingPages(*row) for row in cursor.fetchall()]
