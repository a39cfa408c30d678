"""Wrong passwords and codes: how many are too many, and for how long the door then stays closed. Pure.

An attempt is counted before it is judged and taken back when it was right: guesses sent all at once find the same
five chances as guesses sent one after the other.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

CHANCES = 5
WINDOW = timedelta(minutes=15)
FIRST_LOCK = timedelta(minutes=15)
LONGEST_LOCK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Count:
    """What is remembered of one name: the attempts of the last minutes, the locks in a row, until when it is locked."""

    attempts: tuple[datetime, ...] = ()
    locks: int = 0
    locked_until: datetime | None = None


def length_of(locks_before: int) -> timedelta:
    """How long the next lock lasts: 15 minutes, then twice as long each time, a day at most."""
    times: int = 2 ** min(locks_before, 7)  # 15 minutes doubled seven times are more than a day
    return min(FIRST_LOCK * times, LONGEST_LOCK)


def closed_until(count: Count, now: datetime) -> datetime | None:
    """Until when no attempt is judged; None when the door is open."""
    if count.locked_until is not None and now < count.locked_until:
        return count.locked_until
    recent = _recent(count, now)
    # Five attempts whose verdict is not known yet: the next one waits, whatever it is.
    return recent[0] + WINDOW if len(recent) >= CHANCES else None


def attempted(count: Count, now: datetime) -> Count:
    """One more attempt, not judged yet. A quiet day after the last lock wipes the slate."""
    quiet = count.locked_until is not None and now >= count.locked_until + LONGEST_LOCK
    return replace(count, attempts=(*_recent(count, now), now), locks=0 if quiet else count.locks)


def found_wrong(count: Count, now: datetime) -> Count:
    """The attempt was wrong; the fifth in fifteen minutes locks."""
    if len(_recent(count, now)) < CHANCES:
        return count
    return Count((), count.locks + 1, now + length_of(count.locks))


def found_right(count: Count) -> Count:
    """The attempt was right: it is taken back. The earlier ones stay until the person is in."""
    return replace(count, attempts=count.attempts[:-1])


def _recent(count: Count, now: datetime) -> tuple[datetime, ...]:
    return tuple(moment for moment in count.attempts if now - moment < WINDOW)
