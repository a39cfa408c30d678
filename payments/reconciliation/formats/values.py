"""Small strict readers shared by the formats: euros to cents, days and instants."""

import re
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation

# Fifteen digits, two of them cents: the largest amount the OPI schema allows.
MAX_CENTS = 10**15 - 1
_PLAIN = re.compile(r"\d{1,13}\.\d\d", re.ASCII)
# Documents of payments are of this century: anything else is a slip, and calendars end there.
FIRST_YEAR, LAST_YEAR = 2000, 2099


def cents(value: str | Decimal | int) -> int:
    """Euros as written in a document to cents. ValueError when not a finite amount with at most two decimals."""
    if isinstance(value, str) and _PLAIN.fullmatch(value):  # nearly always, and much faster
        return int(value[:-3] + value[-2:])
    try:
        amount = Decimal(value.strip()) if isinstance(value, str) else Decimal(value)
    except InvalidOperation:
        raise ValueError(f"not an amount: {value!r}") from None
    if not amount.is_finite() or abs(amount) > MAX_CENTS:
        raise ValueError(f"not an amount: {value!r}")
    scaled = amount * 100
    if scaled != scaled.to_integral_value() or abs(scaled) > MAX_CENTS:
        raise ValueError(f"not an amount in cents: {value!r}")
    return int(scaled)


def day(value: str) -> date:
    """A calendar day written aaaa-mm-gg, with or without a time zone mark. ValueError otherwise."""
    return of_our_time(date.fromisoformat(value.strip()[:10]))


def instant(value: str, *, unsaid: tzinfo = UTC) -> datetime:
    """An ISO instant; one without offset is read as UTC, as the reporting API declares. ValueError otherwise."""
    moment = datetime.fromisoformat(value.strip())
    of_our_time(moment.date())
    return moment if moment.tzinfo else moment.replace(tzinfo=unsaid)


def of_our_time(value: date) -> date:
    """The same day. ValueError when its year cannot be that of a document."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"not a year of ours: {value.year}")
    return value
