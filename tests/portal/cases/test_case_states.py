import pytest

from portal.cases.domain.states import (
    ALLOWED,
    CLOSED,
    OPEN,
    SUSPENDED,
    TRANSITIONS,
    WAITING_FOR_CITIZEN,
    Action,
    Role,
    State,
    moves,
)
from portal.cases.models import STATE_LABELS
from portal.kernel.states import MoveNotAllowed, move


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_only_the_moves_of_the_table_exist(state, action):
    if (state, action) in TRANSITIONS:
        assert move(TRANSITIONS, state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(MoveNotAllowed):
            move(TRANSITIONS, state, action)


@pytest.mark.parametrize("action", Action)
def test_every_action_belongs_to_exactly_one_role(action):
    assert sum(action in allowed for allowed in ALLOWED.values()) == 1


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("role", Role)
def test_a_role_is_offered_what_it_may_do_and_nothing_else(state, role):
    assert set(moves(state, role)) == {a for (s, a) in TRANSITIONS if s is state and a in ALLOWED[role]}


def test_nothing_leaves_a_closed_case():
    assert not [state for state, _ in TRANSITIONS if state in CLOSED]


def test_every_state_can_be_reached_and_every_open_one_can_be_left():
    reached = {State.SUBMITTED, *TRANSITIONS.values()}
    assert reached == set(State)
    assert {state for state, _ in TRANSITIONS} == OPEN


def test_the_clock_only_stands_still_while_the_applicant_has_the_move():
    assert SUSPENDED < WAITING_FOR_CITIZEN < OPEN


def test_every_state_has_an_italian_name():
    assert set(STATE_LABELS) == set(State)
