"""Transition tables: what may happen to a thing, written once and read by services, tests and docs."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from portal.kernel.errors import DomainError

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)
Transitions = Mapping[tuple[S, A], S]


class MoveNotAllowed(DomainError):
    """The action does not exist in this state: the caller's page is stale, or hostile."""

    def __init__(self, state: StrEnum, action: StrEnum) -> None:
        super().__init__(
            "move_not_allowed",
            "L'operazione non è più possibile: nel frattempo lo stato è cambiato. Ricarica la pagina.",
        )
        self.state = state
        self.action = action


def move(table: Transitions[S, A], state: S, action: A) -> S:
    """The state after `action`. Raises MoveNotAllowed."""
    try:
        return table[state, action]
    except KeyError:
        raise MoveNotAllowed(state, action) from None


def diagram(table: Transitions[S, A]) -> str:
    """The table as a Mermaid state diagram, for docs/."""
    rows = [f"    {state} --> {after}: {action}" for (state, action), after in table.items()]
    return "\n".join(["stateDiagram-v2", *rows])
