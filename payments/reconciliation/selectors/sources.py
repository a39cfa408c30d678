"""Where documents come from: how fresh each source is, the last documents of each kind, the accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from payments.models import CreditorEntity
from payments.reconciliation import conf
from payments.reconciliation.models import (
    EvidenceFile,
    EvidenceKind,
    PullCursor,
    PullSource,
    ReadingState,
    TreasuryAccount,
)
from payments.reconciliation.models.evidence import KIND_LABELS
from payments.reconciliation.models.matching import SOURCE_LABELS

# The node is said to keep flows for a month: three silent days are already worth a look.
SILENCE = timedelta(days=3)
_OUTSIDE = (PullSource.FLOWS, PullSource.JOURNALS)


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source, when it was last read, and whether that is too long ago."""

    label: str
    entity: str
    attempted_at: datetime | None
    succeeded_at: datetime | None
    error: str
    silent: bool


@dataclass(frozen=True, slots=True)
class LatestDocument:
    """Documents of a kind in a body: how many, how many with remarks, when the last one came."""

    entity: str
    label: str
    count: int
    flagged: int
    received_at: datetime


def source_states(entity_ids: Sequence[int], *, now: datetime) -> list[SourceState]:
    """Every source of these bodies, in order of body. Where a body collects by pagoPA its sources are there before
    anybody has read them: one that was never read is silent.
    """
    rows = PullCursor.objects.filter(entity_id__in=entity_ids).annotate(name=F("entity__name"))
    found = {(row.name, row.entity_id, row.source): row for row in rows}
    creditors = CreditorEntity.objects.filter(entity_id__in=entity_ids).values_list("entity__name", "entity_id")
    expected = {(name, entity, source.value) for name, entity in creditors for source in _OUTSIDE}
    return [
        _state(name, PullSource(source), found.get((name, entity, source)), now)
        for name, entity, source in sorted(expected.union(found))
    ]


def _state(entity: str, source: PullSource, row: PullCursor | None, now: datetime) -> SourceState:
    error = row.error if row else ""
    if source is PullSource.FLOWS and not conf.flows_url():
        error = str(_("Non è scritto da dove si leggono i flussi del nodo (FDR_BASE_URL)."))
    succeeded_at = row.succeeded_at if row else None
    return SourceState(
        label=str(SOURCE_LABELS[source]),
        entity=entity,
        attempted_at=row.attempted_at if row else None,
        succeeded_at=succeeded_at,
        error=error,
        silent=succeeded_at is None or succeeded_at < now - SILENCE,
    )


def latest_documents(entity_ids: Sequence[int]) -> list[LatestDocument]:
    """For every body and kind of document that ever came."""
    rows = (
        EvidenceFile.objects.filter(entity_id__in=entity_ids)
        .values("entity__name", "kind")
        .annotate(
            count=Count("pk"),
            good=Count("pk", filter=Q(reading__state=ReadingState.READ)),
            latest=Max("received_at"),
        )
        .order_by("entity__name", "kind")
    )
    return [
        LatestDocument(
            entity=row["entity__name"],
            label=str(KIND_LABELS[EvidenceKind(row["kind"])]),
            count=row["count"],
            flagged=row["count"] - row["good"],
            received_at=row["latest"],
        )
        for row in rows
    ]


def accounts_of(entity_ids: Sequence[int]) -> QuerySet[TreasuryAccount]:
    """Accounts of these bodies, in order of body."""
    return (
        TreasuryAccount.objects.filter(entity_id__in=entity_ids)
        .select_related("entity")
        .order_by("entity__name", "code")
    )
