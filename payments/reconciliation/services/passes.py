"""The statements of a run, in order. Each one works on the whole of a body's evidence: their number never depends on
how many rows there are.

The passes decide which documents belong together; the verdicts say what follows for each document. Pairs and verdicts
are first worked out beside the tables, then compared with what stands: a run writes differences only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.backends.utils import CursorWrapper

from payments.reconciliation.domain.remittance import Confidence, read_remittance
from payments.reconciliation.domain.rules import MatchRule
from payments.reconciliation.domain.terms import settlement_window
from payments.reconciliation.sql import statement


@dataclass(frozen=True, slots=True)
class Pass:
    """A named rule, the statement that applies it, and how sure it is."""

    rule: MatchRule
    sql: str
    confidence: Confidence = Confidence.EXACT


PASSES = (
    Pass(MatchRule.IUF_EXACT, statement("by_reference")),
    Pass(MatchRule.REGULATION_ID, statement("by_regulation")),
    Pass(MatchRule.IUF_HEALED, statement("by_reference"), Confidence.HEALED),
    Pass(MatchRule.PREFIX_AMOUNT, statement("by_prefix"), Confidence.NONE),
    Pass(MatchRule.SINGLE, statement("single_lines")),
    Pass(MatchRule.SINGLE, statement("single_receipts")),
    Pass(MatchRule.IUV_AND_IUR, statement("lines")),
)
_CUT = statement("cut_texts")
_BEGIN, _REVERSALS, _CREDITS = statement("pairs_begin"), statement("reversals"), statement("credits")
_PAIRS_INDEX, _PAIRS_END, _PAIRS_KEEP = statement("pairs_index"), statement("pairs_end"), statement("pairs_keep")
_STATES = statement("states")
_DOCUMENTS = tuple(statement(f"verdicts_{name}") for name in ("flows", "movements", "journals"))
_SCOPE_BEGIN, _SCOPE_FULL = statement("scope_begin"), statement("scope_full")
_SCOPE_NEW, _SCOPE_END = statement("scope_new"), statement("scope_end")
_PAYMENTS = (statement("payments"), *(statement(f"verdicts_{name}") for name in ("lines", "receipts", "debts")))
_STANDING, _CLOSE, _OPEN, _HASH = statement("standing"), statement("close"), statement("open"), statement("hash")


@dataclass(frozen=True, slots=True)
class Changes:
    """What a run changed, by rule and by code."""

    matches: dict[str, int]
    revoked: int
    opened: dict[str, int]
    closed: dict[str, int]

    def any(self) -> bool:
        """Whether anything changed at all."""
        return bool(self.matches or self.revoked or self.opened or self.closed)


def pairs(sql: CursorWrapper, known: dict[str, Any]) -> tuple[dict[str, int], int]:
    """Apply the passes; new matches by rule, and how many were taken back. `known` learns what the texts say."""
    sql.execute(_BEGIN, known)
    sql.execute(_REVERSALS, {**known, "rule": MatchRule.REVERSAL.value, "confidence": Confidence.EXACT.value})
    sql.execute(_CREDITS, known)
    known |= _cut_texts(sql) | _days(sql)
    for step in PASSES:
        sql.execute(step.sql, {**known, "rule": step.rule.value, "confidence": step.confidence.value})
    sql.execute(_PAIRS_INDEX)
    sql.execute(_PAIRS_END, known)
    revoked = sql.rowcount
    sql.execute(_PAIRS_KEEP, known)
    return dict(sql.fetchall()), revoked


def verdicts(sql: CursorWrapper, known: Mapping[str, Any], *, full: bool) -> tuple[dict[str, int], dict[str, int]]:
    """Judge the documents; verdicts opened and closed, by code."""
    sql.execute(_STATES, known)
    for document in _DOCUMENTS:
        sql.execute(document, known)
    sql.execute(_SCOPE_BEGIN)
    sql.execute(_SCOPE_FULL if full else _SCOPE_NEW, known)
    sql.execute(_SCOPE_END, known)
    for payment in _PAYMENTS:
        sql.execute(payment, known)
    sql.execute(_STANDING, known)
    sql.execute(_CLOSE, known)
    closed = dict(sql.fetchall())
    sql.execute(_OPEN, known)
    return dict(sql.fetchall()), closed


def fingerprint(sql: CursorWrapper, *, entity_id: int) -> str:
    """SHA-256 of the current verdicts of a body."""
    sql.execute(_HASH, {"entity": entity_id})
    return str(sql.fetchone()[0])


def _cut_texts(sql: CursorWrapper) -> dict[str, list[Any]]:
    """What can be read of the flow's name in texts that were cut; a name that no flow has may be a cut one too."""
    sql.execute(_CUT)
    read = [(number, name or read_remittance(text).prefix.upper()) for number, name, text in sql.fetchall()]
    return {"cut_movements": [number for number, _prefix in read], "cut_prefixes": [prefix for _number, prefix in read]}


def _days(sql: CursorWrapper) -> dict[str, list[Any]]:
    """The days on which a flow's credit may be booked, for every day of settlement."""
    sql.execute("SELECT min(regulation_date), max(regulation_date) FROM recon_flow")
    first, last = sql.fetchone()
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)] if first else []
    windows = [settlement_window(day) for day in days]
    return {"days": days, "days_from": [window[0] for window in windows], "days_to": [window[1] for window in windows]}
