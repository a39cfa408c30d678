"""A row of the registry of assessments: its columns, its values, and what is wrong with it. Pure.

The headings of the registries of Piattaforma Unitaria and MyPay are understood as they are (`annoEsercizio`,
`codAccertamento`, ...); ours say the same in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from payments.domain.position_rows import heading
from payments.domain.spontaneous import clean_words, parse_euro
from payments.reconciliation.domain.allocation import WHOLE
from portal.kernel.errors import DomainError


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its headings (the first is the one shown), how long a cell may be, whether it must be there."""

    headings: tuple[str, ...]
    longest: int
    needed: bool = False

    @property
    def words(self) -> frozenset[str]:
        """The headings as they are compared."""
        return frozenset(heading(text) for text in self.headings)


COLUMNS: Mapping[str, Column] = {
    "year": Column(("annoEsercizio", "anno", "esercizio", "anno_esercizio"), 4, needed=True),
    "office": Column(("codUfficio", "ufficio", "cod_ufficio"), 40),
    "number": Column(("codAccertamento", "accertamento", "cod_accertamento"), 20, needed=True),
    "chapter": Column(("codCapitolo", "capitolo", "cod_capitolo"), 40, needed=True),
    "kind": Column(("codiceTipoDovuto", "tipo_dovuto", "codTipoDovuto", "cod_tipo_dovuto"), 40, needed=True),
    "description": Column(("deAccertamento", "descrizione", "descrizioneAccertamento"), 200),
    "active": Column(("flgAttivo", "attivo"), 5),
    "siope": Column(("codiceSiope", "siope", "codice_siope"), 20),
    "final": Column(("definitivo", "flgDefinitivo"), 5),
    "amount": Column(("importo", "importo_accertato"), 20),
    "permille": Column(("quotaPerMille", "quota", "per_mille"), 4),
}
TITLES: Mapping[str, str] = {name: column.headings[0] for name, column in COLUMNS.items()}
FIRST_YEAR, LAST_YEAR = 2000, 2099
_YES, _NO = frozenset({"s", "si", "sì", "1", "true", "y", "yes"}), frozenset({"n", "no", "0", "false"})

Wrong = tuple[str, str]


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """An assessment, and the kind of debt that belongs to it with which share."""

    year: int
    number: str
    office: str
    chapter: str
    siope: str
    description: str
    final: bool
    cents: int | None
    kind: str
    permille: int
    active: bool

    @property
    def key(self) -> tuple[int, str]:
        """What makes an assessment itself."""
        return self.year, self.number

    @property
    def facts(self) -> tuple[object, ...]:
        """What the rows of one assessment must say alike."""
        return self.office, self.chapter, self.siope, self.description, self.final, self.cents

    @property
    def first(self) -> date:
        """An assessment takes what is paid in its year."""
        return date(self.year, 1, 1)

    @property
    def last(self) -> date:
        return date(self.year, 12, 31)


def placed(headings: Sequence[str]) -> dict[str, int]:
    """Where each column is. Raises DomainError when one is missing or there twice."""
    found: dict[str, int] = {}
    known = {word: name for name, column in COLUMNS.items() for word in column.words}
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
    known = frozenset[str]().union(*(column.words for column in COLUMNS.values()))
    return sum(heading(text) in known for text in headings)


def row_of(cells: Mapping[str, str], *, kinds: frozenset[str]) -> tuple[AssessmentRow | None, list[Wrong]]:
    """The row, or what is wrong with it: (column, sentence). `kinds` are the codes of the body's kinds of debt."""
    values, wrong = _texts(cells)
    year = _number(values["year"], FIRST_YEAR, LAST_YEAR)
    if values["year"] and year is None:
        wrong.append(("year", "L'esercizio è un anno di quattro cifre."))
    permille = _number(values["permille"], 1, WHOLE) if values["permille"] else WHOLE
    if permille is None:
        wrong.append(("permille", "La quota va da 1 a 1000."))
    if values["kind"] and values["kind"] not in kinds:
        wrong.append(("kind", "Questo tipo di dovuto non c'è tra quelli dell'ente."))
    active, final = _flag(values, "active", wrong), _flag(values, "final", wrong)
    cents = _cents(values["amount"], wrong)
    if wrong or year is None or permille is None:
        return None, wrong
    texts = {name: values[name] for name in ("number", "office", "chapter", "siope", "kind")}
    described = values["description"] or f"Accertamento {values['number']}"
    return AssessmentRow(
        year=year, permille=permille, active=active, final=final, cents=cents, description=described, **texts
    ), []


def _texts(cells: Mapping[str, str]) -> tuple[dict[str, str], list[Wrong]]:
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


def _number(text: str, low: int, high: int) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        return None
    return int(text) if low <= int(text) <= high else None


def _flag(values: Mapping[str, str], name: str, wrong: list[Wrong]) -> bool:
    text = values[name].lower()
    if text and text not in _YES | _NO:
        wrong.append((name, "Scrivi S oppure N."))
    return text not in _NO


def _cents(text: str, wrong: list[Wrong]) -> int | None:
    if not text:
        return None
    try:
        return parse_euro(text)
    except DomainError as error:
        wrong.append(("amount", error.message))
        return None
