"""The passes of matching, in order: each one a single SQL statement over the whole of a body's evidence.

A pass adds only what is not there yet, so running them again adds nothing.
"""

from dataclasses import dataclass

from payments.reconciliation.domain.remittance import Confidence
from payments.reconciliation.domain.rules import MatchRule
from payments.reconciliation.sql import statement


@dataclass(frozen=True, slots=True)
class Pass:
    """A named rule, the statement that applies it, and how sure it is."""

    rule: MatchRule
    sql: str
    confidence: Confidence = Confidence.EXACT


PASSES = (
    Pass(MatchRule.REVERSAL, statement("reversals")),
    Pass(MatchRule.IUF_EXACT, statement("by_reference")),
    Pass(MatchRule.REGULATION_ID, statement("by_regulation")),
    Pass(MatchRule.IUF_HEALED, statement("by_reference"), Confidence.HEALED),
    Pass(MatchRule.IUV_AND_IUR, statement("lines")),
)
