"""What else an accountant needs to see: proposals to decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from payments.reconciliation import conf
from payments.reconciliation.models import (
    ReportingFlow,
    Suggestion,
    SuggestionState,
    SuggestionThreshold,
    TreasuryMovement,
)


@dataclass(frozen=True, slots=True)
class SuggestionCard:
    """A proposal with its documents, and whether it wants two persons."""

    suggestion: Suggestion
    flows: list[ReportingFlow]
    movements: list[TreasuryMovement]
    two_people: bool


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
    limits = {entity_id: suggestion_threshold(entity_id, on=on) for entity_id in {row.entity_id for row in rows}}
    return [
        SuggestionCard(
            suggestion=row,
            flows=[flows[pk] for pk in row.flows],
            movements=[movements[pk] for pk in row.movements],
            two_people=row.cents > limits[row.entity_id],
        )
        for row in rows
    ]


def open_suggestions_count(entity_ids: Sequence[int]) -> int:
    """How many proposals wait."""
    return Suggestion.objects.filter(entity_id__in=entity_ids, state=SuggestionState.OPEN).count()
