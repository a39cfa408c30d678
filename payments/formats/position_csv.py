"""The file that brings positions in, as a stream: separators ; , or tab, with or without BOM, UTF-8 or Windows."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from payments.domain.position_rows import TITLES, PositionRow, Wrong, placed, recognised, row_of
from portal.kernel.errors import DomainError

SEPARATORS: Final = (";", ",", "\t")
MOST_ROWS: Final = 10_000
MOST_SHOWN: Final = 200
MOST_LINE: Final = 20_000


@dataclass(slots=True)
class Reading:
    """What a file holds: the good rows with their line, the errors (the first ones, all counted)."""

    rows: list[tuple[int, PositionRow]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    errors_count: int = 0

    def refuse(self, line: int, wrong: list[Wrong]) -> None:
        """Count what is wrong on a line; keep it if there is room."""
        for column, message in wrong:
            self.errors_count += 1
            if len(self.errors) < MOST_SHOWN:
                self.errors.append({"line": line, "column": TITLES.get(column, ""), "message": message})


def read_positions(content: bytes, *, kinds: Mapping[str, str]) -> Reading:
    """Read a whole file; it never raises: what cannot be read is an error of the file. `kinds` as for `row_of`."""
    reading = Reading()
    try:
        _read(_text(content), kinds, reading)
    except (DomainError, csv.Error) as error:
        message = error.message if isinstance(error, DomainError) else "Il file non è un CSV che si possa leggere."
        reading.refuse(1, [("", message)])
    if not reading.rows and not reading.errors_count:
        reading.refuse(1, [("", "Il file non contiene righe.")])
    return reading


def _read(text: str, kinds: Mapping[str, str], reading: Reading) -> None:
    first = (text[:MOST_LINE].lstrip().splitlines() or [""])[0]
    separator = max(SEPARATORS, key=lambda mark: recognised(next(csv.reader([first], delimiter=mark), [])))
    lines = _lines(text, separator)
    headings = next(lines, (1, []))[1]
    columns = placed(headings)
    seen: dict[str, int] = {}
    for count, (line, cells) in enumerate(lines, start=1):
        if count > MOST_ROWS:
            written = f"{MOST_ROWS:,}".replace(",", ".")
            raise DomainError("rows", f"Il file ha più di {written} righe: dividilo in file più piccoli.")
        if any(cell.strip() for cell in cells[len(headings) :]):
            reading.refuse(line, [("", "La riga ha più celle dell'intestazione.")])
            continue
        values = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
        row, wrong = row_of(values, kinds=kinds)
        if row is not None and (before := seen.setdefault(row.external_id, line)) != line:
            wrong, row = [("external_id", f"Lo stesso identificativo è già alla riga {before}.")], None
        reading.refuse(line, wrong)
        if row is not None:
            reading.rows.append((line, row))


def _lines(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that hold something, each with its number as a spreadsheet shows it."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    for number, cells in enumerate(rows, start=1):
        if any(cell.strip() for cell in cells):
            yield number, cells


def _text(content: bytes) -> str:
    """The text of a file. Raises DomainError when it is none."""
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
