"""Paying a fine by instalments for who is in hardship (art. 202-bis CdS). Pure."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from payments.fines.domain.figures import Code, Law
from portal.kernel.calendar import next_non_holiday, term_end

YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What the debtor declares. `relatives` are those who live with them; cents a year for the income.

    `cents` is all that is to be paid, `costs_cents` the part of it that is no sanction.
    """

    cents: int
    count: int
    income_cents: int
    relatives: int
    served_on: date | None
    asked_on: date
    costs_cents: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One instalment to be: its part of the debt, the interest on it, its due date."""

    capital: int
    interest: int
    due_on: date


def split(cents: int, count: int) -> list[int]:
    """An amount in equal parts; the cents that are left over go one each to the first."""
    each, over = divmod(cents, count)
    return [each + (place < over) for place in range(count)]


def monthly(start: date, count: int) -> list[date]:
    """The same day of the months that follow, or the last of a shorter month; a holiday moves to the next day."""
    months = (start.year * 12 + start.month - 1 + place for place in range(1, count + 1))
    return [_day(*divmod(month, 12), start.day) for month in months]


def _day(year: int, month: int, day: int) -> date:
    return next_non_holiday(date(year, month + 1, min(day, monthrange(year, month + 1)[1])))


def parts_of(cents: int, count: int, *, granted_on: date, law: Law, on: date) -> Sequence[Part]:
    """The plan granted on a day for a violation of the day `on`. Raises FigureMissing.

    Interest is simple, on each part from the grant to its due date, rounded half up to the cent.
    """
    rate = law.figure(Code.PLAN_INTEREST_BASIS_POINTS, on=on)
    return [
        Part(capital, interest(capital, rate=rate, days=(due_on - granted_on).days), due_on)
        for capital, due_on in zip(split(cents, count), monthly(granted_on, count), strict=True)
    ]


def interest(cents: int, *, rate: int, days: int) -> int:
    """Simple interest; `rate` in basis points a year."""
    whole = 10_000 * YEAR_DAYS
    return (cents * rate * days * 2 + whole) // (2 * whole)


def most_instalments(cents: int, *, law: Law, on: date, costs_cents: int = 0) -> int:
    """How many instalments an amount may be paid in; 0 when it is too small. Raises FigureMissing.

    The thresholds look at the sanction, or at all of it where the law counts costs; the least of an instalment looks at
    what is paid.
    """
    weighed = cents if law.figure(Code.PLAN_COUNTS_COSTS, on=on) else cents - costs_cents
    if weighed <= law.figure(Code.PLAN_ABOVE_CENTS, on=on):
        return 0
    if weighed <= law.figure(Code.PLAN_FIRST_UP_TO_CENTS, on=on):
        most = law.figure(Code.PLAN_FIRST_MOST, on=on)
    elif weighed <= law.figure(Code.PLAN_SECOND_UP_TO_CENTS, on=on):
        most = law.figure(Code.PLAN_SECOND_MOST, on=on)
    else:
        most = law.figure(Code.PLAN_THIRD_MOST, on=on)
    return min(most, cents // law.figure(Code.PLAN_LEAST_CENTS, on=on))


def income_limit(relatives: int, *, law: Law, on: date) -> int:
    """The highest yearly income, in cents, with so many relatives in the household. Raises FigureMissing."""
    each = law.figure(Code.PLAN_RELATIVE_CENTS, on=on)
    return law.figure(Code.PLAN_INCOME_CENTS, on=on) + each * relatives


def obstacles(request: PlanRequest, *, law: Law, on: date) -> list[str]:
    """Why the request cannot be granted, in Italian; empty when it can. `on` is the day of the violation."""
    most = most_instalments(request.cents, law=law, on=on, costs_cents=request.costs_cents)
    found = []
    if not most:
        found.append("L'importo non supera la soglia oltre la quale la legge ammette la rateazione.")
    elif not 2 <= request.count <= most:
        found.append(f"Per questo importo le rate possono essere da 2 a {most}.")
    if request.income_cents > income_limit(request.relatives, law=law, on=on):
        found.append("Il reddito dichiarato supera il limite di legge per la rateazione.")
    if request.served_on is None:
        found.append("La rateazione si chiede dopo la notifica del verbale: la data di notifica non è ancora nota.")
    elif request.asked_on > term_end(request.served_on, law.figure(Code.PLAN_REQUEST_DAYS, on=on)):
        found.append("Il termine per chiedere la rateazione è passato.")
    elif request.asked_on < request.served_on:
        found.append("La richiesta non può essere precedente alla notifica.")
    return found
