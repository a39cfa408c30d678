from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.cases.domain.clock import Pause, read_clock
from portal.kernel.calendar import is_holiday

START = date(2026, 11, 2)


def test_fifteen_days_from_the_day_after():
    clock = read_clock(started=START, term_days=15, pauses=[], on=START + timedelta(days=4))
    assert (clock.used_days, clock.left_days, clock.due_on) == (4, 11, date(2026, 11, 17))


def test_while_the_applicant_is_asked_nobody_can_say_when_it_ends():
    clock = read_clock(started=START, term_days=15, pauses=[Pause(date(2026, 11, 5), None)], on=date(2026, 11, 20))
    assert clock.due_on is None
    assert clock.used_days == 3


def test_the_pause_moves_the_last_day_by_as_many_days():
    clock = read_clock(
        started=START, term_days=15, pauses=[Pause(date(2026, 11, 5), date(2026, 11, 15))], on=date(2026, 11, 16)
    )
    assert clock.paused_days == 10
    assert clock.used_days == 4
    assert clock.due_on == date(2026, 11, 27)


def test_a_term_that_has_passed_shows_negative_days():
    assert read_clock(started=START, term_days=15, pauses=[], on=START + timedelta(days=20)).left_days == -5


@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 30))
def test_used_and_paused_days_never_overlap(gone, term, paused):
    pauses = [Pause(START, START + timedelta(days=paused))]
    clock = read_clock(started=START, term_days=term, pauses=pauses, on=START + timedelta(days=paused + gone))
    assert clock.used_days == gone
    assert 0 <= clock.percent <= 100
    assert clock.due_on is not None
    assert not is_holiday(clock.due_on)
