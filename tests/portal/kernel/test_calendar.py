from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.calendar import add_working_days, is_holiday, is_working_day, next_working_day, term_end

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2035, 12, 31))


@pytest.mark.parametrize(
    "day",
    [date(2026, 1, 1), date(2026, 4, 6), date(2026, 4, 25), date(2026, 8, 15), date(2026, 12, 26), date(2026, 11, 22)],
)
def test_sundays_easter_monday_and_national_days_are_holidays(day):
    assert is_holiday(day)


def test_the_day_something_happens_does_not_count():
    assert term_end(date(2026, 6, 3), 5) == date(2026, 6, 8)


def test_a_term_that_ends_on_a_holiday_moves_to_the_next_working_day():
    # 20 December 2025 is a Saturday; five days later it is Christmas, then Saint Stephen's, then Saturday.
    assert term_end(date(2025, 12, 20), 5) == date(2025, 12, 27)


def test_banks_do_not_work_on_saturday():
    assert not is_working_day(date(2026, 6, 6))
    assert next_working_day(date(2026, 6, 5)) == date(2026, 6, 8)


@given(DAYS, st.integers(0, 90))
def test_a_term_never_ends_on_a_holiday_nor_early(start, days):
    end = term_end(start, days)
    assert not is_holiday(end)
    assert timedelta(days=days) <= end - start <= timedelta(days=days + 5)


@given(DAYS, st.integers(1, 20))
def test_working_days_are_counted_one_by_one(start, count):
    end = add_working_days(start, count)
    between = sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))
    assert between == count
