"""The statements of a run, in order. Each one works on the whole of a body's evidence: their number never depends on
how many rows there are.

The passes decide which documents belong together, always over the whole body: that is little work, and safe. The
verdicts say what follows for each document, and are asked of the documents that something new may concern; a full run
asks them of all. Pairs and verdicts are first worked out beside the tables, then compared with what stands: a run
writes differences only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Any

from django.db.backends.utils import CursorWrapper

from payments.reconciliation.domain.remittance import Confidence, read_remittance
from payments.reconciliation.domain.rules import MatchRule
from payments.reconciliation.domain.terms import settlement_window
from payments.reconciliation.sql import statement
from payments.reconciliation.sql.planner import from_few_rows


@dataclass(frozen=True, slots=True)
class Pass:
    """A named rule, the statement that applies it, and how sure it is. `few` when only a full run has many rows."""

    rule: MatchRule
    sql: str
    confidence: Confidence = Confidence.EXACT
    few: bool = False


PASSES = (
    Pass(MatchRule.IUF_EXACT, statement("by_reference")),
    Pass(MatchRule.REGULATION_ID, statement("by_regulation")),
    Pass(MatchRule.IUF_HEALED, statement("by_reference"), Confidence.HEALED),
    Pass(MatchRule.PREFIX_AMOUNT, statement("by_prefix"), Confidence.NONE),
    Pass(MatchRule.SINGLE, from_few_rows(statement("single_lines"))),
    Pass(MatchRule.SINGLE, from_few_rows(statement("single_receipts"))),
    Pass(MatchRule.IUV_AND_IUR, statement("lines"), few=True),
)
_CUT = statement("cut_texts")
# A day of another century is a slip of who wrote it, and has no days around it.
_SETTLED = """
SELECT DISTINCT regulation_date FROM recon_flow WHERE regulation_date BETWEEN '2000-01-01' AND '2099-12-31'"""
_BEGIN, _REVERSALS, _CREDITS = statement("pairs_begin"), statement("reversals"), statement("credits")
_PAIRS_BESIDE, _PAIRS_END, _PAIRS_KEEP = statement("pairs_beside"), statement("pairs_end"), statement("pairs_keep")
_ALONE = {True: statement("alone_full"), False: from_few_rows(statement("alone_new"))}
_LOOK = {True: statement("look_full"), False: statement("look_new")}
_JUDGE = (
    statement("payments"),
    statement("states"),
    *(statement(f"verdicts_{name}") for name in ("flows", "movements", "journals", "lines", "receipts", "debts")),
)
_STANDING, _CLOSE, _OPEN, _HASH = statement("standing"), statement("close"), statement("open"), statement("hash")


@dataclass(frozen=True, slots=True)
class Changes:
    """What a run changed, by rule and by code."""

    matches: dict[str, int]
    revoked: int
    opened: dict[str, int]
    closed: dict[str, int]
    # What they do to the fingerprint of the current verdicts; 0 of a full run.
    turn: int

    def any(self) -> bool:
        """Whether anything changed at all."""
        return bool(self.matches or self.revoked or self.opened or self.closed)


def pairs(sql: CursorWrapper, known: dict[str, Any], *, full: bool) -> tuple[dict[str, int], int]:
    """Apply the passes; new matches by rule, and how many were taken back. `known` learns what the texts say."""
    sql.execute(_BEGIN, known)
    sql.execute(_ALONE[full], known)
    reversals = _REVERSALS if full else from_few_rows(_REVERSALS)
    sql.execute(reversals, {**known, "rule": MatchRule.REVERSAL.value, "confidence": Confidence.EXACT.value})
    sql.execute(_CREDITS, known)
    known |= _cut_texts(sql) | _days(sql)
    for step in PASSES:
        text = from_few_rows(step.sql) if step.few and not full else step.sql
        sql.execute(text, {**known, "rule": step.rule.value, "confidence": step.confidence.value})
    sql.execute(_PAIRS_BESIDE)
    sql.execute(_PAIRS_END, known)
    revoked = sql.rowcount
    sql.execute(_PAIRS_KEEP, known)
    return dict(sql.fetchall()), revoked


def verdicts(sql: CursorWrapper, known: Mapping[str, Any], *, full: bool) -> tuple[dict[str, int], dict[str, int], int]:
    """Judge the documents; verdicts opened and closed, by code, and what they do to the fingerprint: left to be worked
    out from nothing when the run is full.
    """
    sql.execute(_LOOK[full], known)
    for step in _JUDGE:
        sql.execute(step, known)
    sql.execute(_STANDING, known)
    closed, took = _counted(sql, _CLOSE, {**known, "full": full})
    opened, gave = _counted(sql, _OPEN, {**known, "full": full})
    return opened, closed, took ^ gave


def fingerprint(sql: CursorWrapper, *, entity_id: int) -> int:
    """The fingerprint of the current verdicts of a body: the SHA-256 of each, all together by exclusive or."""
    sql.execute(_HASH, {"entity": entity_id})
    return int(sql.fetchone()[0], 2)


def _counted(sql: CursorWrapper, step: str, known: Mapping[str, Any]) -> tuple[dict[str, int], int]:
    """What a statement wrote: rows by code, and their fingerprints together."""
    sql.execute(step, known)
    rows = sql.fetchall()
    return {code: count for code, count, _bits in rows}, reduce(xor, (int(bits or "0", 2) for *_row, bits in rows), 0)


def _cut_texts(sql: CursorWrapper) -> dict[str, list[Any]]:
    """What can be read of the flow's name in texts that were cut; a name that no flow has may be a cut one too."""
    sql.execute(_CUT)
    read = [(number, name or read_remittance(text).prefix.upper()) for number, name, text in sql.fetchall()]
    return {"cut_movements": [number for number, _prefix in read], "cut_prefixes": [prefix for _number, prefix in read]}


def _days(sql: CursorWrapper) -> dict[str, list[Any]]:
    """The days on which a flow's credit may be booked, for each day of settlement."""
    sql.execute(_SETTLED)
    days = [row[0] for row in sql.fetchall()]
    windows = [settlement_window(day) for day in days]
    return {"days": days, "days_from": [window[0] for window in windows], "days_to": [window[1] for window in windows]}
