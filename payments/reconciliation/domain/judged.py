"""What became of the money of a receipt, said in words. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from payments.reconciliation.domain.terms import expected_by
from portal.kernel.money import euro


class Outcome(StrEnum):
    RECONCILED = "reconciled"
    REPORTED = "reported"
    COLLECTED = "collected"
    RECEIPT_WITHOUT_FLOW = "receipt_without_flow"
    RECEIPT_AMOUNT_DIFFERS = "receipt_amount_differs"
    REVOKED = "revoked"
    FLOW_TOTALS_MISMATCH = "flow_totals_mismatch"
    FLOW_WITHOUT_TREASURY = "flow_without_treasury"
    TREASURY_AMOUNT_DIFFERS = "treasury_amount_differs"


class Tone(StrEnum):
    DONE = "done"
    WAITING = "waiting"
    PROBLEM = "problem"


OUTCOME_LABELS = {
    Outcome.RECONCILED: "Riconciliato",
    Outcome.REPORTED: "Rendicontato",
    Outcome.COLLECTED: "Riscosso",
    Outcome.RECEIPT_WITHOUT_FLOW: "Ricevuta non rendicontata",
    Outcome.RECEIPT_AMOUNT_DIFFERS: "Importi diversi",
    Outcome.REVOKED: "Revocato",
    Outcome.FLOW_TOTALS_MISMATCH: "Totali del flusso incoerenti",
    Outcome.FLOW_WITHOUT_TREASURY: "Rendicontazione senza riversamento",
    Outcome.TREASURY_AMOUNT_DIFFERS: "Riversamento di importo diverso",
}

OUTCOME_TONES = {
    Outcome.RECONCILED: Tone.DONE,
    Outcome.REPORTED: Tone.WAITING,
    Outcome.COLLECTED: Tone.WAITING,
} | {
    outcome: Tone.PROBLEM
    for outcome in Outcome
    if outcome not in {Outcome.RECONCILED, Outcome.REPORTED, Outcome.COLLECTED}
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the documents of one receipt say. Amounts in cents, None where the document is missing.

    The flow is the one in trouble, when the receipt is in more than one; `credits` names the treasury credits.
    """

    outcome: Outcome
    receipt_id: str
    psp: str
    paid_on: date
    expected_cents: int
    reported_cents: int | None = None
    flows: int = 0
    iuf: str = ""
    regulation_date: date | None = None
    declared_count: int = 0
    declared_cents: int = 0
    computed_count: int = 0
    computed_cents: int = 0
    credited_cents: int | None = None
    credits: str = ""


def explain(facts: Facts) -> str:
    """One Italian sentence that names the documents and says what agrees or what is missing."""
    return _SENTENCES[facts.outcome](facts)


def _day(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else "data sconosciuta"


def _reconciled(facts: Facts) -> str:
    return (
        f"La ricevuta, la riga del flusso {facts.iuf} e il provvisorio {facts.credits} concordano: "
        f"{euro(facts.expected_cents)} sono in tesoreria."
    )


def _reported(facts: Facts) -> str:
    due = expected_by(facts.regulation_date) if facts.regulation_date else None
    return f"Il flusso {facts.iuf} riporta il pagamento; il riversamento in tesoreria è atteso prima del {_day(due)}."


def _collected(facts: Facts) -> str:
    return f"C'è la ricevuta; il flusso di {facts.psp} è atteso prima del {_day(expected_by(facts.paid_on))}."


def _without_flow(facts: Facts) -> str:
    return (
        f"Nessun flusso riporta la ricevuta {facts.receipt_id} del {_day(facts.paid_on)}: "
        f"{facts.psp} doveva rendicontarla prima del {_day(expected_by(facts.paid_on))}."
    )


def _amount_differs(facts: Facts) -> str:
    where = f"il flusso {facts.iuf} ne riporta" if facts.flows == 1 else f"{facts.flows} flussi ne riportano"
    return (
        f"La ricevuta è di {euro(facts.expected_cents)}, {where} {euro(facts.reported_cents or 0)}: "
        f"{_difference((facts.reported_cents or 0) - facts.expected_cents)}."
    )


def _revoked(facts: Facts) -> str:
    return f"Il flusso {facts.iuf} dichiara revocato il pagamento della ricevuta {facts.receipt_id}."


def _totals_mismatch(facts: Facts) -> str:
    return (
        f"Il flusso {facts.iuf} dichiara {facts.declared_count} pagamenti per {euro(facts.declared_cents)}, "
        f"ma le sue righe sono {facts.computed_count} per {euro(facts.computed_cents)}."
    )


def _without_treasury(facts: Facts) -> str:
    return (
        f"Il flusso {facts.iuf} dichiara {euro(facts.declared_cents)} regolati il {_day(facts.regulation_date)}, "
        "ma nel giornale di cassa non c'è il riversamento."
    )


def _treasury_differs(facts: Facts) -> str:
    credited = facts.credited_cents or 0
    return (
        f"Il flusso {facts.iuf} dichiara {euro(facts.declared_cents)}, il provvisorio {facts.credits} ne porta "
        f"{euro(credited)}: {_difference(credited - facts.declared_cents)}."
    )


def _difference(cents: int) -> str:
    return f"{euro(abs(cents))} in più" if cents > 0 else f"mancano {euro(abs(cents))}"


_SENTENCES = {
    Outcome.RECONCILED: _reconciled,
    Outcome.REPORTED: _reported,
    Outcome.COLLECTED: _collected,
    Outcome.RECEIPT_WITHOUT_FLOW: _without_flow,
    Outcome.RECEIPT_AMOUNT_DIFFERS: _amount_differs,
    Outcome.REVOKED: _revoked,
    Outcome.FLOW_TOTALS_MISMATCH: _totals_mismatch,
    Outcome.FLOW_WITHOUT_TREASURY: _without_treasury,
    Outcome.TREASURY_AMOUNT_DIFFERS: _treasury_differs,
}
