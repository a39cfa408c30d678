"""What else an accountant needs to see: proposals to decide."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet

from payments.models import Receipt
from payments.reconciliation import conf
from payments.reconciliation.models import (
    FlowLine,
    ReportingFlow,
    Suggestion,
    SuggestionState,
    SuggestionThreshold,
    TreasuryMovement,
)


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a credit a person gives to what."""

    credit: str
    to: str
    cents: int


@dataclass(frozen=True, slots=True)
class SuggestionCard:
    """A proposal with its documents, and whether it wants two persons."""

    suggestion: Suggestion
    flows: list[ReportingFlow]
    movements: list[TreasuryMovement]
    two_people: bool
    shares: list[Share] = field(default_factory=list)


def suggestion_threshold(entity_id: int, *, on: date) -> int:
    """Beyond how many cents two persons confirm a suggestion, in a body on a day."""
    row = SuggestionThreshold.objects.filter(entity_id=entity_id, valid_from__lte=on).order_by("-valid_from").first()
    return row.cents if row else conf.SUGGESTION_TWO_PEOPLE_CENTS


def open_suggestions(entity_ids: Sequence[int], *, on: date) -> list[SuggestionCard]:
    """The proposals that wait, the largest first."""
    rows = list(
        Suggestion.objects.filter(entity_id__in=entity_ids, state=SuggestionState.OPEN)
        .select_related("first_by")
        .order_by("-cents", "pk")
    )
    flows = ReportingFlow.objects.in_bulk({pk for row in rows for pk in row.flows})
    movements = TreasuryMovement.objects.in_bulk({pk for row in rows for pk in row.movements})
    alone = _alone(rows)
    limits = {entity_id: suggestion_threshold(entity_id, on=on) for entity_id in {row.entity_id for row in rows}}
    return [
        SuggestionCard(
            suggestion=row,
            flows=[flows[pk] for pk in row.flows],
            movements=[movements[pk] for pk in row.movements],
            two_people=row.cents > limits[row.entity_id],
            shares=[
                Share(
                    movements[each["movement_id"]].document_number,
                    flows[each["flow_id"]].iuf if each["flow_id"] else alone[each["line_id"], each["receipt_id"]],
                    each["cents"],
                )
                for each in row.shares
            ],
        )
        for row in rows
    ]


def _alone(rows: Sequence[Suggestion]) -> dict[tuple[int | None, int | None], str]:
    """The payments that persons put beside a credit, by line or by receipt."""
    shares = [share for row in rows for share in row.shares]
    lines = FlowLine.objects.filter(pk__in=[share["line_id"] for share in shares if share["line_id"]])
    receipts = Receipt.objects.filter(pk__in=[share["receipt_id"] for share in shares if share["receipt_id"]])
    named: dict[tuple[int | None, int | None], str] = {}
    named |= {(key, None): f"IUV {iuv}" for key, iuv in lines.values_list("pk", "iuv")}
    return named | {(None, key): f"IUV {iuv}" for key, iuv in receipts.values_list("pk", "iuv")}


def decided_suggestions(entity_ids: Sequence[int]) -> QuerySet[Suggestion]:
    """What persons said of the proposals, the last first."""
    rows = Suggestion.objects.filter(
        entity_id__in=entity_ids, state__in=[SuggestionState.CONFIRMED, SuggestionState.DISCARDED]
    )
    return rows.select_related("first_by", "second_by", "discarded_by").order_by("-decided_at", "-pk")


def open_suggestions_count(entity_ids: Sequence[int]) -> int:
    """How many proposals wait."""
    return Suggestion.objects.filter(entity_id__in=entity_ids, state=SuggestionState.OPEN).count()
