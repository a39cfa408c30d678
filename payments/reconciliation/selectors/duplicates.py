"""Payments that look like doubles and that no rule calls so: the same vehicle, day and place paid with two acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from payments.domain.states import SETTLED
from payments.fines.models import Fine
from payments.models import Receipt
from payments.reconciliation.models import DuplicateMark, FlowLine
from payments.reconciliation.sql import statement
from payments.reconciliation.sql.planner import few_rows

MOST = 50
_POSSIBLE = statement("possible_duplicates")


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """A payment, and the earlier one of another act for the same fact."""

    receipt: Receipt
    fine: Fine
    first: Receipt
    first_fine: Fine


def possible_duplicates(entity_ids: Sequence[int]) -> list[PossibleDuplicate]:
    """Acts with the same plate, day and place that were both paid, and of which nobody has said anything yet: the
    newest payments first.
    """
    known: dict[str, Any] = {"entities": list(entity_ids), "settled": [state.value for state in SETTLED], "most": MOST}
    with few_rows() as sql:
        sql.execute(_POSSIBLE, known)
        rows = list(sql.fetchall())
    receipts = Receipt.objects.defer("raw").in_bulk({key for row in rows for key in (row[0], row[2])})
    fines = Fine.objects.in_bulk({key for row in rows for key in (row[1], row[3])})
    return [
        PossibleDuplicate(receipts[receipt], fines[fine], receipts[first], fines[first_fine])
        for receipt, fine, first, first_fine in rows
    ]


def marks_of(entity_id: int, iuv: str | OuterRef, iur: str | OuterRef) -> QuerySet[DuplicateMark]:
    """What persons said of a payment and stands: one row, or none."""
    return DuplicateMark.objects.filter(entity=entity_id, iuv=iuv, iur=iur, live=True)


def live_mark(entity_id: int, iuv: str, iur: str) -> DuplicateMark | None:
    """What a person said of a payment, if it stands."""
    return marks_of(entity_id, iuv, iur).select_related("made_by", "first").defer("first__raw").first()


def live_marks(entity_ids: Sequence[int]) -> QuerySet[DuplicateMark]:
    """The payments that persons call doubles, the last first. `line` is a line of each that has no receipt yet."""
    lines = FlowLine.objects.filter(entity=OuterRef("entity"), iuv=OuterRef("iuv"), iur=OuterRef("iur"))
    rows = DuplicateMark.objects.filter(entity_id__in=entity_ids, live=True).select_related("made_by")
    return rows.annotate(line=Subquery(lines.order_by("-pk").values("pk")[:1]))
