"""The registry of assessments as a CSV: separators ; , or tab, with or without BOM, UTF-8 or Windows."""

import csv
import io
from dataclasses import dataclass, field

from payments.reconciliation.domain.assessment_rows import TITLES, AssessmentRow, Wrong, placed, recognised, row_of
from portal.kernel.errors import DomainError

SEPARATORS = (";", ",", "\t")
MOST_ROWS = 5_000
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong on a line of the file."""

    line: int
    column: str
    message: str


@dataclass(slots=True)
class RegistryReading:
    """What a file holds: the good rows with their line, the first errors, and how many they are."""

    rows: list[tuple[int, AssessmentRow]] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    errors_count: int = 0

    def refuse(self, line: int, wrong: list[Wrong]) -> None:
        """Count what is wrong on a line; keep it if there is room."""
        for column, message in wrong:
            self.errors_count += 1
            if len(self.errors) < MOST_SHOWN:
                self.errors.append(RowError(line, TITLES.get(column, ""), message))


def read_registry(content: bytes, *, kinds: frozenset[str]) -> RegistryReading:
    """Read a whole file; it never raises: what cannot be read is an error of the file."""
    reading = RegistryReading()
    try:
        _read(_text(content), kinds, reading)
    except csv.Error:
        reading.refuse(1, [("", "Il file non è un CSV che si possa leggere.")])
    except DomainError as error:
        reading.refuse(1, [("", error.message)])
    if not reading.rows and not reading.errors_count:
        reading.refuse(1, [("", "Il file non contiene righe.")])
    return reading


def _read(text: str, kinds: frozenset[str], reading: RegistryReading) -> None:
    first = (text[:20_000].lstrip().splitlines() or [""])[0]
    separator = max(SEPARATORS, key=lambda mark: recognised(next(csv.reader([first], delimiter=mark), [])))
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns = placed(next((cells for cells in lines if any(cells)), []))
    facts: dict[tuple[int, str], tuple[int, tuple[object, ...]]] = {}
    links: dict[tuple[int, str, str], int] = {}
    for cells in lines:
        line = lines.line_num
        if line > MOST_ROWS:
            raise DomainError("rows", "Il file ha più di 5.000 righe: dividilo in file più piccoli.")
        if not any(cell.strip() for cell in cells):
            continue
        values = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
        row, wrong = row_of(values, kinds=kinds)
        if row is not None:
            wrong = _against_the_others(row, line, facts, links)
        reading.refuse(line, wrong)
        if row is not None and not wrong:
            reading.rows.append((line, row))


def _against_the_others(
    row: AssessmentRow,
    line: int,
    facts: dict[tuple[int, str], tuple[int, tuple[object, ...]]],
    links: dict[tuple[int, str, str], int],
) -> list[Wrong]:
    before, known = facts.setdefault(row.key, (line, row.facts))
    if known != row.facts:
        return [("number", f"Lo stesso accertamento è già alla riga {before}, con altri dati.")]
    again = links.setdefault((*row.key, row.kind), line)
    if again != line:
        return [("kind", f"Lo stesso accertamento ha già questo tipo di dovuto alla riga {again}.")]
    return []


def _text(content: bytes) -> str:
    if not content.strip():
        raise DomainError("empty", "Il file è vuoto.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\0" in content:
        raise DomainError("binary", "Il file non è un CSV: salva il foglio di calcolo come CSV e carica quello.")
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DomainError("letters", "Il file ha caratteri che non si leggono: salvalo come CSV UTF-8.")
