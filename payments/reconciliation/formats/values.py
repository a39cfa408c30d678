"""Small strict readers shared by the formats: euros to cents, days and instants."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

# Fifteen digits, two of them cents: the largest amount the OPI schema allows.
MAX_CENTS = 10**15 - 1
_PLAIN = re.compile(r"\d{1,13}\.\d\d", re.ASCII)


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
    return date.fromisoformat(value.strip()[:10])


def instant(value: str) -> datetime:
    """An ISO instant; one without offset is read as UTC, as the reporting API declares. ValueError otherwise."""
    moment = datetime.fromisoformat(value.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
