"""Reads of the campaigns: whom a selection takes, how far a campaign is, what came out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import BooleanField, Case, Count, Exists, OuterRef, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from payments.domain.campaigns import (
    AT_WORK,
    SKIP_LABELS,
    Progress,
    Selection,
    Skip,
    State,
    cell,
    file_name,
    skip_reason,
)
from payments.domain.states import State as PositionState
from payments.models import Campaign, CampaignItem, CampaignPart, DebtKind, Instalment, Position, Transfer
from portal import clock

Row = tuple[str | int, ...]


def _has_stamp() -> Exists:
    """Whether a position has a digital stamp in it. Made at each call, inside the scope of who asks."""
    return Exists(Transfer.objects.filter(instalment__option__position=OuterRef("pk")).exclude(stamp_hash=""))


def chosen_positions(selection: Selection, *, entity_id: int) -> QuerySet[Position]:
    """The positions of a selection, in the order of printing. Needs the scope of the body."""
    rows = Position.objects.filter(entity_id=entity_id)
    if selection.kind:
        rows = rows.filter(debt_kind__code=selection.kind)
    if selection.created_from:
        rows = rows.filter(created_at__gte=_midnight(selection.created_from))
    if selection.created_until:
        rows = rows.filter(created_at__lt=_midnight(selection.created_until + timedelta(days=1)))
    if selection.source:
        rows = rows.filter(charge__source__startswith=selection.source)
    if selection.numbers:
        named = Instalment.objects.filter(entity_id=entity_id, nav__in=selection.numbers)
        rows = rows.filter(pk__in=named.values("option__position"))
    if selection.only_new:
        printed = CampaignItem.objects.filter(position=OuterRef("pk"), outcome=CampaignItem.Outcome.PRINTED)
        rows = rows.filter(~Exists(printed))
    return rows.order_by("pk")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.ROME)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a selection would print if it began now."""

    printed: int
    skipped: dict[Skip, int]
    unknown_numbers: int = 0

    @property
    def total(self) -> int:
        """Positions found."""
        return self.printed + sum(self.skipped.values())

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """The reasons in Italian, with how many."""
        return [(SKIP_LABELS[reason], count) for reason, count in self.skipped.items()]


def preview(selection: Selection, *, entity_id: int) -> Preview:
    """Count a selection by what would become of each position. Needs the scope of the body."""
    suspended = Case(When(suspended_at__isnull=False, then=True), default=False, output_field=BooleanField())
    rows = (
        chosen_positions(selection, entity_id=entity_id)
        .annotate(stamp=_has_stamp(), held=suspended)
        .order_by()
        .values_list("state", "held", "stamp")
        .annotate(count=Count("pk"))
    )
    printed, skipped = 0, dict.fromkeys(Skip, 0)
    for state, held, stamp, count in rows:
        reason = skip_reason(state=PositionState(state), suspended=held, stamp=stamp)
        if reason is None:
            printed += count
        else:
            skipped[reason] += count
    return Preview(
        printed,
        {reason: count for reason, count in skipped.items() if count},
        _unknown(selection, entity_id=entity_id),
    )


def _unknown(selection: Selection, *, entity_id: int) -> int:
    """How many of the typed numbers are nobody's."""
    if not selection.numbers:
        return 0
    known = Instalment.objects.filter(entity_id=entity_id, nav__in=selection.numbers).count()
    return len(set(selection.numbers)) - known


def kinds_of_debt(entity_ids: Iterable[int]) -> list[tuple[str, str]]:
    """The kinds of debt of some bodies: code and description, each once."""
    rows = DebtKind.objects.filter(entity_id__in=list(entity_ids)).order_by("code", "-valid_from")
    return [(row.code, row.description) for row in {row.code: row for row in reversed(rows)}.values()]


def with_progress(rows: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Campaigns with `looked_at`, `printed`, `skipped` and `pages`, summed over their parts."""
    sums = {
        name: CampaignPart.objects.filter(campaign=OuterRef("pk"), kind=CampaignPart.Kind.PRINT)
        .order_by()
        .values("campaign")
        .annotate(sum=Sum(name))
        .values("sum")
        for name in ("printed", "skipped", "pages")
    }
    return rows.annotate(**{f"{name}_sum": Coalesce(query, 0) for name, query in sums.items()})


def looked_at(campaign: Campaign) -> int:
    """Positions whose outcome is recorded."""
    parts = CampaignPart.objects.filter(campaign=campaign, kind=CampaignPart.Kind.PRINT, done=True)
    sums = parts.aggregate(printed=Sum("printed", default=0), skipped=Sum("skipped", default=0))
    return int(sums["printed"] + sums["skipped"])


def progress_of(campaign: Campaign, *, now: datetime) -> Progress:
    """How far a campaign is; needs `with_progress`."""
    done: int = campaign.printed_sum + campaign.skipped_sum  # type: ignore[attr-defined]
    running = campaign.state in AT_WORK and campaign.resumed_at is not None
    ended = campaign.finished_at if campaign.state == State.DONE else None
    begun = campaign.resumed_at if running or ended else None
    elapsed = (ended or now) - begun if begun else timedelta(0)
    return Progress(total=campaign.total, done=done, before=campaign.done_at_resume, elapsed=elapsed)


def parts_in_hand(campaign: Campaign, *, now: datetime) -> int:
    """How many workers are on it."""
    return CampaignPart.objects.filter(campaign=campaign, done=False, leased_until__gt=now).count()


def results_of(campaign: Campaign) -> QuerySet[CampaignPart]:
    """The parts whose file is to be downloaded: the volumes of a book, the archives of a ZIP."""
    return (
        CampaignPart.objects.filter(campaign=campaign, done=True, file__isnull=False, archive__isnull=True)
        .exclude(kind=CampaignPart.Kind.PRINT, campaign__output="zip")
        .select_related("file")
        .order_by("seq")
    )


def skipped_items(campaign: Campaign) -> QuerySet[CampaignItem]:
    """Positions left out, with why."""
    return (
        CampaignItem.objects.filter(campaign=campaign, outcome=CampaignItem.Outcome.SKIPPED)
        .select_related("position")
        .order_by("seq")
    )


def printed_items(campaign: Campaign) -> QuerySet[CampaignItem]:
    """Notices made, in order."""
    return (
        CampaignItem.objects.filter(campaign=campaign, outcome=CampaignItem.Outcome.PRINTED)
        .select_related("position", "part__file", "document__file")
        .order_by("seq")
    )


def skips_by_reason(campaign: Campaign) -> list[tuple[str, int]]:
    """The reasons in Italian, with how many."""
    rows = (
        CampaignItem.objects.filter(campaign=campaign, outcome=CampaignItem.Outcome.SKIPPED)
        .order_by()
        .values_list("reason")
        .annotate(count=Count("pk"))
    )
    counts = {Skip(reason): count for reason, count in rows}
    return [(SKIP_LABELS[reason], counts[reason]) for reason in Skip if reason in counts]


def file_names(campaign: Campaign) -> dict[int, str]:
    """The file to be downloaded that holds the notices of each part."""
    parts = CampaignPart.objects.filter(campaign=campaign).select_related("file", "archive__file")
    kept = {part.pk: part.archive.file if part.archive else part.file for part in parts}
    return {key: stored.name for key, stored in kept.items() if stored is not None}


def index_rows(campaign: Campaign, *, file_of: dict[int, str]) -> Iterator[Row]:
    """The rows of the index of a campaign; `file_of` names the file of each part."""
    for item in printed_items(campaign).iterator(chunk_size=2000):
        yield index_row(item, file=file_of.get(item.part_id) or file_name(item.nav))


def index_row(item: CampaignItem, *, file: str) -> Row:
    """Number, name, file, pages, first page (of a volume)."""
    return (item.nav, cell(item.position.debtor_name), file, item.pages, item.first_page or "")


def skipped_rows(campaign: Campaign) -> Iterator[Row]:
    """The positions left out, with why."""
    for item in skipped_items(campaign).iterator(chunk_size=2000):
        yield (item.nav, cell(item.position.debtor_name), item.get_reason_display())
