"""The end of the budget year: what was paid within it and came to the treasury after."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from payments.reconciliation.domain.accounts import ACCOUNTS, Account
from payments.reconciliation.services.looking import look_at_everything
from payments.reconciliation.sql import statement

_BY_ASSESSMENT, _CREDITS = statement("year_end"), statement("year_end_credits")


@dataclass(frozen=True, slots=True)
class CutOff:
    """Payments of the year on an assessment: credited within the year, credited after, not credited yet. Cents."""

    label: str
    description: str
    within: int
    after: int
    waiting: int

    @property
    def paid(self) -> int:
        return self.within + self.after + self.waiting

    @property
    def residual(self) -> int:
        """What is a residual of the year: paid by its end, in the treasury after it or not yet."""
        return self.after + self.waiting


@dataclass(frozen=True, slots=True)
class LateCredit:
    """A provisional of the next year that carries payments of this one. Cents."""

    movement_id: int
    provisional: str
    booked_on: date
    payer: str
    iuf: str
    of_the_year: int
    cents: int


@dataclass(frozen=True, slots=True)
class YearEnd:
    """The end of a year for one body."""

    rows: list[CutOff]
    credits: list[LateCredit]

    def total(self, name: str) -> int:
        """The sum of a column."""
        return sum(getattr(row, name) for row in self.rows)


def year_end(entity_id: int, *, year: int) -> YearEnd:
    """What the payments of a year became, and the credits of the next one that carry some of them."""
    days = {"first": date(year, 1, 1), "last": date(year, 12, 31)}
    known: dict[str, Any] = {"entity": entity_id, "year": year} | days
    with look_at_everything(entity_id) as sql:
        sql.execute(_BY_ASSESSMENT, known)
        rows = [_cut_off(row) for row in sql.fetchall()]
        sql.execute(_CREDITS, known)
        late = [_credit(row) for row in sql.fetchall()]
    return YearEnd(rows, late)


def _cut_off(row: tuple[Any, ...]) -> CutOff:
    account, number, year, chapter, description, within, after, waiting = row
    if number is None:
        card = ACCOUNTS[Account(account)]
        return CutOff(card.title, card.meaning, within, after, waiting)
    return CutOff(f"{number}/{year}", f"{description}, capitolo {chapter}", within, after, waiting)


def _credit(row: tuple[Any, ...]) -> LateCredit:
    movement, number, year, booked_on, payer, iuf, of_the_year, cents = row
    return LateCredit(movement, f"{number}/{year}", booked_on, payer, iuf, of_the_year, cents)
