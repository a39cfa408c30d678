"""Money is integer cents inside, `Decimal` at the border, never a float."""

from decimal import Decimal


def cents_from_decimal(amount: Decimal) -> int:
    """Cents of an amount in euro. Raises ValueError when it has fractions of a cent."""
    cents = amount * 100
    if not cents.is_finite() or cents != cents.to_integral_value():
        raise ValueError(f"not a whole number of cents: {amount}")
    return int(cents)


def decimal_from_cents(cents: int) -> Decimal:
    """Euro with exactly two decimals."""
    return (Decimal(cents) / 100).quantize(Decimal("0.01"))


def euro_plain(cents: int) -> str:
    """As an Italian reads it, without the sign of the currency: `1.234,56`."""
    whole = f"{decimal_from_cents(cents):,}"
    return whole.replace(",", "_").replace(".", ",").replace("_", ".")


def euro(cents: int) -> str:
    """As an Italian reads it: `1.234,56 €` (with a no-break space)."""
    return f"{euro_plain(cents)}\N{NO-BREAK SPACE}€"
