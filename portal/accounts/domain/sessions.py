"""How long a session of the staff lasts. Pure."""

from datetime import datetime, timedelta

LONGEST = timedelta(hours=12)
# The last moment seen is written at most once a minute: not every page needs a write.
NOTED_EVERY = timedelta(minutes=1)


def is_over(*, began: datetime, seen: datetime, now: datetime, idle: timedelta) -> bool:
    """Whether nobody used it for `idle`, or it is older than twelve hours, or its times are not believable."""
    return now - seen > idle or now - began > LONGEST or seen > now + NOTED_EVERY


def is_to_note(*, seen: datetime, now: datetime) -> bool:
    """Whether the last moment is old enough to be written again."""
    return now - seen >= NOTED_EVERY
