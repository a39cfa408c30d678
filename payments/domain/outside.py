"""Payments that did not pass through pagoPA: who records is not who confirms; what the money was enough for. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.kernel.states import Transitions


class State(StrEnum):
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    REVERSED = "reversed"


class Action(StrEnum):
    CONFIRM = "confirm"
    REFUSE = "refuse"
    REVERSE = "reverse"


STATE_LABELS: Mapping[State, str] = {
    State.REQUESTED: "da confermare",
    State.CONFIRMED: "confermato",
    State.REFUSED: "rifiutato",
    State.REVERSED: "stornato",
}

TRANSITIONS: Transitions[State, Action] = {
    (State.REQUESTED, Action.CONFIRM): State.CONFIRMED,
    (State.REQUESTED, Action.REFUSE): State.REFUSED,
    (State.CONFIRMED, Action.REVERSE): State.REVERSED,
}


class How(StrEnum):
    """The way the money came."""

    TRANSFER = "transfer"
    POSTAL = "postal"
    OTHER = "other"


HOW_LABELS: Mapping[How, str] = {
    How.TRANSFER: "bonifico",
    How.POSTAL: "versamento postale",
    How.OTHER: "altro modo",
}
# As the sentence «Pagato ... il ..., fuori da pagoPA» wants it.
PAID_HOW: Mapping[How, str] = {
    How.TRANSFER: "con bonifico",
    How.POSTAL: "con versamento postale",
    How.OTHER: "in altro modo",
}


@dataclass(frozen=True, slots=True)
class Number:
    """A notice number not paid yet, as it stood on the day the money came."""

    key: int
    cents: int
    payable: bool
    single: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """The number the money was for and, in cents, how much more (or, below zero, less) than due it is."""

    number: Number
    difference: int

    @property
    def exact(self) -> bool:
        """Whether it settles by itself: to the cent, of a number that could be paid on that day."""
        return self.difference == 0 and self.number.payable


def weigh(cents: int, numbers: Sequence[Number]) -> Weighed:
    """What some money was for, of numbers that exclude each other or follow one another; `numbers` is not empty.

    The first number that costs exactly that much on that day; or else what had to be paid at least: the cheapest of
    those paid all at once, or the next instalment of a plan. Only when none could be paid are the others looked at.
    """
    open_ = [number for number in numbers if number.payable] or list(numbers)
    for number in open_:
        if number.cents == cents:
            return Weighed(number, 0)
    whole = [number for number in open_ if number.single]
    meant = min(whole, key=lambda number: number.cents) if whole else open_[0]
    return Weighed(meant, cents - meant.cents)
