"""What may happen to a debt position (posizione debitoria). Pure.

Dates do not change a stored state: whether a position can be paid on a day is worked out when someone asks, so
that a stopped worker never makes a notice payable or not.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from portal.kernel.states import Transitions


class State(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    REPORTED = "reported"
    CANCELLED = "cancelled"


class Action(StrEnum):
    PUBLISH = "publish"
    PAY_PART = "pay_part"
    PAY_ALL = "pay_all"
    REPORT = "report"
    CANCEL = "cancel"
    REOPEN = "reopen"
    REOPEN_PART = "reopen_part"


STATE_LABELS: Mapping[State, str] = {
    State.DRAFT: "in preparazione",
    State.PUBLISHED: "da pagare",
    State.PARTLY_PAID: "pagata in parte",
    State.PAID: "pagata",
    State.REPORTED: "rendicontata",
    State.CANCELLED: "annullata",
}

TRANSITIONS: Transitions[State, Action] = {
    (State.DRAFT, Action.PUBLISH): State.PUBLISHED,
    (State.DRAFT, Action.CANCEL): State.CANCELLED,
    (State.PUBLISHED, Action.PAY_PART): State.PARTLY_PAID,
    (State.PUBLISHED, Action.PAY_ALL): State.PAID,
    (State.PUBLISHED, Action.CANCEL): State.CANCELLED,
    (State.PARTLY_PAID, Action.PAY_PART): State.PARTLY_PAID,
    (State.PARTLY_PAID, Action.PAY_ALL): State.PAID,
    (State.PAID, Action.REPORT): State.REPORTED,
    # Only what was paid outside pagoPA is taken back, by a contrary entry of two people.
    (State.PAID, Action.REOPEN): State.PUBLISHED,
    (State.PAID, Action.REOPEN_PART): State.PARTLY_PAID,
    (State.PARTLY_PAID, Action.REOPEN): State.PUBLISHED,
    (State.PARTLY_PAID, Action.REOPEN_PART): State.PARTLY_PAID,
}

OPEN = frozenset({State.PUBLISHED, State.PARTLY_PAID})
SETTLED = frozenset({State.PAID, State.REPORTED})
CLOSED = SETTLED | {State.CANCELLED}


class Payability(StrEnum):
    """Whether an instalment can be paid on a day, and why not."""

    PAYABLE = "payable"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    SIBLING_USED = "sibling_used"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    PAID = "paid"
    CANCELLED = "cancelled"


PAYABILITY_LABELS: Mapping[Payability, str] = {
    Payability.PAYABLE: "da pagare",
    Payability.NOT_YET: "non ancora pagabile",
    Payability.EXPIRED: "scaduta",
    Payability.SIBLING_USED: "sostituita da un'altra opzione di pagamento",
    Payability.SUSPENDED: "sospesa",
    Payability.WITHDRAWN: "ritirata dall'ufficio",
    Payability.PAID: "pagata",
    Payability.CANCELLED: "annullata",
}


def payability(
    *,
    state: State,
    on: date,
    instalment_paid: bool,
    sibling_used: bool,
    valid_from: date | None,
    due_on: date | None,
    refused_after_due: bool,
    suspended: bool = False,
    withdrawn: bool = False,
) -> Payability:
    """Whether an instalment can be paid on the day `on`.

    `refused_after_due` is the switch-to-expired of the option: without it a late payment is welcome. The due date
    itself is still a good day. `sibling_used` means that another option of the same position has been used. An office
    suspends a position while an appeal is open, and lets it go on later; it withdraws an option when another one takes
    its place, such as a plan of instalments.
    """
    if instalment_paid:
        return Payability.PAID
    if state is State.CANCELLED:
        return Payability.CANCELLED
    if withdrawn:
        return Payability.WITHDRAWN
    if state in SETTLED or sibling_used:
        return Payability.SIBLING_USED
    if suspended:
        return Payability.SUSPENDED
    if state is State.DRAFT or (valid_from is not None and on < valid_from):
        return Payability.NOT_YET
    if refused_after_due and due_on is not None and on > due_on:
        return Payability.EXPIRED
    return Payability.PAYABLE


def cents_on(on: date, *, printed: int, dated: Iterable[tuple[date, int]]) -> int:
    """What is due on a day, in cents: the last of the dated amounts begun by then, or else the printed one."""
    begun = [(since, cents) for since, cents in dated if since <= on]
    return max(begun)[1] if begun else printed


def last_payable_day(*, due_on: date | None, issued_on: date, open_days: int | None, on: date) -> date:
    """The day that goes to the node, which wants one: the due date or, where there is none, the last day the kind of
    debt leaves the notice open. Never a day already past: a debt without due date is due when it is paid.
    """
    if due_on is not None:
        return due_on
    return max(on, issued_on + timedelta(days=open_days or 0))
