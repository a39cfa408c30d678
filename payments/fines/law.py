"""The figures of data/law.toml, read once."""

import tomllib
from functools import cache
from pathlib import Path

from payments.fines.domain.figures import Code, Figure, Law

FILE = Path(__file__).resolve().parent / "data" / "law.toml"


@cache
def law() -> Law:
    """Every figure of the file. Raises KeyError, TypeError or ValueError when a row is not one."""
    with FILE.open("rb") as file:
        rows = tomllib.load(file)["figure"]
    return Law(
        Figure(Code(code), value, **{key: row[key] for key in row if key != "codes"})
        for row in rows
        for code, value in row["codes"].items()
    )
