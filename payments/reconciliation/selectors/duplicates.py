"""Payments that look like doubles and that no rule calls so: the same vehicle, day and place paid with two acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.db.models.functions import Trim, Upper

from payments.domain.states import SETTLED
from payments.fines.models import Fine
from payments.models import Receipt, ReceiptCase
from payments.reconciliation.models import DuplicateMark

MOST = 50
# Body, plate, day and place.
Fact = tuple[int, str, date, str]


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """A payment, and the earlier one of another act for the same fact."""

    receipt: Receipt
    fine: Fine
    first: Receipt
    first_fine: Fine


def possible_duplicates(entity_ids: Sequence[int]) -> list[PossibleDuplicate]:
    """Acts with the same plate, day and place that were both paid, and of which nobody has said anything yet."""
    paid = _paid_twice(entity_ids)
    marks = DuplicateMark.objects.filter(receipt__in=[receipt.pk for receipt, _fine in paid])
    said = set(marks.values_list("receipt_id", flat=True))
    found: list[PossibleDuplicate] = []
    firsts: dict[Fact, tuple[Receipt, Fine]] = {}
    for receipt, fine in paid:
        first = firsts.setdefault(_fact(fine), (receipt, fine))
        if first[0] is not receipt and receipt.pk not in said:
            found.append(PossibleDuplicate(receipt, fine, *first))
    return found[:MOST]


def live_mark(receipt_id: int) -> DuplicateMark | None:
    """What a person said of a payment, if it stands."""
    return DuplicateMark.objects.filter(receipt=receipt_id, live=True).select_related("made_by", "first").first()


def _paid_twice(entity_ids: Sequence[int]) -> list[tuple[Receipt, Fine]]:
    """The payments of such acts, the earliest first."""
    fines = Fine.objects.filter(entity_id__in=entity_ids, position__state__in=SETTLED).annotate(
        where=Upper(Trim("place"))
    )
    facts = fines.order_by().values("entity", "plate", "violated_on", "where").annotate(acts=Count("pk"))
    several = set(facts.filter(acts__gt=1).values_list("entity", "plate", "violated_on", "where")[:MOST])
    plates = {plate for _entity, plate, _day, _where in several}
    chosen = {fine.position_id: fine for fine in fines.filter(plate__in=plates) if _fact(fine) in several}
    cases = ReceiptCase.objects.filter(settles=True, instalment__option__position__in=list(chosen))
    rows = cases.select_related("receipt", "instalment__option").defer("receipt__raw")
    rows = rows.order_by("receipt__paid_at", "pk")
    return [(row.receipt, chosen[row.instalment.option.position_id]) for row in rows if row.instalment]


def _fact(fine: Fine) -> Fact:
    return (fine.entity_id, fine.plate, fine.violated_on, fine.place.strip().upper())
