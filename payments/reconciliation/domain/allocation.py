"""Shares of money among assessments: when they fit together, and how cents are split. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WHOLE = 1000


@dataclass(frozen=True, slots=True)
class Span:
    """A share in force between two days, the last one included; None is for ever."""

    permille: int
    first: date
    last: date | None


def overbooked(spans: Iterable[Span]) -> date | None:
    """The first day on which the shares exceed the whole, None when they never do."""
    changes: dict[date, int] = {}
    for span in spans:
        changes[span.first] = changes.get(span.first, 0) + span.permille
        if span.last is not None and span.last < date.max:
            after = span.last + timedelta(days=1)
            changes[after] = changes.get(after, 0) - span.permille
    total = 0
    for day in sorted(changes):
        total += changes[day]
        if total > WHOLE:
            return day
    return None


def split(cents: int, shares: Sequence[int]) -> tuple[list[int], int]:
    """Cents by share, and what no share takes. The parts and the rest always sum up to `cents`, whatever its sign:
    each share ends where the next begins, and the ends are rounded towards zero.
    """
    if sum(shares) > WHOLE:
        return [0 for _share in shares], cents
    ends, low = [], 0
    for share in shares:
        low += share
        ends.append(_toward_zero(cents * low))
    parts = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    return parts, cents - (ends[-1] if ends else 0)


def _toward_zero(thousandths: int) -> int:
    return -(-thousandths // WHOLE) if thousandths < 0 else thousandths // WHOLE
