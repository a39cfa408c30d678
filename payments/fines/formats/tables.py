"""CSV files as they come: any of three separators, with or without BOM, UTF-8, Windows or UTF-16. Read as a stream."""

import csv
import io
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from payments.fines.domain.columns import CellError, Column, ColumnMap, Placed
from payments.fines.domain.stages import ServedHow

FILE = Path(__file__).resolve().parent.parent / "data" / "columns.toml"
SEPARATORS: Final = (";", ",", "\t")
MOST_CELL: Final = 4096
_CHUNK: Final = 1 << 20


class UnreadableFile(ValueError):
    """Not a table of ours; the message is an Italian sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file: its number as a spreadsheet shows it, and its cells."""

    number: int
    cells: list[str]


@cache
def column_map(kind: str) -> ColumnMap:
    """The map of a kind of file ("acts", "served") as data/columns.toml says."""
    with FILE.open("rb") as file:
        data = tomllib.load(file)
    columns = tuple(Column(name=name, headings=tuple(row.pop("headings")), **row) for name, row in data[kind].items())
    return ColumnMap(columns, {word: ServedHow(how) for word, how in data["words"]["served_how"].items()})


def open_table(content: bytes, *, kind: str) -> tuple[Placed, Iterator[Line]]:
    """The columns of a file and its lines, one by one. Raises UnreadableFile now, or while the lines are read."""
    if not content.strip():
        raise UnreadableFile("Il file è vuoto.")
    encoding = encoding_of(content)
    columns = column_map(kind)
    with io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="") as text:
        first = text.readline(MOST_CELL * 8)
    separator = max(SEPARATORS, key=lambda mark: columns.recognised(next(csv.reader([first], delimiter=mark), [])))
    lines = _lines(content, encoding=encoding, separator=separator)
    try:
        placed = columns.place(next(lines).cells)
    except CellError as error:
        raise UnreadableFile(str(error)) from None
    except StopIteration:
        raise UnreadableFile("Il file è vuoto.") from None
    return placed, lines


def encoding_of(content: bytes) -> str:
    """How the bytes are written. Raises UnreadableFile when they are no text at all."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\0" in content:
        raise UnreadableFile("Il file non è un CSV: contiene dati binari. Salva il foglio di calcolo come CSV.")
    else:
        encoding = "utf-8-sig"
    if _decodes(content, encoding):
        return encoding
    if encoding == "utf-8-sig" and _decodes(content, "cp1252"):
        return "cp1252"
    raise UnreadableFile("Il file ha caratteri che non si leggono: salvalo come CSV UTF-8.")


def _decodes(content: bytes, encoding: str) -> bool:
    with io.TextIOWrapper(io.BytesIO(content), encoding=encoding) as text:
        try:
            while text.read(_CHUNK):
                pass
        except UnicodeError:
            return False
    return True


def _lines(content: bytes, *, encoding: str, separator: str) -> Iterator[Line]:
    """Lines that are not empty. Raises UnreadableFile where quotes are left open or a cell has no end."""
    with io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="") as text:
        reader = csv.reader(text, delimiter=separator, strict=True)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise UnreadableFile(f"Alla riga {reader.line_num} le virgolette non tornano.") from None
            if any(len(cell) > MOST_CELL for cell in cells):
                raise UnreadableFile(f"Alla riga {reader.line_num} una cella supera i {MOST_CELL} caratteri.")
            if any(cell.strip() for cell in cells):
                yield Line(reader.line_num, cells)
