"""Refunds (rimborsi): who asks is not who approves; what an account number must be. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from stdnum import iban as numbers

from portal.kernel.errors import DomainError
from portal.kernel.states import Transitions


class State(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    ORDERED = "ordered"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class Action(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    ORDER = "order"
    CONFIRM = "confirm"
    FAIL = "fail"


STATE_LABELS: Mapping[State, str] = {
    State.REQUESTED: "da approvare",
    State.APPROVED: "approvato, da disporre",
    State.ORDERED: "disposto",
    State.DONE: "eseguito",
    State.REFUSED: "rifiutato",
    State.FAILED: "non riuscito",
}

TRANSITIONS: Transitions[State, Action] = {
    (State.REQUESTED, Action.APPROVE): State.APPROVED,
    (State.REQUESTED, Action.REFUSE): State.REFUSED,
    (State.APPROVED, Action.ORDER): State.ORDERED,
    (State.APPROVED, Action.FAIL): State.FAILED,
    (State.ORDERED, Action.CONFIRM): State.DONE,
    (State.ORDERED, Action.FAIL): State.FAILED,
}

# A second person decides with these.
DECISIONS = frozenset({Action.APPROVE, Action.REFUSE})
DECIDED = frozenset({State.APPROVED, State.ORDERED, State.DONE, State.REFUSED, State.FAILED})
# What has gone back or may still go back: it counts against the receipt.
COMMITTED = frozenset({State.REQUESTED, State.APPROVED, State.ORDERED, State.DONE})
OPEN = frozenset({State.REQUESTED, State.APPROVED, State.ORDERED})

# Countries and territories of the SEPA scheme by the first two letters of their IBAN (European Payments Council,
# list EPC409-09). Territories without letters of their own use those of the State they belong to.
_COUNTRIES = """
    AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE
    SI SK SM VA
"""
SEPA = frozenset(_COUNTRIES.split())


def account(text: str) -> str:
    """An IBAN without spaces, in capitals. Raises DomainError when it is wrong or out of the SEPA area."""
    value = "".join(text.split()).upper()
    if not numbers.is_valid(value):
        raise DomainError("iban", "L'IBAN non è valido: controlla di averlo copiato per intero.")
    if value[:2] not in SEPA:
        raise DomainError(
            "iban_not_sepa", "L'IBAN è di un Paese fuori dall'area SEPA: il rimborso con un bonifico non è possibile."
        )
    return value


def masked_account(iban: str) -> str:
    """An IBAN in lists: the country and the last four characters."""
    return f"{iban[:2]} ···· {iban[-4:]}"


def refundable(*, own: int, committed: int, outcome_ok: bool) -> int:
    """What can still go back of a receipt, in cents: its part for the body, less the refunds asked for so far."""
    return max(0, own - committed) if outcome_ok else 0
