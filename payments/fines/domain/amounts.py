"""How much a fine costs, and when. Pure; cents, rounded half up.

The discount is taken off the sanction alone: what the body spent for the procedure, for serving the act and for the
SEND platform is owed whole, whenever one pays.
"""

from dataclasses import dataclass
from datetime import date

from payments.fines.domain.figures import Code, Law


@dataclass(frozen=True, slots=True)
class Sanction:
    """What the act says: the edictal minimum and maximum, and whether the discount is allowed."""

    min_cents: int
    max_cents: int
    costs_cents: int
    discountable: bool = True


@dataclass(frozen=True, slots=True)
class Amounts:
    """The three sums, costs included; `discounted` is None where the law allows no discount."""

    discounted: int | None
    reduced: int
    late: int
    costs: int


def amounts(sanction: Sanction, *, law: Law, on: date) -> Amounts:
    """The sums of a violation of the day `on` (art. 202 c. 1 and art. 203 c. 3 CdS). Raises FigureMissing."""
    costs, minimum, maximum = sanction.costs_cents, sanction.min_cents, sanction.max_cents
    off = law.figure(Code.DISCOUNT_PERCENT, on=on)
    share = law.figure(Code.LATE_PERCENT_OF_MAXIMUM, on=on)
    return Amounts(
        discounted=percent(minimum, 100 - off) + costs if sanction.discountable else None,
        reduced=minimum + costs,
        late=percent(maximum, share) + costs,
        costs=costs,
    )


def percent(cents: int, share: int) -> int:
    """A percentage of an amount, rounded half up to the cent."""
    return (cents * share + 50) // 100
