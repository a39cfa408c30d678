"""Cells of the back office's files: from text to values, with an Italian sentence when a text cannot be one. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final

from payments.fines.domain.stages import ServedHow
from portal.kernel.taxcodes import is_codice_fiscale, is_partita_iva, normalise

MOST_CENTS: Final = 99_999_999  # 999.999,99 euro: no fine comes near
YES: Final = frozenset({"S", "SI", "SÌ", "1", "Y", "VERO"})
NO: Final = frozenset({"N", "NO", "0", "FALSO"})

_DATE_IT = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?: 00:00(?::00)?)?", re.ASCII)
_DATE_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?", re.ASCII)
_ITALIAN = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{1,2}))?", re.ASCII)
_POINT = re.compile(r"(\d+)\.(\d{1,2})", re.ASCII)
_CODE = re.compile(r"[0-9A-Z][0-9A-Z/\-]*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ufffd]")


class CellError(ValueError):
    """The text is not what the column holds; the message is an Italian sentence."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the map: the names it goes by, what it holds, and what an empty cell means."""

    name: str
    kind: str
    headings: tuple[str, ...]
    most: int = 0
    required: bool = False
    filled: bool = False
    empty: str = ""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The columns of one kind of file, and the words the back office uses."""

    columns: tuple[Column, ...]
    words: Mapping[str, ServedHow] = field(default_factory=dict)

    def place(self, headings: list[str]) -> "Placed":
        """Where each column stands. Raises CellError: a column missing, or there twice."""
        names = {_heading(name): column for column in self.columns for name in column.headings}
        found: dict[str, int] = {}
        for position, heading in enumerate(headings):
            column = names.get(_heading(heading))
            if column is None:
                continue
            if column.name in found:
                raise CellError(f"La colonna «{column.headings[0]}» compare due volte nella prima riga.")
            found[column.name] = position
        missing = [column.headings[0] for column in self.columns if column.required and column.name not in found]
        if missing:
            raise CellError(f"Nella prima riga mancano le colonne: {', '.join(missing)}.")
        return Placed(self, found, len(headings))

    def recognised(self, headings: list[str]) -> int:
        """How many of some names are ours: it tells the separator of the file."""
        names = {_heading(name) for column in self.columns for name in column.headings}
        return len({_heading(heading) for heading in headings} & names)


@dataclass(frozen=True, slots=True)
class Placed:
    """A column map laid on the first line of a file."""

    map: ColumnMap
    places: Mapping[str, int]
    width: int

    def read(self, cells: list[str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """The values of a line, and what is wrong with it: (heading, sentence)."""
        values: dict[str, Any] = {}
        errors: list[tuple[str, str]] = []
        for column in self.map.columns:
            place = self.places.get(column.name)
            text = cells[place].strip() if place is not None and place < len(cells) else ""
            try:
                values[column.name] = self._value(column, text)
            except CellError as error:
                errors.append((column.headings[0], str(error)))
        return values, errors

    def _value(self, column: Column, text: str) -> Any:
        text = text or column.empty
        if not text:
            if column.filled:
                raise CellError("La cella è vuota.")
            return EMPTY.get(column.kind, "")
        if _CONTROL.search(text):
            raise CellError("La cella contiene caratteri che non si possono stampare.")
        value = READERS[column.kind](text) if column.kind != "served_how" else self._served_how(text)
        if column.most and len(text) > column.most:
            raise CellError(f"Il testo supera i {column.most} caratteri.")
        return value

    def _served_how(self, text: str) -> ServedHow:
        how = self.map.words.get(text.lower())
        if how is None:
            raise CellError(f"Modo di notifica sconosciuto: i valori ammessi sono {', '.join(self.map.words)}.")
        return how


def _heading(text: str) -> str:
    return re.sub(r"[\s._\-]+", "_", text.strip().lower().replace("à", "a")).strip("_")


# A file says the same days, amounts and codes over and over: the readers below remember the last ones.
def read_text(text: str) -> str:
    """A text with single spaces."""
    return " ".join(text.split())


def read_code(text: str) -> str:
    """Numbers of acts and plates: letters and digits, upper case, without spaces."""
    code = "".join(text.split()).upper()
    if not _CODE.fullmatch(code):
        raise CellError("Sono ammesse solo lettere, cifre, barra e trattino.")
    return code


@lru_cache(maxsize=4096)
def read_date(text: str) -> date:
    """`31/12/2026` or `2026-12-31`."""
    italian, iso = _DATE_IT.fullmatch(text), _DATE_ISO.fullmatch(text)
    if italian:
        day, month, year = (int(part) for part in italian.groups())
    elif iso:
        year, month, day = (int(part) for part in iso.groups())
    else:
        raise CellError("La data si scrive gg/mm/aaaa.")
    try:
        return date(year, month, day)
    except ValueError:
        raise CellError("La data non esiste nel calendario.") from None


@lru_cache(maxsize=4096)
def read_euro(text: str) -> int:
    """Cents of `1.234,56`, `1234,56`, `1234.56` or `1234`, with or without the sign of the euro."""
    bare = text.replace("€", "").replace("EUR", "").replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
    if bare.startswith("-"):
        raise CellError("L'importo non può essere negativo.")
    found = _ITALIAN.fullmatch(bare) or _POINT.fullmatch(bare)
    if not found:
        raise CellError("L'importo si scrive con la virgola prima dei centesimi, per esempio 1.234,56.")
    if "," not in bare and re.search(r"\.\d{3}$", bare):
        raise CellError("L'importo è ambiguo: scrivi i centesimi dopo la virgola, per esempio 1.234,00.")
    cents = int(found[1].replace(".", "")) * 100 + int((found[2] or "0").ljust(2, "0"))
    if cents > MOST_CENTS:
        raise CellError("L'importo supera il limite di 999.999,99 euro.")
    return cents


def read_yes(text: str) -> bool:
    """`S` or `N`."""
    if text.upper() in YES:
        return True
    if text.upper() in NO:
        return False
    raise CellError("Qui si scrive S oppure N.")


def read_year(text: str) -> int:
    """A year in four digits."""
    if not re.fullmatch(r"20\d\d", text, re.ASCII):
        raise CellError("L'anno si scrive con quattro cifre.")
    return int(text)


@lru_cache(maxsize=512)
def read_country(text: str) -> str:
    """Two letters (ISO 3166); a lone I is Italy."""
    code = {"I": "IT", "ITALIA": "IT"}.get(text.upper(), text.upper())
    if not re.fullmatch(r"[A-Z]{2}", code, re.ASCII):
        raise CellError("La nazione si scrive con il codice di due lettere, per esempio IT o DE.")
    return code


@lru_cache(maxsize=4096)
def read_tax_code(text: str) -> str:
    """A codice fiscale or a partita IVA, check characters included."""
    code = normalise(text)
    if not (is_partita_iva(code) or is_codice_fiscale(code)):
        raise CellError("Il codice fiscale o la partita IVA non è corretto.")
    return code


def read_debtor_kind(text: str) -> str:
    """`F` for a person, `G` for a company."""
    if text.upper() not in {"F", "G"}:
        raise CellError("Qui si scrive F (persona fisica) oppure G (persona giuridica).")
    return text.upper()


READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "text": read_text,
    "code": read_code,
    "date": read_date,
    "euro": read_euro,
    "yes": read_yes,
    "year": read_year,
    "country": read_country,
    "tax_code": read_tax_code,
    "debtor_kind": read_debtor_kind,
}
EMPTY: Final[Mapping[str, Any]] = {"date": None, "euro": 0, "year": None, "country": "IT", "served_how": None}
