"""The figures of data/law.toml, and what the body decided in data/rests.toml, read once."""

import tomllib
from functools import cache
from pathlib import Path

from payments.fines.domain.figures import Code, Figure, Law
from payments.fines.domain.rests import RestTerm

FILE = Path(__file__).resolve().parent / "data" / "law.toml"
RESTS_FILE = FILE.with_name("rests.toml")


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


@cache
def rest_terms() -> tuple[RestTerm, ...]:
    """Every term of the file. Raises KeyError or TypeError when a row is not one."""
    with RESTS_FILE.open("rb") as file:
        return tuple(RestTerm(**row) for row in tomllib.load(file)["term"])
