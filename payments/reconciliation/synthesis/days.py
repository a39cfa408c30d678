"""When things happen: operating days of the node, days of settlement and of publication. Pure.

SACI and SANP: the operating day ends at 13:00, the transfer is made the working day after, the flow is published the
working day after that.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from portal.kernel.calendar import is_working_day, next_working_day

ROME = ZoneInfo("Europe/Rome")
CLOSING_HOUR = 13
working_day_after = lru_cache(maxsize=4096)(next_working_day)
_is_working = lru_cache(maxsize=4096)(is_working_day)


def settled_on(paid_at: datetime) -> date:
    """The day of the transfer of a payment."""
    day = paid_at.date()
    if not _is_working(day) or paid_at.hour >= CLOSING_HOUR:
        day = working_day_after(day)
    return working_day_after(day)


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """An instant of a day in Italy."""
    return datetime.combine(day, time(hour, minute, second), tzinfo=ROME)


def working_days(first: date, last: date) -> list[date]:
    """The working days of a period."""
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return [day for day in days if _is_working(day)]


def plus(day: date, count: int) -> date:
    """The day `count` working days later."""
    for _ in range(count):
        day = working_day_after(day)
    return day
