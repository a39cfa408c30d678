"""What else an accountant needs to see: proposals to decide, and how fresh the sources are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F

from payments.reconciliation import conf
from payments.reconciliation.models import (
    PullCursor,
    ReportingFlow,
    Suggestion,
    SuggestionState,
    SuggestionThreshold,
    TreasuryMovement,
)

# The node is said to keep flows for a month: three silent days are already worth a look.
SILENCE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source, when it was last read, and whether that is too long ago."""

    label: str
    entity: str
    succeeded_at: datetime | None
    error: str
    silent: bool


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


def source_states(entity_ids: Sequence[int], *, now: datetime) -> list[SourceState]:
    """Every source of these bodies, in order of body."""
    rows = PullCursor.objects.filter(entity_id__in=entity_ids).annotate(name=F("entity__name"))
    return [
        SourceState(
            label=row.get_source_display(),
            entity=row.name,
            succeeded_at=row.succeeded_at,
            error=row.error,
            silent=row.succeeded_at is None or row.succeeded_at < now - SILENCE,
        )
        for row in rows.order_by("name", "source")
    ]
