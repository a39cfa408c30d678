"""What else an accountant needs to see: documents without a companion, and how fresh the sources are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from payments.reconciliation.domain.remittance import Kind
from payments.reconciliation.models import FlowLine, Match, MatchKind, PullCursor, ReportingFlow, TreasuryMovement

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


def lines_without_receipt(entity_ids: Sequence[int]) -> QuerySet[FlowLine]:
    """Payments that a current flow reports and no receipt proves, latest first."""
    newer = ReportingFlow.objects.filter(
        entity_id=OuterRef("flow__entity_id"),
        psp_id=OuterRef("flow__psp_id"),
        iuf_key=OuterRef("flow__iuf_key"),
        revision__gt=OuterRef("flow__revision"),
    )
    return (
        FlowLine.objects.filter(~Exists(newer), entity_id__in=entity_ids, matches=None)
        .select_related("flow")
        .order_by("-flow__regulation_date", "-pk")
    )


def credits_without_flow(entity_ids: Sequence[int]) -> QuerySet[TreasuryMovement]:
    """Treasury credits that speak of pagoPA and meet no flow, latest first."""
    matched = Match.objects.filter(kind=MatchKind.FLOW_MOVEMENT, movement_id=OuterRef("pk"))
    return (
        TreasuryMovement.objects.filter(
            ~Exists(matched),
            Q(direction="ENTRATA", operation="ESEGUITO"),
            ~Q(remittance_kind=Kind.OTHER),
            entity_id__in=entity_ids,
            reversals=None,
        )
        .defer("suspended")
        .order_by("-booked_on", "-pk")
    )


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
