"""A problem in the hands of a person: where it stands, and what may be done with it. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


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


# What counts of the facts of a verdict: the documents that it names and the amounts. The rest is told about them (the
# name of a PSP, days, the text of a transfer, how many lines): when only that changes, the problem is the same one.
DOCUMENTS = ("iuf", "iuv", "iur", "credits", "movement", "journal", "account", "reference", "first_iuv", "first_iur")
AMOUNTS = ("cents", "declared", "computed", "credited", "expected", "reported", "due", "paid", "opening", "closing")


def same_problem(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether two verdicts with the same code on the same document say the same: same documents, same cents."""
    return all(before.get(name) == after.get(name) for name in (*DOCUMENTS, *AMOUNTS))
