"""The life of a login request: sent, then consumed by one good answer or failed by a bad one. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from portal.kernel.states import Transitions


class State(StrEnum):
    SENT = "sent"
    CONSUMED = "consumed"
    FAILED = "failed"


class Action(StrEnum):
    CONSUME = "consume"
    FAIL = "fail"


class Use(StrEnum):
    """What a kept message is for. At the door of the answers nothing has been verified yet, at the other it has."""

    LOGIN = "login"
    LOGOUT = "logout"


TRANSITIONS: Transitions[State, Action] = {
    (State.SENT, Action.CONSUME): State.CONSUMED,
    (State.SENT, Action.FAIL): State.FAILED,
}

# How long a person may stay at the identity provider.
ANSWER_WITHIN = timedelta(minutes=30)
# How long the browser may take from the arrival of the answer to the page that uses it.
TICKET_LIFE = timedelta(seconds=60)
# Answers kept for one request: a good provider sends one, a browser may send it twice.
MESSAGES_A_REQUEST = 5


def keeps_a_session(level: int, session_index: str) -> bool:
    """Whether the SPID provider has a session of its own after this login: only at level 1 (technical rules)."""
    return level == 1 and bool(session_index)


def is_late(sent_at: datetime, now: datetime) -> bool:
    """Whether an answer arrives too long after the request."""
    return now > sent_at + ANSWER_WITHIN
