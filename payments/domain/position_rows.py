"""A row of the file that brings positions in: its columns, its values, and what is wrong with it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import TypeVar
from unicodedata import combining, normalize

from payments.domain.spontaneous import clean_words, parse_euro
from portal.kernel.errors import DomainError
from portal.kernel.taxcodes import is_codice_fiscale, is_partita_iva
from portal.kernel.taxcodes import normalise as normalised_code

MOST_CENTS = 2_000_000_000
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its headings (the first is ours), how long a cell may be, whether it must be there."""

    headings: tuple[str, ...]
    longest: int
    needed: bool = False


COLUMNS: Mapping[str, Column] = {
    "external_id": Column(("id_esterno", "id", "identificativo", "riferimento"), 64, needed=True),
    "fiscal_code": Column(("codice_fiscale", "cf", "codice_fiscale_piva", "partita_iva"), 20, needed=True),
    "name": Column(("nome", "debitore", "denominazione", "cognome_e_nome"), 70, needed=True),
    "kind": Column(("tipo", "tipo_dovuto", "codice_tipo"), 40, needed=True),
    "amount": Column(("importo", "importo_euro"), 20, needed=True),
    "description": Column(("descrizione", "causale", "oggetto"), 140, needed=True),
    "due_on": Column(("scadenza", "data_scadenza"), 10),
    "street": Column(("indirizzo", "via"), 70),
    "civic": Column(("civico", "numero_civico"), 16),
    "postal_code": Column(("cap",), 16),
    "city": Column(("comune", "citta", "localita"), 35),
    "province": Column(("provincia", "prov"), 35),
    "email": Column(("email", "e_mail", "posta_elettronica"), 256),
}
# What a heading is called in messages.
TITLES: Mapping[str, str] = {name: column.headings[0] for name, column in COLUMNS.items()}

Wrong = tuple[str, str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A position to be."""

    external_id: str
    payer_kind: str
    fiscal_code: str
    name: str
    kind: str
    cents: int
    description: str
    due_on: date | None
    street: str
    civic: str
    postal_code: str
    city: str
    province: str
    email: str

    @property
    def digest(self) -> str:
        """What tells the same row from one that only has the same identifier."""
        return sha256(repr(astuple(self)).encode()).hexdigest()


def heading(text: str) -> str:
    """A heading without accents, capitals, spaces and signs: `Codice Fiscale` is `codice_fiscale`."""
    plain = "".join(each for each in normalize("NFKD", text) if not combining(each)).lower()
    return "_".join("".join(each if each.isalnum() else " " for each in plain).split())


def placed(headings: Sequence[str]) -> dict[str, int]:
    """Where each column is. Raises DomainError when one is missing or there twice."""
    found: dict[str, int] = {}
    known = {word: name for name, column in COLUMNS.items() for word in column.headings}
    for place, text in enumerate(headings):
        name = known.get(heading(text))
        if name in found:
            raise DomainError("column_twice", f"La colonna «{TITLES[name]}» c'è due volte.")
        if name is not None:
            found[name] = place
    missing = [TITLES[name] for name, column in COLUMNS.items() if column.needed and name not in found]
    if missing:
        raise DomainError("columns_missing", f"Nella prima riga mancano le colonne: {', '.join(missing)}.")
    return found


def recognised(headings: Sequence[str]) -> int:
    """How many headings are ours: tells which sign separates the cells."""
    known = {word for column in COLUMNS.values() for word in column.headings}
    return sum(heading(text) in known for text in headings)


def row_of(cells: Mapping[str, str], *, kinds: Mapping[str, str]) -> tuple[PositionRow | None, list[Wrong]]:
    """The row, or what is wrong with it: (column, sentence). `kinds` are the codes that can be asked for; a code that
    cannot has its reason as value.
    """
    values, wrong = _texts(cells)
    code = normalised_code(values["fiscal_code"])
    payer_kind = _payer_kind(code)
    if values["fiscal_code"] and not payer_kind:
        wrong.append(("fiscal_code", "Il codice fiscale o la partita IVA non è giusto: controlla lettere e cifre."))
    if values["kind"] and (why := kinds.get(values["kind"], "Questo tipo di dovuto non c'è tra quelli dell'ente.")):
        wrong.append(("kind", why))
    cents = _checked(wrong, "amount", values["amount"], _cents)
    due_on = _checked(wrong, "due_on", values["due_on"], _day)
    if values["email"] and not _is_mail(values["email"]):
        wrong.append(("email", "L'indirizzo e-mail non è giusto."))
    if wrong or cents is None:
        return None, wrong
    texts = {name: values[name] for name in ("external_id", "name", "kind", "description", *_ADDRESS)}
    return PositionRow(payer_kind=payer_kind, fiscal_code=code, cents=cents, due_on=due_on, **texts), []


_ADDRESS = ("street", "civic", "postal_code", "city", "province", "email")


def _texts(cells: Mapping[str, str]) -> tuple[dict[str, str], list[Wrong]]:
    """Every cell on one line and not too long; the needed ones not empty."""
    values, wrong = {}, []
    for name, column in COLUMNS.items():
        try:
            values[name] = clean_words(cells.get(name, ""))
        except DomainError as error:
            values[name] = ""
            wrong.append((name, error.message))
            continue
        if column.needed and not values[name]:
            wrong.append((name, "Manca il valore."))
        if len(values[name]) > column.longest:
            wrong.append((name, f"Il testo è troppo lungo: al massimo {column.longest} caratteri."))
    return values, wrong


def _payer_kind(code: str) -> str:
    if is_partita_iva(code):
        return "G"
    return "F" if len(code) == 16 and is_codice_fiscale(code) else ""


def _checked(wrong: list[Wrong], column: str, text: str, read: Callable[[str], T]) -> T | None:
    if not text:
        return None
    try:
        return read(text)
    except DomainError as error:
        wrong.append((column, error.message))
        return None


def _cents(text: str) -> int:
    cents = parse_euro(text)
    if not 1 <= cents <= MOST_CENTS:
        raise DomainError("amount", "L'importo va da un centesimo a 20 milioni di euro.")
    return cents


def _day(text: str) -> date:
    for pattern in ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            found = datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if FIRST_DAY <= found <= LAST_DAY:
            return found
    raise DomainError("day", "La data non è giusta: scrivila come 31/12/2026.")


def _is_mail(text: str) -> bool:
    name, _at, host = text.rpartition("@")
    return bool(name and "." in host and " " not in text and not host.startswith(".") and not host.endswith("."))
