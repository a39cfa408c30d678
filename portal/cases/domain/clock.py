"""The clock of a procedure: how many days are used, how many are left, when the decision is due. Pure.

L. 241/1990 art. 2: the term runs from the day after the application arrives and stands still while the office waits
for the applicant. Days are calendar days; the last one moves on when it falls on a holiday.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.kernel.calendar import term_end


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stood still from `start` (this day already does not count) until `end`; None: it still does."""

    start: date
    end: date | None

    def days(self, *, on: date) -> int:
        return max(((self.end or on) - self.start).days, 0)


@dataclass(frozen=True, slots=True)
class Clock:
    """`due_on` is None while the clock stands still: nobody can say when it will run out."""

    term_days: int
    used_days: int
    paused_days: int
    due_on: date | None

    @property
    def left_days(self) -> int:
        """Days left; negative when the term has passed."""
        return self.term_days - self.used_days

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.used_days / self.term_days)) if self.term_days else 100


def read_clock(*, started: date, term_days: int, pauses: Sequence[Pause], on: date) -> Clock:
    """The clock on a day. `pauses` do not overlap (the state machine allows one at a time)."""
    paused = sum(pause.days(on=on) for pause in pauses)
    used = max((on - started).days - paused, 0)
    still = any(pause.end is None for pause in pauses)
    due = None if still else term_end(started, term_days + paused)
    return Clock(term_days=term_days, used_days=used, paused_days=paused, due_on=due)
