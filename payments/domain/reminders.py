"""Which reminder of a due date is worth sending on a day. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Rule:
    """A reminder: its days counted from the due date, the days on which it is in force, and who decided it."""

    code: str
    from_day: int
    to_day: int
    valid_from: date
    source: str
    confirmed_by: str
    valid_to: date | None = None

    def __post_init__(self) -> None:
        if self.from_day > self.to_day:
            raise ValueError(f"reminder {self.code}: the first day comes after the last")

    def in_force(self, on: date) -> bool:
        """Whether it is used on a day: in its dates, and confirmed by somebody."""
        ended = self.valid_to is not None and on > self.valid_to
        return bool(self.confirmed_by) and self.valid_from <= on and not ended

    def due_dates(self, on: date) -> tuple[date, date]:
        """The first and the last due date of which this reminder may be sent on the day `on`."""
        return on - timedelta(days=self.to_day), on - timedelta(days=self.from_day)


def reminder_for(rules: Iterable[Rule], *, due_on: date, asked_on: date, on: date) -> Rule | None:
    """The reminder of a debt due on `due_on` that belongs to the day `on`; None when there is none.

    Who was asked for the money (`asked_on`) on the reminder's first day or later has just been told.
    """
    for rule in rules:
        first, last = due_on + timedelta(days=rule.from_day), due_on + timedelta(days=rule.to_day)
        if rule.in_force(on) and first <= on <= last and asked_on < first:
            return rule
    return None
