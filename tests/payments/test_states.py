"""The life of a position, walked whole."""

from datetime import date, timedelta
from itertools import product

import pytest

from payments.domain.states import (
    CLOSED,
    SETTLED,
    STATE_LABELS,
    TRANSITIONS,
    Action,
    Payability,
    State,
    payability,
)
from portal.kernel.states import MoveNotAllowed, move

DUE = date(2026, 11, 30)
OPEN_CASE = {"instalment_paid": False, "sibling_used": False, "valid_from": None, "due_on": DUE}


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)))
def test_only_the_moves_of_the_table_exist(state, action):
    if (state, action) in TRANSITIONS:
        assert move(TRANSITIONS, state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(MoveNotAllowed):
            move(TRANSITIONS, state, action)


def test_money_paid_is_never_cancelled():
    assert not [state for state in SETTLED | {State.PARTLY_PAID} if (state, Action.CANCEL) in TRANSITIONS]


def test_a_closed_position_only_becomes_reported_or_is_opened_again_by_two_people():
    assert {key for key in TRANSITIONS if key[0] in CLOSED} == {
        (State.PAID, Action.REPORT), (State.PAID, Action.REOPEN), (State.PAID, Action.REOPEN_PART),
    }  # fmt: skip


def test_every_state_has_an_italian_label():
    assert set(STATE_LABELS) == set(State)


@pytest.mark.parametrize("refused", [True, False])
@pytest.mark.parametrize("days", [-1, 0, 1, 400])
def test_only_options_that_switch_off_expire_and_the_due_date_is_still_good(refused, days):
    found = payability(state=State.PUBLISHED, on=DUE + timedelta(days=days), refused_after_due=refused, **OPEN_CASE)
    expected = Payability.EXPIRED if refused and days > 0 else Payability.PAYABLE
    assert found is expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.DRAFT, Payability.NOT_YET),
        (State.PUBLISHED, Payability.PAYABLE),
        (State.PARTLY_PAID, Payability.PAYABLE),
        (State.PAID, Payability.SIBLING_USED),
        (State.REPORTED, Payability.SIBLING_USED),
        (State.CANCELLED, Payability.CANCELLED),
    ],
)
def test_an_unpaid_instalment_follows_its_position(state, expected):
    assert payability(state=state, on=DUE, refused_after_due=False, **OPEN_CASE) is expected


@pytest.mark.parametrize("state", State)
def test_a_paid_instalment_is_paid_whatever_happened_to_the_rest(state):
    case = OPEN_CASE | {"instalment_paid": True, "sibling_used": True}
    assert payability(state=state, on=DUE, refused_after_due=True, **case) is Payability.PAID


def test_using_an_option_closes_its_siblings():
    case = OPEN_CASE | {"sibling_used": True}
    assert payability(state=State.PARTLY_PAID, on=DUE, refused_after_due=False, **case) is Payability.SIBLING_USED


def test_nothing_is_payable_before_its_first_day():
    case = OPEN_CASE | {"valid_from": DUE}
    assert payability(state=State.PUBLISHED, on=DUE - timedelta(days=1), refused_after_due=False, **case) is (
        Payability.NOT_YET
    )
    assert payability(state=State.PUBLISHED, on=DUE, refused_after_due=False, **case) is Payability.PAYABLE


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("sibling_used", [True, False])
@pytest.mark.parametrize("suspended", [True, False])
def test_a_withdrawn_option_is_told_as_such_until_it_is_cancelled(state, sibling_used, suspended):
    case = OPEN_CASE | {"sibling_used": sibling_used, "suspended": suspended, "withdrawn": True}
    found = payability(state=state, on=DUE, refused_after_due=True, **case)
    assert found is (Payability.CANCELLED if state is State.CANCELLED else Payability.WITHDRAWN)
    paid = payability(state=state, on=DUE, refused_after_due=True, **case | {"instalment_paid": True})
    assert paid is Payability.PAID
