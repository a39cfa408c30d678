"""The term of the register, read from its file."""

import tomllib
from datetime import date, datetime, time
from functools import cache
from pathlib import Path

from portal import clock
from spid_auth.domain.retention import Term, kept_from

SOURCE = Path(__file__).resolve().parent.parent / "data" / "retention.toml"


@cache
def terms() -> tuple[Term, ...]:
    """Every term of the file."""
    with SOURCE.open("rb") as file:
        return tuple(Term(**row) for row in tomllib.load(file)["term"])


def cutoff(today: date) -> datetime:
    """What is older than this moment has been kept long enough. Raises NoTerm."""
    return datetime.combine(kept_from(today, terms()), time.min, tzinfo=clock.ROME)
