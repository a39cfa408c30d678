"""The rule of the lock, alone: five chances in fifteen minutes, then a door closed for longer and longer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.domain.lockout import (
    CHANCES,
    LONGEST_LOCK,
    WINDOW,
    Count,
    attempted,
    closed_until,
    found_right,
    found_wrong,
    length_of,
)
from portal.accounts.domain.second_factor import is_required
from portal.accounts.domain.sessions import is_over, is_to_note

NOON = datetime(2027, 3, 8, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def wrong(count: Count, now: datetime) -> Count:
    return found_wrong(attempted(count, now), now)


def test_the_fifth_wrong_attempt_closes_the_door_and_the_fourth_does_not():
    count = Count()
    for number in range(4):
        count = wrong(count, NOON + number * MINUTE)
    assert closed_until(count, NOON + 4 * MINUTE) is None
    count = wrong(count, NOON + 4 * MINUTE)
    assert closed_until(count, NOON + 5 * MINUTE) == NOON + 19 * MINUTE
    assert closed_until(count, NOON + 19 * MINUTE) is None


def test_attempts_older_than_fifteen_minutes_do_not_count():
    count = Count()
    for number in range(40):
        count = wrong(count, NOON + number * 4 * MINUTE)
    assert count.locked_until is None


@pytest.mark.parametrize(("before", "minutes"), [(0, 15), (1, 30), (2, 60), (5, 480), (6, 960), (7, 1440), (900, 1440)])
def test_each_lock_is_twice_as_long_up_to_a_day(before, minutes):
    assert length_of(before) == timedelta(minutes=minutes)


def test_a_quiet_day_after_a_lock_begins_again_from_fifteen_minutes():
    count = Count(locks=6, locked_until=NOON)
    assert attempted(count, NOON + LONGEST_LOCK - MINUTE).locks == 6
    assert attempted(count, NOON + LONGEST_LOCK).locks == 0


def test_a_right_attempt_takes_back_itself_and_not_the_wrong_ones_before():
    count = wrong(wrong(Count(), NOON), NOON)
    assert found_right(attempted(count, NOON)) == count


def test_attempts_whose_verdict_is_awaited_count_too():
    count = Count()
    for _ in range(CHANCES):
        count = attempted(count, NOON)
    assert closed_until(count, NOON) == NOON + WINDOW


@given(
    pauses=st.lists(st.integers(min_value=0, max_value=3600), max_size=60),
    rights=st.sets(st.integers(min_value=0, max_value=60)),
)
def test_no_fifteen_minutes_ever_judge_more_than_five_wrong_guesses(pauses, rights):
    count, now, judged = Count(), NOON, []
    for number, pause in enumerate(pauses):
        now += timedelta(seconds=pause)
        if closed_until(count, now) is not None:
            continue
        count = attempted(count, now)
        if number in rights:
            count = found_right(count)
        else:
            count = found_wrong(count, now)
            judged.append(now)
    for first in judged:
        assert sum(first <= moment < first + WINDOW for moment in judged) <= CHANCES


@pytest.mark.parametrize(
    ("facts", "required"),
    [
        ({"enforced": False}, False),
        ({"enforced": False, "personally": True}, True),
        ({"enforced": True}, True),
        ({"enforced": True, "roles": ["head"], "held": ["officer"]}, False),
        ({"enforced": True, "roles": ["head"], "held": ["officer", "head"]}, True),
        ({"enforced": True, "roles": ["head"], "superuser": True}, False),
        ({"enforced": True, "roles": ["superuser"], "superuser": True}, True),
        ({"enforced": True, "roles": [], "held": []}, True),
    ],
)
def test_who_must_have_a_second_factor(facts, required):
    unsaid = {"roles": [], "held": [], "superuser": False, "personally": False}
    assert is_required(**(unsaid | facts)) is required


@pytest.mark.parametrize(
    ("began", "seen", "over"),
    [(60, 0, False), (60, 30, False), (60, 31, True), (12 * 60, 1, False), (12 * 60 + 1, 1, True), (0, -5, True)],
)
def test_a_session_ends_after_half_an_hour_of_silence_or_twelve_hours(began, seen, over):
    idle = timedelta(minutes=30)
    assert is_over(began=NOON - began * MINUTE, seen=NOON - seen * MINUTE, now=NOON, idle=idle) is over


def test_the_last_moment_is_written_once_a_minute():
    assert not is_to_note(seen=NOON, now=NOON + timedelta(seconds=59))
    assert is_to_note(seen=NOON, now=NOON + MINUTE)
