"""States of a charge. Pure."""

from enum import StrEnum

from portal.kernel.states import Transitions


class State(StrEnum):
    REQUESTED = "requested"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class Action(StrEnum):
    SETTLE = "settle"
    CANCEL = "cancel"
    REOPEN = "reopen"


TRANSITIONS: Transitions[State, Action] = {
    (State.REQUESTED, Action.SETTLE): State.SETTLED,
    (State.REQUESTED, Action.CANCEL): State.CANCELLED,
    # Money that arrives for a cancelled charge is money all the same: the office decides what to do with it.
    (State.CANCELLED, Action.SETTLE): State.SETTLED,
    # What the office had recorded as paid was not.
    (State.SETTLED, Action.REOPEN): State.REQUESTED,
}
