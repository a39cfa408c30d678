"""Where a fine stands on a day, for whoever has to pay it. Pure."""

from datetime import date
from enum import StrEnum

from payments.fines.domain.stages import SUSPENDED, Stage
from payments.fines.domain.terms import Terms


class Phase(StrEnum):
    PAID = "paid"
    CANCELLED = "cancelled"
    APPEALED = "appealed"
    DECIDED = "decided"
    IN_INSTALMENTS = "in_instalments"
    FORFEITED = "forfeited"
    UNKNOWN = "unknown"
    DISCOUNT = "discount"
    REDUCED = "reduced"
    LATE = "late"


def phase(*, stage: Stage, paid: bool, due: Terms | None, discountable: bool, on: date) -> Phase:
    """What to tell about a fine on a day; `due` is None while the day of service is unknown."""
    if paid:
        return Phase.PAID
    if stage in SUSPENDED:
        return Phase.APPEALED
    if stage is Stage.COMPLETED:
        return Phase.IN_INSTALMENTS
    if stage is not Stage.OPEN:
        return Phase(stage.value)
    if due is None:
        return Phase.UNKNOWN
    if discountable and on <= due.discounted_until:
        return Phase.DISCOUNT
    return Phase.REDUCED if on <= due.reduced_until else Phase.LATE
