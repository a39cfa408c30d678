"""Types of permit: trips and length of validity (art. 13 of the regulation, DPR 495/1992). Pure."""

from calendar import monthrange
from datetime import MAXYEAR, date
from enum import StrEnum

from exceptional_transport.domain.figures import Figures
from portal.kernel.errors import DomainError


class PermitKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    PERIODIC = "periodic"


LABELS = {PermitKind.SINGLE: "singola", PermitKind.MULTIPLE: "multipla", PermitKind.PERIODIC: "periodica"}
TOO_LONG = {
    PermitKind.SINGLE: "Un'autorizzazione singola che inizia il %(start)s può durare fino al %(last)s.",
    PermitKind.MULTIPLE: "Un'autorizzazione multipla che inizia il %(start)s può durare fino al %(last)s.",
    PermitKind.PERIODIC: "Un'autorizzazione periodica che inizia il %(start)s può durare fino al %(last)s.",
}


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of a shorter month (Civil Code art. 2963 c. 4-5)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def longest_validity(kind: PermitKind, *, start: date, figures: Figures) -> date:
    """The last day a permit that starts on `start` may have. Raises DomainError when the figure is missing."""
    return add_months(start, figures[f"{kind}_months"])


def check_period(kind: PermitKind, *, start: date, end: date, today: date, figures: Figures) -> None:
    """Raises DomainError: period_past, period_reversed, period_too_long."""
    if start < today:
        raise DomainError("period_past", "La data di inizio è già passata.")
    if end < start:
        raise DomainError("period_reversed", "La data di fine viene prima di quella di inizio.")
    last = longest_validity(kind, start=start, figures=figures)
    if end > last:
        raise DomainError("period_too_long", TOO_LONG[kind], start=f"{start:%d/%m/%Y}", last=f"{last:%d/%m/%Y}")


def is_short_notice(*, start: date, today: date, figures: Figures) -> bool:
    """Whether the application comes later than the days the regulation asks for before the trip (art. 14)."""
    return (start - today).days < figures["notice_days"]


def trips_of(kind: PermitKind, trips: int | None) -> int | None:
    """Trips a permit allows: one, the number asked for, or without limit (None). Raises DomainError."""
    if kind is PermitKind.SINGLE:
        return 1
    if kind is PermitKind.PERIODIC:
        return None
    if trips is None or trips < 2:
        raise DomainError("trips_required", "Per un'autorizzazione multipla indica il numero di viaggi, almeno 2.")
    return trips
