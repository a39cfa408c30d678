"""Declarations of a codice fiscale by people who logged in without one. Pure."""

from enum import StrEnum

from portal.kernel.states import Transitions


class State(StrEnum):
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Action(StrEnum):
    ACCEPT = "accept"
    REFUSE = "refuse"


TRANSITIONS: Transitions[State, Action] = {
    (State.REQUESTED, Action.ACCEPT): State.ACCEPTED,
    (State.REQUESTED, Action.REFUSE): State.REFUSED,
}
