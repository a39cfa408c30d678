"""A fine as a position to be written: two single options with a number each, or one where no discount is allowed. Pure.

The sanction is the first transfer, so that what is added after the sixtieth day falls on it; costs are the second.
"""

from datetime import date

from payments.domain.drafts import InstalmentDraft, OptionDraft, ShareDraft
from payments.fines.domain.amounts import Amounts
from payments.fines.domain.terms import Terms

DISCOUNTED = "Importo scontato del 30%"
REDUCED = "Importo ridotto"
LATE_RULE = "art. 203 c. 3 CdS"

Dated = tuple[tuple[date, int, str], ...]


def options_of(found: Amounts, due: Terms | None, *, sanction_kind: str, costs_kind: str) -> tuple[OptionDraft, ...]:
    """The ways to pay a fine; without `due` (the day of service is unknown) nothing expires and nothing grows."""

    def single(cents: int, due_on: date | None, dated: Dated = ()) -> tuple[InstalmentDraft, ...]:
        shares = [ShareDraft(sanction_kind, cents - found.costs)]
        if found.costs:
            shares.append(ShareDraft(costs_kind, found.costs))
        return (InstalmentDraft(tuple(shares), due_on, dated),)

    dated = ((due.late_from, found.late, LATE_RULE),) if due else ()
    reduced = OptionDraft(single(found.reduced, due.reduced_until if due else None, dated), REDUCED)
    if found.discounted is None:
        return (reduced,)
    first = single(found.discounted, due.discounted_until if due else None)
    return (OptionDraft(first, DISCOUNTED, refused_after_due=True), reduced)
