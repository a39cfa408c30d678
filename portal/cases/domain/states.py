"""What may happen to a case (pratica), and who may do it. Pure.

A case exists from the moment it has a protocol number; before, it is a draft. It ends decided, withdrawn or archived.
The act that comes out of it (a permit, a licence) has a life of its own, in its own table.
"""

from enum import StrEnum

from portal.kernel.states import Transitions


class State(StrEnum):
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    INTEGRATION_REQUESTED = "integration_requested"
    REFUSAL_NOTICE = "refusal_notice"
    PAYMENT_DUE = "payment_due"
    READY_TO_ISSUE = "ready_to_issue"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ARCHIVED = "archived"


class Action(StrEnum):
    TAKE = "take"
    REQUEST_INTEGRATION = "request_integration"
    ANSWER_INTEGRATION = "answer_integration"
    GIVE_REFUSAL_NOTICE = "give_refusal_notice"
    ANSWER_REFUSAL_NOTICE = "answer_refusal_notice"
    RESUME = "resume"
    APPROVE = "approve"
    REFUSE = "refuse"
    SETTLE = "settle"
    ISSUE = "issue"
    WITHDRAW = "withdraw"
    ARCHIVE = "archive"


class Role(StrEnum):
    CITIZEN = "citizen"
    OFFICER = "officer"
    SYSTEM = "system"


TRANSITIONS: Transitions[State, Action] = {
    (State.SUBMITTED, Action.TAKE): State.UNDER_REVIEW,
    (State.UNDER_REVIEW, Action.REQUEST_INTEGRATION): State.INTEGRATION_REQUESTED,
    (State.UNDER_REVIEW, Action.GIVE_REFUSAL_NOTICE): State.REFUSAL_NOTICE,
    (State.UNDER_REVIEW, Action.APPROVE): State.PAYMENT_DUE,
    (State.UNDER_REVIEW, Action.REFUSE): State.REFUSED,
    (State.INTEGRATION_REQUESTED, Action.ANSWER_INTEGRATION): State.UNDER_REVIEW,
    # The term to answer has passed: the office goes on with what it has, or closes the case.
    (State.INTEGRATION_REQUESTED, Action.RESUME): State.UNDER_REVIEW,
    (State.INTEGRATION_REQUESTED, Action.ARCHIVE): State.ARCHIVED,
    (State.REFUSAL_NOTICE, Action.ANSWER_REFUSAL_NOTICE): State.UNDER_REVIEW,
    (State.REFUSAL_NOTICE, Action.RESUME): State.UNDER_REVIEW,
    (State.PAYMENT_DUE, Action.SETTLE): State.READY_TO_ISSUE,
    (State.PAYMENT_DUE, Action.ARCHIVE): State.ARCHIVED,
    (State.READY_TO_ISSUE, Action.ISSUE): State.GRANTED,
    (State.SUBMITTED, Action.WITHDRAW): State.WITHDRAWN,
    (State.UNDER_REVIEW, Action.WITHDRAW): State.WITHDRAWN,
    (State.INTEGRATION_REQUESTED, Action.WITHDRAW): State.WITHDRAWN,
    (State.REFUSAL_NOTICE, Action.WITHDRAW): State.WITHDRAWN,
    (State.PAYMENT_DUE, Action.WITHDRAW): State.WITHDRAWN,
}

ALLOWED: dict[Role, frozenset[Action]] = {
    Role.CITIZEN: frozenset({Action.ANSWER_INTEGRATION, Action.ANSWER_REFUSAL_NOTICE, Action.WITHDRAW}),
    Role.OFFICER: frozenset(
        {
            Action.TAKE,
            Action.REQUEST_INTEGRATION,
            Action.GIVE_REFUSAL_NOTICE,
            Action.RESUME,
            Action.APPROVE,
            Action.REFUSE,
            Action.ISSUE,
            Action.ARCHIVE,
        }
    ),
    Role.SYSTEM: frozenset({Action.SETTLE}),
}

CLOSED = frozenset({State.GRANTED, State.REFUSED, State.WITHDRAWN, State.ARCHIVED})
OPEN = frozenset(State) - CLOSED
# The clock of the procedure stands still and the next move is the citizen's.
WAITING_FOR_CITIZEN = frozenset({State.INTEGRATION_REQUESTED, State.REFUSAL_NOTICE, State.PAYMENT_DUE})
SUSPENDED = frozenset({State.INTEGRATION_REQUESTED, State.REFUSAL_NOTICE})


def moves(state: State, role: Role) -> list[Action]:
    """What a role may do in a state, in the order of the table."""
    return [action for (before, action) in TRANSITIONS if before is state and action in ALLOWED[role]]
