"""What to write to who holds the missing document: numbers of documents, days and amounts, nothing personal. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from payments.reconciliation.domain.outcomes import Code
from portal.kernel.money import euro

Facts = Mapping[str, Any]


class Recipient(StrEnum):
    """Who a letter goes to."""

    PSP = "psp"
    INTERMEDIARY = "intermediary"
    TREASURER = "treasurer"


RECIPIENT_LABELS = {
    Recipient.PSP: "PSP",
    Recipient.INTERMEDIARY: "intermediario",
    Recipient.TREASURER: "tesoriere",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A text ready to be copied. `action` is what the button that leads to it says, `waits` why one then waits; `to`
    is the address of who it goes to, empty when the body has not written it down.
    """

    action: str
    waits: str
    subject: str
    body: str
    recipient: Recipient
    to: str = ""

    @property
    def mailto(self) -> str:
        """The address that opens it in the program of mail."""
        body = self.body.replace("\n", "\r\n")
        return f"mailto:{quote(self.to, safe='@')}?subject={quote(self.subject, safe='')}&body={quote(body, safe='')}"


@dataclass(frozen=True, slots=True)
class _Draft:
    to: str
    subject: str
    asks: str
    fields: tuple[str, ...]


_ACTIONS = {
    "psp": (Recipient.PSP, "Scrivi al PSP", "Scritto al PSP"),
    "receipt": (Recipient.INTERMEDIARY, "Scrivi per avere la ricevuta", "Chiesta la ricevuta all'intermediario"),
    "intermediary": (Recipient.INTERMEDIARY, "Scrivi all'intermediario", "Scritto all'intermediario"),
    "treasurer": (Recipient.TREASURER, "Scrivi al tesoriere", "Scritto al tesoriere"),
}


def _day(text: str) -> str:
    return date.fromisoformat(text).strftime("%d/%m/%Y")


def _euro(cents: int) -> str:
    return euro(cents).replace("\N{NO-BREAK SPACE}", " ")


# The only facts that leave the body: never a name, a tax code or the text of a transfer, where payers stand.
_FIELDS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "iuf": ("Flusso (IUF)", str),
    "trn": ("Regolamento (TRN)", str),
    "regulation_date": ("Data di regolamento", _day),
    "declared_count": ("Pagamenti dichiarati", str),
    "declared": ("Totale dichiarato", _euro),
    "computed_count": ("Pagamenti contati nelle righe", str),
    "computed": ("Totale delle righe", _euro),
    "credits": ("Provvisorio", str),
    "credited": ("Accreditato", _euro),
    "iuv": ("IUV", str),
    "iur": ("Identificativo di riscossione (IUR)", str),
    "paid_on": ("Data del pagamento", _day),
    "cents": ("Importo", _euro),
    "expected": ("Importo secondo la ricevuta", _euro),
    "reported": ("Importo secondo il flusso", _euro),
    "reference": ("Riferimento letto nella causale", str),
    "movement": ("Provvisorio", str),
    "booked_on": ("Data dell'accredito", _day),
    "journal": ("Giornale", str),
    "account": ("Conto", str),
    "before": ("Giornale precedente fino al", _day),
    "closing": ("Saldo finale del precedente", _euro),
    "day": ("Giornale del", _day),
    "opening": ("Saldo iniziale del seguente", _euro),
    "done": ("Importo del movimento con questo numero", _euro),
    "count": ("Pagine del giornale", str),
    "missing": ("Pagine che mancano", str),
}

_FLOW = ("iuf", "trn", "regulation_date")
_MOVEMENT = ("movement", "booked_on", "cents", "trn")
_DRAFTS: dict[Code, _Draft] = {
    Code.FLOW_TOTALS_MISMATCH: _Draft(
        "psp",
        "Flusso di rendicontazione con totali incoerenti",
        "Il flusso di rendicontazione indicato dichiara totali diversi dalla somma delle sue righe. Vi chiediamo di "
        "inviarne una nuova revisione corretta.",
        (*_FLOW, "declared_count", "declared", "computed_count", "computed"),
    ),
    Code.FLOW_WITHOUT_TREASURY: _Draft(
        "psp",
        "Flusso di rendicontazione senza riversamento",
        "Del flusso di rendicontazione indicato non risulta l'accredito sul conto di tesoreria. Vi chiediamo la data "
        "del bonifico e il suo riferimento (TRN), oppure quando sarà eseguito.",
        (*_FLOW, "declared"),
    ),
    Code.TREASURY_AMOUNT_DIFFERS: _Draft(
        "psp",
        "Riversamento di importo diverso dal flusso",
        "L'accredito ricevuto non è pari al totale del flusso di rendicontazione indicato. Vi chiediamo di spiegare la "
        "differenza e di regolarla.",
        (*_FLOW, "declared", "credits", "credited"),
    ),
    Code.RECEIPT_WITHOUT_FLOW: _Draft(
        "psp",
        "Pagamento non rendicontato",
        "Il pagamento indicato ha una ricevuta, ma nessun flusso di rendicontazione lo riporta per intero. Vi "
        "chiediamo quale flusso lo riporta e con quale bonifico è stato riversato.",
        ("iuv", "iur", "paid_on", "expected", "cents"),
    ),
    Code.RECEIPT_AMOUNT_DIFFERS: _Draft(
        "psp",
        "Importo rendicontato diverso dalla ricevuta",
        "Il flusso di rendicontazione riporta il pagamento indicato con un importo diverso da quello della ricevuta. "
        "Vi chiediamo di verificare e, se serve, di inviare una nuova revisione del flusso.",
        (*_FLOW, "iuv", "iur", "paid_on", "expected", "reported"),
    ),
    Code.FLOW_WITHOUT_RECEIPT: _Draft(
        "receipt",
        "Richiesta di copia di una ricevuta telematica",
        "Il pagamento indicato è rendicontato, ma la sua ricevuta telematica non ci è arrivata. Vi chiediamo di "
        "inviarcene copia.",
        ("iuv", "iur", "paid_on", "cents", *_FLOW),
    ),
    Code.TREASURY_WITHOUT_FLOW: _Draft(
        "intermediary",
        "Riversamento senza rendicontazione",
        "Abbiamo ricevuto l'accredito indicato, ma nessun flusso di rendicontazione e nessuna ricevuta lo spiegano. Vi "
        "chiediamo di inviarci il flusso con questo riferimento.",
        ("reference", *_MOVEMENT),
    ),
    Code.REMITTANCE_UNREADABLE: _Draft(
        "treasurer",
        "Causale incompleta di un provvisorio di entrata",
        "La causale del provvisorio indicato è tagliata o alterata e non dice quale flusso riversa. Vi chiediamo la "
        "causale completa del bonifico e il suo riferimento (TRN).",
        _MOVEMENT,
    ),
    Code.REVERSAL_ALONE: _Draft(
        "treasurer",
        "Storno di un provvisorio di entrata",
        "Lo storno indicato non corrisponde ad alcun movimento di entrata con lo stesso numero e lo stesso importo. Vi "
        "chiediamo quale movimento avete stornato e perché.",
        ("movement", "booked_on", "cents", "done"),
    ),
    Code.JOURNAL_GAP: _Draft(
        "treasurer",
        "Giornale di cassa mancante",
        "Il saldo iniziale del giornale di cassa indicato non è quello finale del precedente. Vi chiediamo di inviarci "
        "i giornali dei giorni in mezzo.",
        ("account", "before", "closing", "journal", "day", "opening"),
    ),
    Code.JOURNAL_INCOMPLETE: _Draft(
        "treasurer",
        "Giornale di cassa incompleto",
        "Il giornale di cassa indicato non ci è arrivato per intero. Vi chiediamo di inviarcelo di nuovo, con tutte le "
        "sue pagine.",
        ("journal", "day", "count", "missing"),
    ),
}


def recipient(code: Code) -> Recipient | None:
    """Who is written to about a verdict; None when there is nobody outside."""
    draft = _DRAFTS.get(code)
    return _ACTIONS[draft.to][0] if draft else None


def letter(code: Code, facts: Facts, *, body: str, fiscal_code: str, to: str = "") -> Letter | None:
    """The letter for a verdict, signed by the body; None when there is nobody outside to write to."""
    draft = _DRAFTS.get(code)
    if draft is None:
        return None
    said = [(_FIELDS[name], facts.get(name)) for name in draft.fields]
    rows = [f"- {label}: {write(value)}" for (label, write), value in said if value not in (None, "")]
    addressee, action, waits = _ACTIONS[draft.to]
    number = next((str(facts[name]) for name in ("iuf", "iuv", "movement", "journal") if facts.get(name)), "")
    text = "\n".join(
        ["Buongiorno,", "", draft.asks, "", *rows, "", "Grazie.", f"{body} (codice fiscale {fiscal_code})"]
    )
    return Letter(action, waits, f"{draft.subject}: {number}", text, addressee, to)
