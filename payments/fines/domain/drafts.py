"""A fine as a position to be written: two single options with a number each, or one where no discount is allowed. Pure.

The sanction is the first transfer, so that what is added after the sixtieth day falls on it; costs are the second.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from payments.domain.drafts import InstalmentDraft, OptionDraft, ShareDraft, grouped_shares, planned
from payments.fines.domain.amounts import Amounts
from payments.fines.domain.plans import Part
from payments.fines.domain.terms import Terms

DISCOUNTED = "Importo scontato del 30%"
REDUCED = "Importo ridotto"
PLAN = "Rateazione (art. 202-bis CdS)"
LEFT = "Importo rimasto dopo la decadenza dalla rateazione"
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


def plan_option(parts: Sequence[Part], *, costs: int, sanction_kind: str, costs_kind: str) -> OptionDraft:
    """A plan as an option: the sanction fills the instalments first, then the costs; interest is of the sanction."""
    shares = _shares(sum(part.capital for part in parts), costs, sanction_kind, costs_kind)
    option = planned(shares, [(part.capital, part.due_on) for part in parts])
    rows = (
        replace(row, shares=grouped_shares([*_interest(part, sanction_kind), *row.shares]))
        for row, part in zip(option.instalments, parts, strict=True)
    )
    return replace(option, instalments=tuple(rows), description=PLAN)


def _interest(part: Part, kind: str) -> list[ShareDraft]:
    return [ShareDraft(kind, part.interest)] if part.interest else []


def single_option(
    cents: int, costs: int, due_on: date, words: str, *, sanction_kind: str, costs_kind: str, dated: Dated = ()
) -> OptionDraft:
    """One number for a sum that takes the place of the fine's own; `costs` is the part of it that is no sanction."""
    return OptionDraft((InstalmentDraft(_shares(cents, costs, sanction_kind, costs_kind), due_on, dated),), words)


def _shares(cents: int, costs: int, sanction_kind: str, costs_kind: str) -> tuple[ShareDraft, ...]:
    costs = min(costs, cents)
    shares = (ShareDraft(sanction_kind, cents - costs), ShareDraft(costs_kind, costs))
    return tuple(share for share in shares if share.cents)
