"""Mandates (deleghe, procure): states, who may move them, when one is good and for which services. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

from portal.kernel.errors import DomainError
from portal.kernel.states import Transitions

# The services a mandate reaches; None is all of them, an empty set is none.
Scope = frozenset[str] | None


class Kind(StrEnum):
    LEGAL_REPRESENTATIVE = "legal_representative"
    DELEGATE = "delegate"


class State(StrEnum):
    REQUESTED = "requested"
    ACTIVE = "active"
    REFUSED = "refused"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Action(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    REVOKE = "revoke"
    GIVE_UP = "give_up"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


class Role(StrEnum):
    """Who acts on a mandate: the office, who holds it, the company's representative, the portal itself."""

    OFFICE = "office"
    HOLDER = "holder"
    REPRESENTATIVE = "representative"
    SYSTEM = "system"


TRANSITIONS: Transitions[State, Action] = {
    (State.REQUESTED, Action.APPROVE): State.ACTIVE,
    (State.REQUESTED, Action.REFUSE): State.REFUSED,
    (State.REQUESTED, Action.WITHDRAW): State.WITHDRAWN,
    (State.ACTIVE, Action.REVOKE): State.REVOKED,
    (State.ACTIVE, Action.GIVE_UP): State.REVOKED,
    # Its last day has passed: `shown_state` says so at once, the row says so when a new mandate takes its place.
    (State.ACTIVE, Action.EXPIRE): State.EXPIRED,
}

ALLOWED: Mapping[Role, frozenset[Action]] = {
    Role.OFFICE: frozenset({Action.APPROVE, Action.REFUSE, Action.REVOKE}),
    Role.HOLDER: frozenset({Action.WITHDRAW, Action.GIVE_UP}),
    Role.REPRESENTATIVE: frozenset({Action.WITHDRAW, Action.REVOKE}),
    Role.SYSTEM: frozenset({Action.WITHDRAW, Action.EXPIRE}),
}

OPEN = frozenset({State.REQUESTED, State.ACTIVE})
# What the office does only with a reason (L. 241/1990 art. 3).
NEEDS_REASON = frozenset({Action.REFUSE, Action.REVOKE})


def moves(state: State, role: Role) -> list[Action]:
    """What a role may do in a state, in the order of the table."""
    return [action for (before, action) in TRANSITIONS if before is state and action in ALLOWED[role]]


def is_good(*, state: State, valid_from: date, valid_to: date | None, on: date) -> bool:
    """Whether a mandate may be used on a day: approved, begun, not expired."""
    return state is State.ACTIVE and valid_from <= on and not is_past(valid_to, on=on)


def is_past(valid_to: date | None, *, on: date) -> bool:
    """Whether the last day of a mandate has passed; the last day itself is good."""
    return valid_to is not None and valid_to < on


def shown_state(*, state: State, valid_to: date | None, on: date) -> State:
    """The state people read: an active mandate is expired from the day after its last one."""
    return State.EXPIRED if state is State.ACTIVE and is_past(valid_to, on=on) else state


def check_period(*, valid_from: date, valid_to: date | None, on: date) -> None:
    """Raises DomainError when a mandate would end before it begins, or has already ended."""
    if valid_to is None:
        return
    if valid_to < valid_from:
        raise DomainError("mandate_dates", "L'ultimo giorno viene prima del primo: controlla le date.")
    if is_past(valid_to, on=on):
        raise DomainError("mandate_dates", "L'ultimo giorno è già passato: scegli una data futura.")


def scope_of(services: Iterable[str]) -> Scope:
    """The scope written on a mandate: no list means all the services."""
    return frozenset(services) or None


def covers(scope: Scope, service: str) -> bool:
    """Whether a scope reaches a service."""
    return scope is None or service in scope


def meet(one: Scope, other: Scope) -> Scope:
    """What two mandates in a row allow: only what both do."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def first_end(*days: date | None) -> date | None:
    """The last day of a chain of mandates: the first to end. None when none of them ends."""
    return min((day for day in days if day is not None), default=None)
