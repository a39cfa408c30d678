"""Workbooks of before 2007 (.xls): the first sheet as rows of text. Nothing in them is run, formulas give their value.

The format is binary and old, and its reader trusts it: what it stumbles on is a spoiled file, whatever the error says.
"""

import io
import struct
from collections.abc import Iterator
from typing import Any, Final

import xlrd
from xlrd.compdoc import CompDocError

from payments.reconciliation.formats.findings import FormatError

OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_BYTES: Final = 16 * 1024 * 1024
# The names of the stream that holds the sheets, as the directory of the file writes them.
_STREAMS: Final = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
_SPOILED: Final = (
    xlrd.XLRDError, CompDocError, struct.error, LookupError, ValueError, TypeError, AttributeError, AssertionError,
    ArithmeticError, NameError, NotImplementedError, OSError, EOFError, MemoryError, RecursionError,
)  # fmt: skip


def is_old_workbook(content: bytes) -> bool:
    """Whether this is a compound file that says it holds sheets."""
    return content.startswith(OLE) and any(name in content for name in _STREAMS)


def old_workbook(content: bytes) -> Iterator[list[str]]:
    """The rows of the first sheet. Raises FormatError."""
    if len(content) > MOST_BYTES:
        raise FormatError("TOO_LARGE", "Il foglio di calcolo è troppo grande: salvalo come CSV.")
    try:
        with xlrd.open_workbook(
            file_contents=content, logfile=io.StringIO(), on_demand=True, ragged_rows=True
        ) as book:  # fmt: skip
            sheet = book.sheet_by_index(0)
            rows = [[_text(cell, book.datemode) for cell in sheet.row(number)] for number in range(sheet.nrows)]
    except _SPOILED as error:
        message = "Il foglio di calcolo è rovinato o protetto: non si apre. Salvalo come XLSX o come CSV."
        raise FormatError("NOT_A_TABLE", message) from error
    return iter(rows)


def _text(cell: Any, datemode: int) -> str:
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return str(cell.value)
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _day(cell.value, datemode)
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return str(int(cell.value)) if float(cell.value).is_integer() else repr(float(cell.value))
    return ""


def _day(serial: float, datemode: int) -> str:
    try:
        return str(xlrd.xldate.xldate_as_datetime(serial, datemode).date().isoformat())
    except (ValueError, OverflowError):
        return repr(serial)
