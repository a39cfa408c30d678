"""What is left of a fine paid too little for the day it was paid. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from payments.fines.domain.amounts import Amounts
from payments.fines.domain.terms import Terms


class Decision(StrEnum):
    """What the office made of it."""

    ASKED = "asked"
    ACCEPTED = "accepted"


DECISION_LABELS = {
    Decision.ASKED: "differenza chiesta",
    Decision.ACCEPTED: "accettato come saldo",
}


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What was paid on a day, and what was due on it; cents."""

    paid_on: date
    paid: int
    due: int

    @property
    def cents(self) -> int:
        """The difference."""
        return self.due - self.paid


def due_on(amounts: Amounts, terms: Terms, on: date) -> int:
    """What a fine costs on a day, costs included."""
    if amounts.discounted is not None and on <= terms.discounted_until:
        return amounts.discounted
    return amounts.reduced if on <= terms.reduced_until else amounts.late


def shortfall(amounts: Amounts, terms: Terms, *, paid_on: date, paid: int) -> Shortfall | None:
    """What is missing of a payment; None when it was enough."""
    due = due_on(amounts, terms, paid_on)
    return Shortfall(paid_on, paid, due) if paid < due else None


@dataclass(frozen=True, slots=True)
class RestTerm:
    """How many days a debtor has to pay a difference, from a day on."""

    days: int
    valid_from: date
    source: str
    confirmed_by: str = ""


def term_on(rows: Iterable[RestTerm], on: date) -> RestTerm | None:
    """The row in force on a day, if somebody has confirmed it."""
    begun = [row for row in rows if row.valid_from <= on]
    last = max(begun, key=lambda row: row.valid_from, default=None)
    return last if last is not None and last.confirmed_by else None
