"""The reports of the reconciliation, each one statement: days, provisionals, PSPs, duplicates, assessments.

A report speaks of some bodies and of the payments of a month, with what is known today.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from payments.reconciliation.domain.accounts import ACCOUNTS, Account
from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.domain.terms import expected_by
from payments.reconciliation.sql import statement
from payments.reconciliation.sql.planner import whole_sets
from portal.kernel.calendar import next_working_day

_FLOWS = statement("report_flows")
_DAYS, _PSPS = _FLOWS + statement("report_days"), _FLOWS + statement("report_psps")
_PROVISIONALS, _DUPLICATES = statement("report_provisionals"), statement("report_duplicates")
_ASSESSMENTS = statement("report_assessments")
BANDS = 4


@dataclass(frozen=True, slots=True)
class Month:
    """The month whose payments are reported, seen on a day."""

    first: date
    today: date

    @property
    def last(self) -> date:
        return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])

    @property
    def on(self) -> date:
        """The last day that is over, or today: balances are of this day."""
        return min(self.last, self.today)


@dataclass(frozen=True, slots=True)
class DaySquare:
    """The payments of a day: receipts, lines that report them, money that came. Cents.

    `unreported` is of receipts without a line; `unexpected` of lines without a receipt, or beyond it; `uncredited` of
    lines whose money has not come; `revoked` of lines that take money back.
    """

    day: date
    receipts: int
    receipt_cents: int
    lines: int
    line_cents: int
    credited: int
    unreported: int
    unexpected: int
    uncredited: int
    revoked: int

    @property
    def squares(self) -> bool:
        """Whether nothing is missing."""
        return not (self.unreported or self.unexpected or self.uncredited)


@dataclass(frozen=True, slots=True)
class OpenBand:
    """Provisionals to regularise, of an age: 0 is up to 5 days, 1 up to 30, 2 up to 60, 3 more. Cents."""

    band: int
    count: int
    cents: int
    oldest: date | None
    number: str


@dataclass(frozen=True, slots=True)
class LatePsp:
    """Flows of a PSP that were credited or reported after their term, or are not yet; receipts that no flow reports.

    `days` is the longest delay, in calendar days beyond the term; `cent_days` the sum of cents by days of delay of
    the credits: interest is worked out on it, at a rate that is not ours to say.
    """

    psp_id: str
    name: str
    late_credits: int
    uncredited: int
    late_reports: int
    unreported: int
    days: int
    cents: int
    cent_days: int


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A payment made twice. Cents: paid, already given back, asked to be given back."""

    iuv: str
    paid_on: date
    code: Code
    cents: int
    refunded: int
    asked: int
    receipt_id: int | None

    @property
    def left(self) -> int:
        """What is still to be given back."""
        return self.cents - self.refunded


@dataclass(frozen=True, slots=True)
class AssessmentYear:
    """What an assessment received in each month of the year, from January. Cents."""

    body: str
    label: str
    description: str
    months: tuple[int, ...]


def _rows(sql: str, entity_ids: Sequence[int], **known: Any) -> list[tuple[Any, ...]]:
    with whole_sets() as cursor:
        cursor.execute(sql, {"entities": list(entity_ids)} | known)
        return list(cursor.fetchall())


def day_squares(entity_ids: Sequence[int], *, month: Month) -> list[DaySquare]:
    """Each day on which something was paid."""
    return [DaySquare(*row) for row in _rows(_DAYS, entity_ids, first=month.first, last=month.last)]


def open_bands(entity_ids: Sequence[int], *, month: Month) -> list[OpenBand]:
    """All the ages, also those of no provisional, at the end of the month or today."""
    found = {row[0]: OpenBand(*row) for row in _rows(_PROVISIONALS, entity_ids, on=month.on)}
    return [found.get(band) or OpenBand(band, 0, 0, None, "") for band in range(BANDS)]


def psp_deadline(paid_on: date) -> date:
    """Until when a payment of this day may be reported and credited. The node's day ends at 13 and flows do not say
    the hour: the day of the node is taken to be the next working day, which is the one that favours the PSP.
    """
    return expected_by(next_working_day(paid_on))


def late_psps(entity_ids: Sequence[int], *, month: Month) -> list[LatePsp]:
    """PSPs with something late, the costliest first."""
    days = [month.first + timedelta(days=number) for number in range((month.last - month.first).days + 1)]
    terms = {"days": days, "deadlines": [psp_deadline(day) for day in days]}
    rows = _rows(_PSPS, entity_ids, first=month.first, last=month.last, today=month.today, **terms)
    return [LatePsp(*row) for row in rows]


def duplicates(entity_ids: Sequence[int], *, month: Month) -> list[Duplicate]:
    """Those of the month, and the earlier ones still to be given back."""
    rows = _rows(_DUPLICATES, entity_ids, first=month.first, last=month.last)
    return [Duplicate(iuv, day, Code(code), *rest) for iuv, day, code, *rest in rows]


def assessment_year(entity_ids: Sequence[int], *, month: Month) -> list[AssessmentYear]:
    """What the books gave to each assessment, and what waits for one, from January to the month."""
    year_first = month.first.replace(month=1)
    found: dict[tuple[Any, ...], list[int]] = {}
    for *key, number, cents in _rows(_ASSESSMENTS, entity_ids, year_first=year_first, last=month.last):
        found.setdefault(tuple(key), [0] * month.first.month)[number - 1] += cents
    return [_assessment(key, months) for key, months in found.items()]


def _assessment(key: tuple[Any, ...], months: list[int]) -> AssessmentYear:
    account, body, number, year, chapter, description = key
    if number is None:
        card = ACCOUNTS[Account(account)]
        return AssessmentYear(body, card.title, card.meaning, tuple(months))
    return AssessmentYear(body, f"{number}/{year}", f"{description}, capitolo {chapter}", tuple(months))
