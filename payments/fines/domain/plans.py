"""Paying a fine by instalments for who is in hardship (art. 202-bis CdS). Pure."""

from dataclasses import dataclass
from datetime import date

from payments.fines.domain.figures import Code, Law
from portal.kernel.calendar import term_end


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What the debtor declares. `relatives` are those who live with them; cents a year for the income."""

    cents: int
    count: int
    income_cents: int
    relatives: int
    served_on: date | None
    asked_on: date


def most_instalments(cents: int, *, law: Law, on: date) -> int:
    """How many instalments an amount may be paid in; 0 when it is too small. Raises FigureMissing."""
    if cents <= law.figure(Code.PLAN_ABOVE_CENTS, on=on):
        return 0
    if cents <= law.figure(Code.PLAN_FIRST_UP_TO_CENTS, on=on):
        most = law.figure(Code.PLAN_FIRST_MOST, on=on)
    elif cents <= law.figure(Code.PLAN_SECOND_UP_TO_CENTS, on=on):
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
    most = most_instalments(request.cents, law=law, on=on)
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
