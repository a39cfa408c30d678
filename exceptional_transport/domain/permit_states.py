"""The life of a permit (autorizzazione). Pure.

What is stored is only what somebody decided; "not yet valid" and "expired" are read from the dates on the day.
"""

from datetime import date
from enum import StrEnum

from portal.kernel.errors import DomainError
from portal.kernel.states import Transitions, move


class State(StrEnum):
    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class Action(StrEnum):
    SUSPEND = "suspend"
    RESUME = "resume"
    REVOKE = "revoke"


TRANSITIONS: Transitions[State, Action] = {
    (State.VALID, Action.SUSPEND): State.SUSPENDED,
    (State.VALID, Action.REVOKE): State.REVOKED,
    (State.SUSPENDED, Action.RESUME): State.VALID,
    (State.SUSPENDED, Action.REVOKE): State.REVOKED,
}


class Standing(StrEnum):
    """What a permit is worth on a day."""

    NOT_YET_VALID = "not_yet_valid"
    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"


def standing(*, state: State, valid_from: date, valid_to: date, on: date) -> Standing:
    """A revocation lasts for ever; an expired permit stays expired even if it was suspended."""
    if state is State.REVOKED:
        return Standing.REVOKED
    if on > valid_to:
        return Standing.EXPIRED
    if state is State.SUSPENDED:
        return Standing.SUSPENDED
    return Standing.NOT_YET_VALID if on < valid_from else Standing.VALID


def after(*, state: State, action: Action, reason: str, valid_to: date, on: date) -> State:
    """The state after an action of the office.

    Raises MoveNotAllowed, DomainError (permit_expired, reason_required).
    """
    if on > valid_to:
        raise DomainError(
            "permit_expired", "L'autorizzazione è scaduta: non si può più sospendere, riattivare o revocare."
        )
    if not reason.strip():
        raise DomainError("reason_required", "Scrivi il motivo: sarà comunicato al titolare.")
    return move(TRANSITIONS, state, action)
