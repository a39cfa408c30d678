"""Rows as spreadsheets open them in Italy: semicolons, commas in amounts, and no cell that is taken for a formula."""

import csv
import io
from collections.abc import Iterable

# Excel takes a file without it for another alphabet.
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
# A cell that begins with one of these is worked out by spreadsheets, whoever wrote it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Figure(str):
    """A number that we wrote ourselves: one below zero begins with a sign and is no formula."""


def safe(value: object) -> str:
    """A cell as text; what looks like a formula gets an apostrophe before it."""
    if isinstance(value, Figure):
        return str(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def line(values: Iterable[object]) -> str:
    """One row, with its end."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow([safe(value) for value in values])
    return out.getvalue()
