"""Lists of money as tables of text: CSV in any of its dialects, and the first sheet of a workbook (XLSX, XLS).

A workbook is an archive of strangers: what it unpacks to is bounded, and its XML is read as all other XML here.
"""

import csv
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from lxml import etree

from payments.reconciliation.domain.statement_columns import Column, Layout, layout_of, placed
from payments.reconciliation.formats.findings import FormatError
from payments.reconciliation.formats.old_workbook import OLE, old_workbook
from payments.reconciliation.formats.xml_reading import OPTIONS, refuse_dtd

ZIP: Final = b"PK\x03\x04"
SEPARATORS: Final = (";", ",", "\t", "|")
MOST_UNPACKED: Final = 64 * 1024 * 1024
MOST_COLUMNS: Final = 200
# Titles may come after the name of the bank, the account and the period.
TITLES_WITHIN: Final = 25
# What opening a spoiled or locked archive may raise.
SPOILED: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, OSError, EOFError, ValueError,
)  # fmt: skip
_EPOCH: Final = date(1899, 12, 30)
_CELL: Final = re.compile(r"([A-Z]{1,3})[0-9]+")
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Row = list[str]


class Table:
    """Rows under recognised titles. `above` is what stands before them, `first` the number of the first row."""

    def __init__(self, rows: list[Row]) -> None:
        for number, row in enumerate(rows[:TITLES_WITHIN]):
            columns = placed(row)
            layout = layout_of(columns)
            if layout is not None:
                self.columns, self.layout = columns, layout
                self.above, self.rows, self.first = rows[:number], rows[number + 1 :], number + 2
                return
        raise FormatError("TITLES_UNKNOWN", "Il file non ha le intestazioni di un elenco di movimenti conosciuto.")

    def cells(self) -> Iterator[tuple[int, dict[Column, str]]]:
        """Rows that hold something, each with its number in the file."""
        for number, row in enumerate(self.rows, start=self.first):
            if any(cell.strip() for cell in row):
                yield (
                    number,
                    {
                        column: row[place].replace("\x00", "").strip() if place < len(row) else ""
                        for column, place in self.columns.items()
                    },
                )


def read_table(content: bytes) -> Table:
    """The list in a CSV, XLSX or XLS file. FormatError when it is none."""
    if content.startswith(OLE):
        return Table(list(old_workbook(content)))
    return Table(list(_workbook(content)) if content.startswith(ZIP) else _delimited(content))


def is_spreadsheet(content: bytes) -> bool:
    """Whether numbers are those of a program, and not written by people."""
    return content.startswith((ZIP[:2], OLE))


def recognised_layout(head: bytes) -> Layout | None:
    """Which list the beginning of a text file announces, None when it is none."""
    try:
        return Table(_delimited(head)).layout
    except FormatError:
        return None


def _delimited(content: bytes) -> list[Row]:
    text = _text(content)
    for separator in SEPARATORS:
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        except csv.Error:
            continue
        if any(layout_of(placed(row)) for row in rows[:TITLES_WITHIN]):
            return rows
    return []


def _text(content: bytes) -> str:
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content:
        raise FormatError("NOT_A_TABLE", "Il file non è un CSV né un foglio di calcolo XLSX.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _workbook(content: bytes) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            sheets = sorted(name for name in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
            if not sheets:
                raise FormatError("NOT_A_TABLE", "L'archivio non è un foglio di calcolo XLSX.")
            shared = _shared(archive) if "xl/sharedStrings.xml" in names else []
            days = _day_styles(archive) if "xl/styles.xml" in names else frozenset()
            root = _part(archive, min(sheets, key=lambda name: (len(name), name)))
            for row in root.iter(f"{_MAIN}row"):
                yield _cells(row, shared, days)
    except FormatError:
        raise
    except (*SPOILED, etree.XMLSyntaxError) as error:
        raise FormatError("NOT_A_TABLE", "Il foglio di calcolo è rovinato o protetto: non si apre.") from error


def _part(archive: zipfile.ZipFile, name: str) -> etree._Element:
    with archive.open(name) as part:
        content = part.read(MOST_UNPACKED + 1)
    if len(content) > MOST_UNPACKED:
        raise FormatError("TOO_LARGE", "Il foglio di calcolo è troppo grande: esportalo come CSV.")
    root: etree._Element = etree.fromstring(content, etree.XMLParser(**OPTIONS))
    refuse_dtd(root)
    return root


def _shared(archive: zipfile.ZipFile) -> list[str]:
    root = _part(archive, "xl/sharedStrings.xml")
    return ["".join(text.text or "" for text in item.iter(f"{_MAIN}t")) for item in root.iterchildren(f"{_MAIN}si")]


def _day_styles(archive: zipfile.ZipFile) -> frozenset[int]:
    """Styles of cells that show a number as a day."""
    root = _part(archive, "xl/styles.xml")
    own = {item.get("numFmtId"): item.get("formatCode", "").lower() for item in root.iter(f"{_MAIN}numFmt")}
    found = set()
    for place, style in enumerate(root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")):
        number = style.get("numFmtId", "0")
        code = own.get(number, "")
        if number in {"14", "15", "16", "17", "22"} or ("y" in code and "d" in code):
            found.add(place)
    return frozenset(found)


def _cells(row: etree._Element, shared: list[str], days: frozenset[int]) -> Row:
    cells: Row = []
    for cell in row.iterchildren(f"{_MAIN}c"):
        place = _place(cell.get("r", ""), len(cells))
        if place >= MOST_COLUMNS:
            break
        cells += [""] * (place + 1 - len(cells))
        cells[place] = _value(cell, shared, days)
    return cells


def _place(reference: str, following: int) -> int:
    found = _CELL.fullmatch(reference)
    if found is None:
        return following
    place = 0
    for letter in found[1]:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _value(cell: etree._Element, shared: list[str], days: frozenset[int]) -> str:
    kind, text = cell.get("t", "n"), cell.findtext(f"{_MAIN}v") or ""
    if kind == "inlineStr":
        return "".join(item.text or "" for item in cell.iter(f"{_MAIN}t"))
    if kind == "s":
        return shared[int(text)] if text.isascii() and text.isdigit() and int(text) < len(shared) else ""
    style = cell.get("s", "0")
    if kind == "n" and style.isascii() and style.isdigit() and int(style) in days:
        return _day(text)
    return text


def _day(serial: str) -> str:
    """A day that a workbook keeps as a number, as it would be read."""
    try:
        return (_EPOCH + timedelta(days=int(float(serial)))).isoformat()
    except (ValueError, OverflowError):
        return serial
