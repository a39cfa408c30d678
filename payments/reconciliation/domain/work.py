"""A problem in the hands of a person: where it stands, and what may be done with it. Pure."""

from enum import StrEnum


class WorkState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    WAITING = "waiting"
    IGNORED = "ignored"


class WorkAction(StrEnum):
    TAKE = "take"
    WAIT = "wait"
    IGNORE = "ignore"
    REOPEN = "reopen"


WORK_LABELS = {
    WorkState.OPEN: "da prendere",
    WorkState.TAKEN: "presa in carico",
    WorkState.WAITING: "in attesa di risposta",
    WorkState.IGNORED: "ignorata",
}

# What is ignored must first come back to the queue: nobody undoes a decision by taking another.
TRANSITIONS: dict[tuple[WorkState, WorkAction], WorkState] = {
    (WorkState.OPEN, WorkAction.TAKE): WorkState.TAKEN,
    (WorkState.OPEN, WorkAction.WAIT): WorkState.WAITING,
    (WorkState.OPEN, WorkAction.IGNORE): WorkState.IGNORED,
    (WorkState.TAKEN, WorkAction.WAIT): WorkState.WAITING,
    (WorkState.TAKEN, WorkAction.IGNORE): WorkState.IGNORED,
    (WorkState.TAKEN, WorkAction.REOPEN): WorkState.OPEN,
    (WorkState.WAITING, WorkAction.TAKE): WorkState.TAKEN,
    (WorkState.WAITING, WorkAction.WAIT): WorkState.WAITING,
    (WorkState.WAITING, WorkAction.IGNORE): WorkState.IGNORED,
    (WorkState.WAITING, WorkAction.REOPEN): WorkState.OPEN,
    (WorkState.IGNORED, WorkAction.REOPEN): WorkState.OPEN,
}


def possible(state: WorkState) -> frozenset[WorkAction]:
    """What may be done now."""
    return frozenset(action for before, action in TRANSITIONS if before is state)
