"""Outcomes of receipts: counted, listed, explained. One statement each, however many the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField

from payments.reconciliation.domain.judged import OUTCOME_LABELS, OUTCOME_TONES, Facts, Outcome, Tone, explain
from payments.reconciliation.domain.terms import late_if_not_after
from payments.reconciliation.sql import statement

_JUDGED = statement("judged")
_COUNTS = _JUDGED + statement("judged_counts")
_ROWS = _JUDGED + statement("judged_rows")


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """How many receipts, and cents, have an outcome."""

    outcome: Outcome
    receipts: int
    cents: int

    @property
    def label(self) -> str:
        """The Italian name of the outcome."""
        return OUTCOME_LABELS[self.outcome]

    @property
    def tone(self) -> Tone:
        """Whether it is settled, on its way, or in trouble."""
        return OUTCOME_TONES[self.outcome]


@dataclass(frozen=True, slots=True)
class JudgedReceipt:
    """A receipt with its outcome. `facts` is what the outcome was judged on."""

    id: int
    entity_id: int
    nav: str
    iuv: str
    facts: Facts

    @property
    def outcome(self) -> Outcome:
        """What became of its money."""
        return self.facts.outcome

    @property
    def label(self) -> str:
        """The Italian name of the outcome."""
        return OUTCOME_LABELS[self.outcome]

    @property
    def tone(self) -> Tone:
        """Whether it is settled, on its way, or in trouble."""
        return OUTCOME_TONES[self.outcome]

    @property
    def reason(self) -> str:
        """The sentence that names the documents."""
        return explain(self.facts)


def outcome_counts(*, entity_ids: Sequence[int], today: date) -> list[OutcomeCount]:
    """Every outcome in order, also those nobody has."""
    found = {row["outcome"]: row for row in _query(_COUNTS, _base(entity_ids, today))}
    return [
        OutcomeCount(outcome, found[outcome]["receipts"], found[outcome]["cents"])
        if outcome in found
        else OutcomeCount(outcome, 0, 0)
        for outcome in Outcome
    ]


def judged_receipts(
    *,
    entity_ids: Sequence[int],
    today: date,
    outcome: Outcome | None = None,
    search: str = "",
    limit: int = 50,
    offset: int = 0,
) -> list[JudgedReceipt]:
    """Receipts with their outcome, latest payment first. `search` is a whole IUV, notice, receipt or flow number."""
    chosen = {"outcome": outcome or "", "search": search, "limit": limit, "offset": offset}
    return [_judged(row) for row in _query(_ROWS, _base(entity_ids, today) | chosen)]


def judged_receipt(*, entity_ids: Sequence[int], today: date, receipt_id: int) -> JudgedReceipt | None:
    """One receipt, None when it is not of these bodies, or when no key is that large."""
    if receipt_id > BigIntegerField.MAX_BIGINT:
        return None
    chosen = {"outcome": "", "search": "", "limit": 1, "offset": 0}
    rows = _query(_ROWS, _base(entity_ids, today, receipt_id) | chosen)
    return _judged(rows[0]) if rows else None


def _base(entity_ids: Sequence[int], today: date, receipt_id: int | None = None) -> dict[str, Any]:
    return {"entities": list(entity_ids), "late": late_if_not_after(today), "receipt": receipt_id}


def _query(sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _judged(row: dict[str, Any]) -> JudgedReceipt:
    row["outcome"] = Outcome(row["outcome"])
    own = {name: row.pop(name) for name in ("id", "entity_id", "nav", "iuv")}
    return JudgedReceipt(**own, facts=Facts(**row))
