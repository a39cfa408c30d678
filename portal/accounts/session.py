"""What a session of the staff remembers: when it began, when it was last used, whether the second step was made."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from portal import clock
from portal.accounts.domain import sessions
from portal.accounts.models import User

BEGAN_KEY = "staff_began"
SEEN_KEY = "staff_seen"
SECOND_STEP_KEY = "staff_second_step"


def begin(session: SessionBase) -> None:
    """One of the staff has just come in."""
    session[BEGAN_KEY] = session[SEEN_KEY] = int(clock.now().timestamp())


def still_good(session: SessionBase) -> bool:
    """Whether the session may go on; if so, that it was used now is noted."""
    if BEGAN_KEY not in session:
        begin(session)
    began, seen = (datetime.fromtimestamp(session[key], UTC) for key in (BEGAN_KEY, SEEN_KEY))
    now, idle = clock.now(), timedelta(minutes=settings.STAFF_SESSION_IDLE_MINUTES)
    if sessions.is_over(began=began, seen=seen, now=now, idle=idle):
        return False
    if sessions.is_to_note(seen=seen, now=now):
        session[SEEN_KEY] = int(now.timestamp())
    return True


def note_second_step(session: SessionBase, user: User) -> None:
    """The person of this session has shown a second factor."""
    session[SECOND_STEP_KEY] = user.pk


def made_second_step(session: SessionBase, user: User) -> bool:
    """Whether the second factor was shown in this session, by this person."""
    return bool(session.get(SECOND_STEP_KEY) == user.pk)
