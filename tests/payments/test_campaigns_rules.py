"""States of a campaign, whom it leaves out, how far it is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from payments.domain import states
from payments.domain.campaigns import (
    AT_WORK,
    CLOSED,
    LARGEST_VOLUME,
    OUTPUT_LABELS,
    PART,
    SKIP_LABELS,
    STATE_LABELS,
    TRANSITIONS,
    Action,
    Output,
    Progress,
    Selection,
    Skip,
    State,
    cell,
    expires_at,
    part_size,
    skip_reason,
)
from portal.kernel.states import MoveNotAllowed, move


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_only_the_moves_of_the_table_exist(state, action):
    if (state, action) in TRANSITIONS:
        assert move(TRANSITIONS, state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(MoveNotAllowed):
            move(TRANSITIONS, state, action)


def test_nothing_leaves_a_closed_campaign_and_all_else_can_be_called_off():
    assert not [state for state, _ in TRANSITIONS if state in CLOSED]
    assert {state for state, action in TRANSITIONS if action is Action.CANCEL} == set(State) - CLOSED


def test_whatever_is_not_closed_can_still_reach_its_end():
    reached = {State.DONE}
    for _ in State:
        reached |= {state for (state, _), after in TRANSITIONS.items() if after in reached}
    assert reached == set(State) - {State.CANCELLED}
    assert reached > AT_WORK


def test_every_name_has_its_italian():
    assert set(STATE_LABELS) == set(State)
    assert set(OUTPUT_LABELS) == set(Output)
    assert set(SKIP_LABELS) == set(Skip)


@pytest.mark.parametrize(
    ("state", "suspended", "stamp", "reason"),
    [
        (states.State.PUBLISHED, False, False, None),
        (states.State.PUBLISHED, True, False, Skip.SUSPENDED),
        (states.State.PUBLISHED, False, True, Skip.STAMP),
        (states.State.PUBLISHED, True, True, Skip.SUSPENDED),
        (states.State.DRAFT, False, False, Skip.NOT_PUBLISHED),
        (states.State.PARTLY_PAID, False, False, None),
        (states.State.PAID, False, True, Skip.PAID),
        (states.State.REPORTED, False, False, Skip.PAID),
        (states.State.CANCELLED, True, True, Skip.CANCELLED),
    ],
)
def test_only_what_can_be_paid_on_paper_is_printed(state, suspended, stamp, reason):
    assert skip_reason(state=state, suspended=suspended, stamp=stamp) is reason


def test_every_state_of_a_position_has_an_answer():
    for state in states.State:
        assert skip_reason(state=state, suspended=False, stamp=False) in {None, *Skip}


@given(
    some.builds(
        Selection,
        kind=some.text(max_size=40),
        created_from=some.none() | some.dates(),
        created_until=some.none() | some.dates(),
        source=some.text(max_size=80),
        numbers=some.lists(some.text("0123456789", min_size=18, max_size=18), max_size=5).map(tuple),
        only_new=some.booleans(),
    )
)
def test_a_selection_is_kept_as_it_was(selection):
    assert Selection.from_json(selection.as_json()) == selection


@given(total=some.integers(0, 100_000), data=some.data())
def test_progress_never_says_all_before_the_end(total, data):
    done = data.draw(some.integers(0, total))
    progress = Progress(total, done, before=data.draw(some.integers(0, done)), elapsed=timedelta(seconds=90))
    assert 0 <= progress.percent <= 100
    assert (progress.percent == 100) == (done == total > 0)
    assert progress.left == total - done


def test_the_rate_is_that_of_the_present_run():
    progress = Progress(total=1000, done=400, before=100, elapsed=timedelta(minutes=2))
    assert (progress.per_minute, progress.minutes_left) == (150, 4)


@pytest.mark.parametrize("elapsed", [timedelta(0), timedelta(hours=5)])
def test_without_a_rate_nobody_says_how_long_it_takes(elapsed):
    assert Progress(total=10, done=0, elapsed=elapsed).minutes_left is None


def test_an_empty_campaign_is_at_nothing():
    assert Progress(total=0, done=0).percent == 0


def test_only_a_book_has_parts_as_large_as_somebody_likes():
    assert part_size(Output.BOOK, volume=LARGEST_VOLUME) == LARGEST_VOLUME
    assert part_size(Output.ZIP, volume=LARGEST_VOLUME) == PART == part_size(Output.FILES, volume=10)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_a_name_is_never_a_formula(start):
    assert cell(f"{start}SUM(A1)") == f"'{start}SUM(A1)"
    assert cell("Mario Rossi") == "Mario Rossi"
    assert cell("") == ""


def test_files_are_kept_for_some_days():
    end = datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert expires_at(finished_at=end, days=30).date() == date(2026, 3, 31)
