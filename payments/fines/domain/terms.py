"""The last days that follow from the day an act was served. Pure.

The day of service does not count, holidays in between do, a last day on a holiday moves to the first day that is
not one; Saturday is a working day (Civil Code art. 2963, portal.kernel.calendar).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from payments.fines.domain.figures import Code, Law
from portal.kernel.calendar import term_end


@dataclass(frozen=True, slots=True)
class Terms:
    """Last days to pay with the discount, to pay the reduced amount, to name the driver."""

    discounted_until: date
    reduced_until: date
    driver_until: date

    @property
    def late_from(self) -> date:
        """The first day on which half of the maximum is due."""
        return self.reduced_until + timedelta(days=1)


def terms(served_on: date, *, law: Law, on: date) -> Terms:
    """The terms of an act served on a day, for a violation of the day `on`. Raises FigureMissing."""
    return Terms(
        discounted_until=term_end(served_on, law.figure(Code.DISCOUNT_DAYS, on=on)),
        reduced_until=term_end(served_on, law.figure(Code.REDUCED_DAYS, on=on)),
        driver_until=term_end(served_on, law.figure(Code.DRIVER_DAYS, on=on)),
    )
