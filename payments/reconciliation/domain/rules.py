"""The rules that may put two documents together, in the order in which they are tried. Pure."""

from enum import StrEnum

from payments.reconciliation.domain.remittance import Confidence

# Bumped when a rule changes what it matches: every match tells under which version it was made.
RULES_VERSION = "4"


class MatchRule(StrEnum):
    REVERSAL = "reversal"
    IUF_EXACT = "iuf_exact"
    REGULATION_ID = "regulation_id"
    IUF_HEALED = "iuf_healed"
    PREFIX_AMOUNT = "prefix_amount"
    SINGLE = "single"
    SUM = "sum"
    AMOUNT_DAY_PSP = "amount_day_psp"
    BY_HAND = "by_hand"
    IUV_AND_IUR = "iuv_and_iur"


RULE_LABELS = {
    MatchRule.REVERSAL: "stesso documento e stesso importo, operazione di storno",
    MatchRule.IUF_EXACT: "identificativo del flusso (IUF) nella causale",
    MatchRule.REGULATION_ID: "riferimento del bonifico (TRN) uguale a quello del flusso",
    MatchRule.IUF_HEALED: "identificativo del flusso (IUF) ricomposto da una causale alterata",
    MatchRule.PREFIX_AMOUNT: "inizio dell'identificativo, importo e giorni, senza altri candidati",
    MatchRule.SINGLE: "stesso IUV nella causale e stesso importo: pagamento riversato da solo",
    MatchRule.SUM: "somma degli importi, stesso PSP e stessi giorni",
    MatchRule.AMOUNT_DAY_PSP: "stesso importo, stessi giorni e nome del PSP",
    MatchRule.BY_HAND: "deciso da una persona",
    MatchRule.IUV_AND_IUR: "stesso IUV e stesso identificativo di riscossione",
}

CONFIDENCE_LABELS = {Confidence.EXACT: "certa", Confidence.HEALED: "ricomposta", Confidence.NONE: "nessuna"}

__all__ = ["CONFIDENCE_LABELS", "RULES_VERSION", "RULE_LABELS", "Confidence", "MatchRule"]
