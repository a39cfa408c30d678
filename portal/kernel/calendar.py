"""Legal terms. The day something happens does not count (Civil Code art. 2963 c. 2); a last day that falls on a
holiday moves to the next working day (c. 3). Saturdays are working days for terms; public holidays come from the
`holidays` package (L. 260/1949 as amended; patron saints are not counted)."""

from datetime import date, timedelta
from functools import lru_cache

import holidays
import holidays.countries  # every country at once, when the process starts: not within somebody's first request


@lru_cache(maxsize=64)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("IT", years=year))


def is_holiday(day: date) -> bool:
    """Sunday or national public holiday."""
    return day.weekday() == 6 or day in _public_holidays(day.year)


def next_non_holiday(day: date) -> date:
    """`day` itself, or the first following day that is not a holiday."""
    while is_holiday(day):
        day += timedelta(days=1)
    return day


def term_end(start: date, days: int) -> date:
    """Last day of a term of `days` calendar days that starts on `start`."""
    return next_non_holiday(start + timedelta(days=days))


def is_working_day(day: date) -> bool:
    """A day on which offices and banks work: Monday to Friday, not a holiday."""
    return day.weekday() < 5 and not is_holiday(day)


def next_working_day(day: date) -> date:
    """The first working day after `day`."""
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """The day `count` working days after `day`."""
    for _ in range(count):
        day = next_working_day(day)
    return day
