"""The verdicts: what became of the money of each document, who acts on it, and how it is said. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    """The document a verdict speaks of."""

    LINE = "line"
    RECEIPT = "receipt"
    FLOW = "flow"
    MOVEMENT = "movement"
    JOURNAL = "journal"


class Owner(StrEnum):
    """Who can do something about it."""

    ACCOUNTING = "accounting"
    POLICE = "police"
    PSP = "psp"
    INTERMEDIARY = "intermediary"
    TREASURER = "treasurer"
    OFFICE = "office"


OWNER_LABELS = {
    Owner.ACCOUNTING: "Ragioneria",
    Owner.POLICE: "Polizia locale",
    Owner.PSP: "PSP",
    Owner.INTERMEDIARY: "Intermediario",
    Owner.TREASURER: "Tesoriere",
    Owner.OFFICE: "Ufficio competente",
}


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Tone(StrEnum):
    DONE = "done"
    WAITING = "waiting"
    PROBLEM = "problem"


class Code(StrEnum):
    """In the order in which an accountant asks: first what went well, then what waits, then what is wrong."""

    RECONCILED = "reconciled"
    REPORTED = "reported"
    COLLECTED = "collected"
    FLOW_TOTALS_MISMATCH = "flow_totals_mismatch"
    FLOW_WITHOUT_TREASURY = "flow_without_treasury"
    TREASURY_AMOUNT_DIFFERS = "treasury_amount_differs"
    TREASURY_WITHOUT_FLOW = "treasury_without_flow"
    REMITTANCE_UNREADABLE = "remittance_unreadable"
    REVERSAL_ALONE = "reversal_alone"
    OUTSIDE_TAKEN_BACK = "outside_taken_back"
    JOURNAL_GAP = "journal_gap"
    JOURNAL_INCOMPLETE = "journal_incomplete"
    RECEIPT_WITHOUT_FLOW = "receipt_without_flow"
    FLOW_WITHOUT_RECEIPT = "flow_without_receipt"
    PAID_WITHOUT_RECEIPT = "paid_without_receipt"
    RECEIPT_AMOUNT_DIFFERS = "receipt_amount_differs"
    REVOKED = "revoked"
    NO_POSITION = "no_position"
    DUPLICATE_PAYMENT = "duplicate_payment"
    DUPLICATE_ON_ACT = "duplicate_on_act"
    PAID_LESS_THAN_DUE = "paid_less_than_due"
    PAID_AFTER_CANCEL = "paid_after_cancel"
    OTHER_INTERMEDIARY = "other_intermediary"
    TREASURY_NOT_PAGOPA = "treasury_not_pagopa"
    ALREADY_REGULARISED = "already_regularised"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class CodeCard:
    """A code as the pages and the handbook show it: name, who acts, how bad, on which documents, and what it means."""

    title: str
    owner: Owner
    severity: Severity
    subjects: tuple[Subject, ...]
    sentence: str

    @property
    def subject(self) -> Subject:
        """The document it usually speaks of."""
        return self.subjects[0]


_PAYMENT = (Subject.LINE, Subject.RECEIPT)

CODES: dict[Code, CodeCard] = {
    Code.RECONCILED: CodeCard(
        "Riconciliato",
        Owner.ACCOUNTING,
        Severity.INFO,
        (Subject.LINE, Subject.RECEIPT, Subject.FLOW, Subject.MOVEMENT),
        "I documenti concordano e il denaro è in tesoreria.",
    ),
    Code.REPORTED: CodeCard(
        "Rendicontato",
        Owner.ACCOUNTING,
        Severity.INFO,
        (Subject.LINE, Subject.FLOW),
        "Il PSP ha rendicontato il pagamento; la ricevuta o il riversamento non risultano ancora per intero.",
    ),
    Code.COLLECTED: CodeCard(
        "Riscosso",
        Owner.ACCOUNTING,
        Severity.INFO,
        (Subject.RECEIPT,),
        "C'è la ricevuta; il flusso di rendicontazione è atteso entro tre giorni lavorativi.",
    ),
    Code.FLOW_TOTALS_MISMATCH: CodeCard(
        "Totali del flusso incoerenti",
        Owner.PSP,
        Severity.ERROR,
        (Subject.FLOW,),
        "Il numero o il totale dichiarati dal flusso non sono quelli delle sue righe.",
    ),
    Code.FLOW_WITHOUT_TREASURY: CodeCard(
        "Rendicontazione senza riversamento",
        Owner.PSP,
        Severity.ERROR,
        (Subject.FLOW,),
        "Dopo tre giorni lavorativi dal regolamento nessun movimento di tesoreria porta il denaro del flusso.",
    ),
    Code.TREASURY_AMOUNT_DIFFERS: CodeCard(
        "Riversamento di importo diverso",
        Owner.PSP,
        Severity.ERROR,
        (Subject.FLOW,),
        "I movimenti di tesoreria del flusso non fanno il suo totale.",
    ),
    Code.TREASURY_WITHOUT_FLOW: CodeCard(
        "Riversamento senza rendicontazione",
        Owner.INTERMEDIARY,
        Severity.ERROR,
        (Subject.MOVEMENT,),
        "Dopo tre giorni lavorativi dall'accredito nessun flusso e nessuna ricevuta spiegano il movimento.",
    ),
    Code.REMITTANCE_UNREADABLE: CodeCard(
        "Causale illeggibile",
        Owner.TREASURER,
        Severity.WARNING,
        (Subject.MOVEMENT,),
        "La causale parla di un riversamento pagoPA, ma l'identificativo è tagliato o alterato.",
    ),
    Code.REVERSAL_ALONE: CodeCard(
        "Storno senza il suo movimento",
        Owner.TREASURER,
        Severity.ERROR,
        (Subject.MOVEMENT,),
        "Dopo tre giorni lavorativi nessun movimento, con lo stesso numero e lo stesso importo, è quello stornato.",
    ),
    Code.OUTSIDE_TAKEN_BACK: CodeCard(
        "Pagamento fuori da pagoPA tornato indietro",
        Owner.ACCOUNTING,
        Severity.ERROR,
        (Subject.MOVEMENT,),
        "Il tesoriere ha stornato l'accredito di un pagamento fuori da pagoPA: va stornato anche il pagamento.",
    ),
    Code.JOURNAL_GAP: CodeCard(
        "Giornale mancante",
        Owner.TREASURER,
        Severity.ERROR,
        (Subject.JOURNAL,),
        "Il saldo iniziale non è quello finale del giornale precedente: in mezzo ne manca uno.",
    ),
    Code.JOURNAL_INCOMPLETE: CodeCard(
        "Giornale incompleto",
        Owner.TREASURER,
        Severity.ERROR,
        (Subject.JOURNAL,),
        "Dopo tre giorni lavorativi mancano ancora pagine del giornale, o una è arrivata soltanto in parte.",
    ),
    Code.RECEIPT_WITHOUT_FLOW: CodeCard(
        "Ricevuta non rendicontata",
        Owner.PSP,
        Severity.WARNING,
        (Subject.RECEIPT,),
        "Dopo tre giorni lavorativi dal pagamento nessun flusso riporta la ricevuta, o una parte di essa.",
    ),
    Code.FLOW_WITHOUT_RECEIPT: CodeCard(
        "Rendicontato senza ricevuta",
        Owner.INTERMEDIARY,
        Severity.ERROR,
        (Subject.LINE,),
        "Il flusso riporta un pagamento eseguito di cui manca la ricevuta, che va chiesta all'intermediario.",
    ),
    Code.PAID_WITHOUT_RECEIPT: CodeCard(
        "Pagato senza RPT",
        Owner.OFFICE,
        Severity.WARNING,
        (Subject.LINE,),
        "Il flusso riporta un pagamento che non ha una ricevuta (esito 8 o 9): l'ufficio cerca chi ha pagato e perché.",
    ),
    Code.RECEIPT_AMOUNT_DIFFERS: CodeCard(
        "Importi diversi",
        Owner.PSP,
        Severity.ERROR,
        (Subject.LINE,),
        "La riga del flusso e il versamento della ricevuta hanno importi diversi.",
    ),
    Code.REVOKED: CodeCard(
        "Revocato",
        Owner.OFFICE,
        Severity.WARNING,
        (Subject.LINE,),
        "Il flusso dichiara revocato il pagamento (esito 3): il denaro torna a chi aveva pagato.",
    ),
    Code.NO_POSITION: CodeCard(
        "Posizione sconosciuta",
        Owner.OFFICE,
        Severity.ERROR,
        _PAYMENT,
        "Nessuna posizione debitoria dell'ente ha questo IUV.",
    ),
    Code.DUPLICATE_PAYMENT: CodeCard(
        "Pagamento doppio",
        Owner.ACCOUNTING,
        Severity.ERROR,
        _PAYMENT,
        "Lo stesso avviso era già stato pagato: il pagamento va rimborsato.",
    ),
    Code.DUPLICATE_ON_ACT: CodeCard(
        "Doppio sullo stesso verbale",
        Owner.POLICE,
        Severity.ERROR,
        _PAYMENT,
        "Lo stesso debito era già stato pagato con un altro avviso.",
    ),
    Code.PAID_LESS_THAN_DUE: CodeCard(
        "Pagato meno del dovuto",
        Owner.OFFICE,
        Severity.WARNING,
        _PAYMENT,
        "L'importo pagato è meno di quello dovuto il giorno del pagamento.",
    ),
    Code.PAID_AFTER_CANCEL: CodeCard(
        "Pagato dopo l'annullamento",
        Owner.OFFICE,
        Severity.WARNING,
        _PAYMENT,
        "La posizione era stata annullata prima del pagamento.",
    ),
    Code.OTHER_INTERMEDIARY: CodeCard(
        "Altro intermediario",
        Owner.INTERMEDIARY,
        Severity.INFO,
        (Subject.LINE,),
        "Il codice di segregazione dell'IUV è di un altro intermediario dell'ente: il pagamento si segue là.",
    ),
    Code.TREASURY_NOT_PAGOPA: CodeCard(
        "Provvisorio non pagoPA",
        Owner.ACCOUNTING,
        Severity.INFO,
        (Subject.MOVEMENT,),
        "L'accredito non viene da pagoPA.",
    ),
    Code.ALREADY_REGULARISED: CodeCard(
        "Provvisorio già regolarizzato",
        Owner.ACCOUNTING,
        Severity.INFO,
        (Subject.MOVEMENT,),
        "Una reversale copre già il provvisorio per intero.",
    ),
    Code.REVERSED: CodeCard(
        "Stornato",
        Owner.TREASURER,
        Severity.INFO,
        (Subject.MOVEMENT,),
        "Il tesoriere ha stornato il movimento, che quindi non conta.",
    ),
}

DONE = frozenset({Code.RECONCILED, Code.OTHER_INTERMEDIARY, Code.TREASURY_NOT_PAGOPA, Code.ALREADY_REGULARISED})
PROBLEMS = frozenset(code for code, card in CODES.items() if card.severity is not Severity.INFO)


def tone(code: Code) -> Tone:
    """Whether it is settled, on its way, or in trouble."""
    if code in PROBLEMS:
        return Tone.PROBLEM
    return Tone.DONE if code in DONE else Tone.WAITING
