"""Mandates (deleghe, procure): states, and when one is good. Pure."""

from datetime import date
from enum import StrEnum

from portal.kernel.states import Transitions


class Kind(StrEnum):
    LEGAL_REPRESENTATIVE = "legal_representative"
    DELEGATE = "delegate"


class State(StrEnum):
    REQUESTED = "requested"
    ACTIVE = "active"
    REFUSED = "refused"
    REVOKED = "revoked"


class Action(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    REVOKE = "revoke"


TRANSITIONS: Transitions[State, Action] = {
    (State.REQUESTED, Action.APPROVE): State.ACTIVE,
    (State.REQUESTED, Action.REFUSE): State.REFUSED,
    (State.ACTIVE, Action.REVOKE): State.REVOKED,
}


def is_good(*, state: State, valid_from: date, valid_to: date | None, on: date) -> bool:
    """Whether a mandate may be used on a day: approved, begun, not expired."""
    return state is State.ACTIVE and valid_from <= on and (valid_to is None or on <= valid_to)
