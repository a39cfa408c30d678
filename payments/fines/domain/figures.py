"""Figures fixed by a norm, each from a day, with its source and who confirmed it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Code(StrEnum):
    DISCOUNT_PERCENT = "discount_percent"
    DISCOUNT_DAYS = "discount_days"
    REDUCED_DAYS = "reduced_days"
    LATE_PERCENT_OF_MAXIMUM = "late_percent_of_maximum"
    DRIVER_DAYS = "driver_days"
    PLAN_ABOVE_CENTS = "plan_above_cents"
    PLAN_INCOME_CENTS = "plan_income_cents"
    PLAN_RELATIVE_CENTS = "plan_relative_cents"
    PLAN_LEAST_CENTS = "plan_least_cents"
    PLAN_REQUEST_DAYS = "plan_request_days"
    PLAN_FIRST_UP_TO_CENTS = "plan_first_up_to_cents"
    PLAN_SECOND_UP_TO_CENTS = "plan_second_up_to_cents"
    PLAN_FIRST_MOST = "plan_first_most"
    PLAN_SECOND_MOST = "plan_second_most"
    PLAN_THIRD_MOST = "plan_third_most"
    PLAN_COUNTS_COSTS = "plan_counts_costs"
    PLAN_INTEREST_BASIS_POINTS = "plan_interest_basis_points"
    APPEAL_PREFECT_DAYS = "appeal_prefect_days"
    APPEAL_JUDGE_DAYS = "appeal_judge_days"


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: in force from `valid_from` until a later row of the same code."""

    code: Code
    value: int
    unit: str
    valid_from: date
    source: str
    mark: str
    confirmed_by: str = ""


class FigureMissing(LookupError):
    """No confirmed figure answers for that day."""

    def __init__(self, code: Code, on: date) -> None:
        super().__init__(f"no confirmed figure {code} on {on}")
        self.code = code
        self.on = on


class Law:
    """The figures in force on a day."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self.figures = tuple(sorted(figures, key=lambda row: row.valid_from, reverse=True))

    def figure(self, code: Code, *, on: date) -> int:
        """The value in force. Raises FigureMissing when there is none, or nobody has confirmed it."""
        for row in self.figures:
            if row.code is code and row.valid_from <= on:
                if not row.confirmed_by:
                    break
                return row.value
        raise FigureMissing(code, on)

    def knows(self, code: Code, *, on: date) -> bool:
        """Whether a confirmed figure answers for that day."""
        try:
            self.figure(code, on=on)
        except FigureMissing:
            return False
        return True
