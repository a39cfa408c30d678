"""Every state and every action of a permit."""

from datetime import timedelta

import pytest

from exceptional_transport.domain.permit_states import TRANSITIONS, Action, Standing, State, after, standing
from portal.kernel.errors import DomainError
from portal.kernel.states import MoveNotAllowed
from tests.exceptional_transport.domain.vectors import DAY

LAST = DAY + timedelta(days=30)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_only_the_moves_of_the_table_exist(state: State, action: Action):
    if (state, action) in TRANSITIONS:
        assert after(state=state, action=action, reason="x", valid_to=LAST, on=DAY) is TRANSITIONS[state, action]
    else:
        with pytest.raises(MoveNotAllowed):
            after(state=state, action=action, reason="x", valid_to=LAST, on=DAY)


def test_nothing_leaves_a_revoked_permit():
    assert not [state for state, _action in TRANSITIONS if state is State.REVOKED]


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_every_action_needs_a_reason(action: Action, reason: str):
    state = State.SUSPENDED if action is Action.RESUME else State.VALID
    with pytest.raises(DomainError) as refused:
        after(state=state, action=action, reason=reason, valid_to=LAST, on=DAY)
    assert refused.value.code == "reason_required"


def test_an_expired_permit_does_not_move_any_more():
    after(state=State.VALID, action=Action.SUSPEND, reason="x", valid_to=DAY, on=DAY)
    with pytest.raises(DomainError) as refused:
        after(state=State.VALID, action=Action.SUSPEND, reason="x", valid_to=DAY - timedelta(days=1), on=DAY)
    assert refused.value.code == "permit_expired"


@pytest.mark.parametrize(
    ("state", "start", "end", "expected"),
    [
        (State.VALID, 0, 0, Standing.VALID),
        (State.VALID, 1, 9, Standing.NOT_YET_VALID),
        (State.VALID, -9, -1, Standing.EXPIRED),
        (State.SUSPENDED, 0, 9, Standing.SUSPENDED),
        (State.SUSPENDED, 5, 9, Standing.SUSPENDED),
        (State.SUSPENDED, -9, -1, Standing.EXPIRED),
        (State.REVOKED, 0, 9, Standing.REVOKED),
        (State.REVOKED, -9, -1, Standing.REVOKED),
    ],
)
def test_what_a_permit_is_worth_on_a_day(state: State, start: int, end: int, expected: Standing):
    found = standing(state=state, valid_from=DAY + timedelta(days=start), valid_to=DAY + timedelta(days=end), on=DAY)
    assert found is expected
