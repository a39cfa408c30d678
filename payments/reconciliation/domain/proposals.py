"""Proposals of collection orders (proposte di reversale): their states, and why a line cannot go on. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from payments.reconciliation.domain.outcomes import Owner
from portal.kernel.states import Transitions


class State(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    EXPORTED = "exported"


class Action(StrEnum):
    APPROVE = "approve"
    TAKE_BACK = "take_back"
    EXPORT = "export"


STATE_LABELS: Mapping[State, str] = {
    State.DRAFT: "da approvare",
    State.APPROVED: "approvata, da esportare",
    State.EXPORTED: "esportata",
}

TRANSITIONS: Transitions[State, Action] = {
    (State.DRAFT, Action.APPROVE): State.APPROVED,
    (State.APPROVED, Action.TAKE_BACK): State.DRAFT,
    (State.APPROVED, Action.EXPORT): State.EXPORTED,
}


class Reject(StrEnum):
    """In the order in which they are looked for: the first that holds is said."""

    VARIATION = "variation"
    ALREADY_REGULARISED = "already_regularised"
    ASSESSMENT_MISSING = "assessment_missing"
    YEAR_CLOSED = "year_closed"
    NOT_FINAL = "not_final"
    PROVISIONAL_SHORT = "provisional_short"
    ASSESSMENT_SHORT = "assessment_short"


@dataclass(frozen=True, slots=True)
class RejectCard:
    """A reason: its name, who must act, what to do. `like` are the reject codes of the SIAC it stands for, if any."""

    title: str
    owner: Owner
    sentence: str
    like: str


REJECTS: Mapping[Reject, RejectCard] = {
    Reject.VARIATION: RejectCard(
        "Variazione di una reversale",
        Owner.ACCOUNTING,
        "Dopo l'approvazione i documenti sono cambiati: se la reversale è già emessa, va ridotta di questo importo.",
        "",
    ),
    Reject.ALREADY_REGULARISED: RejectCard(
        "Provvisorio già regolarizzato",
        Owner.ACCOUNTING,
        "Il tesoriere dice che il provvisorio è già coperto da una reversale: controlla chi l'ha emessa.",
        "38, 39, 52",
    ),
    Reject.ASSESSMENT_MISSING: RejectCard(
        "Accertamento mancante",
        Owner.ACCOUNTING,
        "Nessuna regola dice a quale accertamento va questa parte: aggiungi la regola, o chiedi all'ufficio che cos'è.",
        "14, 23",
    ),
    Reject.YEAR_CLOSED: RejectCard(
        "Esercizio chiuso",
        Owner.ACCOUNTING,
        "L'accertamento è di un esercizio chiuso: serve una regola verso un accertamento aperto o a residuo.",
        "18",
    ),
    Reject.NOT_FINAL: RejectCard(
        "Accertamento non definitivo",
        Owner.OFFICE,
        "L'accertamento è ancora provvisorio: l'ufficio che lo ha proposto deve renderlo definitivo.",
        "23",
    ),
    Reject.PROVISIONAL_SHORT: RejectCard(
        "Disponibilità del provvisorio insufficiente",
        Owner.ACCOUNTING,
        "Sul provvisorio resta da regolarizzare meno di questo importo: una parte è già coperta da altre reversali.",
        "32, 33",
    ),
    Reject.ASSESSMENT_SHORT: RejectCard(
        "Disponibilità dell'accertamento insufficiente",
        Owner.OFFICE,
        "L'importo supera quanto resta dell'accertamento: l'ufficio deve adeguarlo.",
        "31",
    ),
}
