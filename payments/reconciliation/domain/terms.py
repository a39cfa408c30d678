"""How long the evidence of a payment may take to arrive before its absence means something. Pure.

SACI and SANP: the credit is made the working day after the payment, the flow is published by the end of the second
working day. Nothing is called an anomaly before the third.
"""

from datetime import date, timedelta

from portal.kernel.calendar import add_working_days, is_working_day

GRACE_WORKING_DAYS = 3
# A settlement is at most a few working days ahead of the flow that announces it.
FUTURE = timedelta(days=5)


def expected_by(day: date) -> date:
    """From this day on, what should follow a document of `day` is late."""
    return add_working_days(day, GRACE_WORKING_DAYS)


def late_if_not_after(today: date) -> date:
    """The last day whose documents are late today when what should follow them is missing."""
    day = today
    while expected_by(day) > today:
        day -= timedelta(days=1)
    return day


def settlement_window(day: date) -> tuple[date, date]:
    """The days on which the credit of a flow settled on `day` may be booked: one working day before, three after."""
    before = day - timedelta(days=1)
    while not is_working_day(before):
        before -= timedelta(days=1)
    return before, expected_by(day)
