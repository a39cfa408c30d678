"""Which column of a list of money is which, by the titles people and suppliers give them. Pure.

Titles are compared without case, accents and punctuation. Sources: the CSV of provisionals and the spreadsheet of bank
statements that regional platforms take, and what home banking exports.
"""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum


class Column(StrEnum):
    YEAR = "year"
    NUMBER = "number"
    BOOKED = "booked"
    VALUE = "value"
    CUSTOMER = "customer"
    TEXT = "text"
    LONG_TEXT = "long_text"
    AMOUNT = "amount"
    SIGN = "sign"
    DEBIT = "debit"
    CREDIT = "credit"
    ABI = "abi"
    CAB = "cab"
    ACCOUNT = "account"
    IBAN = "iban"
    CURRENCY = "currency"
    CAUSE = "cause"
    BANK_REFERENCE = "bank_reference"
    CUSTOMER_REFERENCE = "customer_reference"
    BODY = "body"
    BILL_YEAR = "bill_year"
    BILL = "bill"
    CENTS = "cents"
    IUF = "iuf"
    IUV = "iuv"
    SUSPENDED = "suspended"


class Layout(StrEnum):
    PROVISIONALS = "provisionals"
    COMPLETE = "complete"
    STATEMENT = "statement"
    POSTAL = "postal"


TITLES: dict[Column, tuple[str, ...]] = {
    Column.YEAR: ("esercizio", "anno", "anno esercizio", "aeprovvisorio"),
    Column.NUMBER: (
        "n provv", "nprovv", "numero provvisorio", "n provvisorio", "provvisorio", "numero sospeso", "codprovvisorio",
    ),
    Column.BOOKED: (
        "data esec", "data esecuzione", "data contabile", "data contabilizzazione", "data operazione",
        "data provvisorio", "databolletta",
    ),
    Column.VALUE: ("valuta ente", "data valuta", "valuta", "datavalutaregione"),
    Column.CUSTOMER: ("anagrafica cliente", "ordinante", "versante", "debitore", "controparte", "pspcognome"),
    Column.TEXT: (
        "descrizione causale", "descrizione", "causale provvisorio", "descrizione operazione", "descrizione operazioni",
        "causale bonifico",
    ),
    Column.LONG_TEXT: ("descrizione estesa", "dettagli", "informazioni aggiuntive"),
    Column.AMOUNT: ("importo provvisorio", "importo", "importo euro", "importo eur"),
    Column.SIGN: ("segno", "dare avere", "d a"),
    Column.DEBIT: ("addebiti", "dare", "uscite", "addebiti euro", "addebiti eur"),
    Column.CREDIT: ("accrediti", "avere", "entrate", "accrediti euro", "accrediti eur"),
    Column.ABI: ("abi",),
    Column.CAB: ("cab",),
    Column.ACCOUNT: ("conto", "numero conto", "rapporto", "conto corrente", "codconto"),
    Column.IBAN: ("iban",),
    Column.CURRENCY: ("divisa", "valuta conto"),
    Column.CAUSE: ("causale", "causale abi", "codice causale", "decausale"),
    Column.BANK_REFERENCE: ("rif banca", "riferimento banca", "cro", "trn", "cro trn"),
    Column.CUSTOMER_REFERENCE: ("rif cliente", "riferimento cliente", "end to end", "end to end id", "endtoendid"),
    # The complete list of the platforms for public bodies: one word for each title. `flgRegolarizzata` is left out on
    # purpose: nothing published says how yes is written, nor whether the whole provisional is covered then or a part of
    # it. Believed by mistake, it would hide a provisional from the proposals; what is covered, the journal says.
    Column.BODY: ("enteipacode",),
    Column.BILL_YEAR: ("annobolletta",),
    Column.BILL: ("codbolletta",),
    Column.CENTS: ("importocentesimi",),
    Column.IUF: ("iuf",),
    Column.IUV: ("iuv",),
    Column.SUSPENDED: ("dataeffettivasospeso",),
}  # fmt: skip
_COLUMN_OF = {title: column for column, titles in TITLES.items() for title in titles}
_NOT_WORDS = re.compile(r"[^a-z0-9]+")


def placed(titles: Sequence[str]) -> dict[Column, int]:
    """Where each column stands in a row of titles; the first of two with the same meaning."""
    places: dict[Column, int] = {}
    for place, title in enumerate(titles):
        column = _COLUMN_OF.get(_plain(title))
        if column is not None:
            places.setdefault(column, place)
    return places


def layout_of(columns: dict[Column, int]) -> Layout | None:
    """Which list has these columns, None when they are not enough for any."""
    if {Column.BILL, Column.BOOKED, Column.CENTS} <= set(columns):
        return Layout.COMPLETE
    if {Column.NUMBER, Column.BOOKED, Column.AMOUNT, Column.TEXT} <= set(columns):
        return Layout.PROVISIONALS
    if {Column.BOOKED, Column.DEBIT, Column.CREDIT, Column.TEXT} <= set(columns):
        return Layout.POSTAL if Column.ABI not in columns else Layout.STATEMENT
    texts = {Column.TEXT, Column.LONG_TEXT} & set(columns)
    if {Column.BOOKED, Column.AMOUNT} <= set(columns) and texts:
        return Layout.STATEMENT
    return None


def _plain(title: str) -> str:
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return _NOT_WORDS.sub(" ", letters).strip()
