"""How long the register of logins is kept. Pure; the term itself is data (`spid_auth/data/retention.toml`)."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


class NoTerm(LookupError):
    """No term in force that may be used on that day: nothing is deleted."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term of law in months. `mark`: V = read in its source, M = from memory, unusable until somebody confirms it."""

    months: int
    valid_from: date
    source: str
    mark: str
    confirmed_by: str

    @property
    def usable(self) -> bool:
        """Whether rows may be deleted on the strength of it."""
        return self.mark == "V" or bool(self.confirmed_by)


def months_before(day: date, months: int) -> date:
    """The day so many months earlier; the last of the month when that has no such day."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(years, month + 1)[1]
    return date(years, month + 1, min(day.day, last))


def term_on(day: date, terms: Iterable[Term]) -> Term:
    """The term in force on a day. Raises NoTerm when there is none, or when nobody has confirmed it."""
    in_force = [term for term in terms if term.valid_from <= day]
    if not in_force:
        raise NoTerm("no term in force")
    latest = max(in_force, key=lambda term: term.valid_from)
    if not latest.usable:
        raise NoTerm(f"unconfirmed: {latest.source}")
    return latest


def kept_from(today: date, terms: Iterable[Term]) -> date:
    """The first day that must still be kept. Raises NoTerm."""
    return months_before(today, term_on(today, terms).months)
