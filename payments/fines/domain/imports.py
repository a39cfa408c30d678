"""What happens to a file of the back office after it is kept. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from portal.kernel.states import Transitions


class State(StrEnum):
    READY = "ready"
    REFUSED = "refused"
    QUEUED = "queued"
    DONE = "done"


class Action(StrEnum):
    QUEUE = "queue"
    FINISH = "finish"
    REFUSE = "refuse"
    CHECK_AGAIN = "check_again"


STATE_LABELS: Mapping[State, str] = {
    State.READY: "controllato, da importare",
    State.REFUSED: "con errori, non importato",
    State.QUEUED: "importazione in corso",
    State.DONE: "importato",
}

TRANSITIONS: Transitions[State, Action] = {
    (State.READY, Action.QUEUE): State.QUEUED,
    (State.READY, Action.FINISH): State.DONE,
    (State.READY, Action.REFUSE): State.REFUSED,
    (State.QUEUED, Action.FINISH): State.DONE,
    (State.QUEUED, Action.REFUSE): State.REFUSED,
    (State.REFUSED, Action.CHECK_AGAIN): State.READY,
}
