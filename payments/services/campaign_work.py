"""Campaigns carried out. A worker leases a part, prints it outside any transaction, and records it in one.

A worker that dies leaves its part leased: when the lease runs out another takes it, with the next number of `fence`.
Whoever lost a part finds a greater number there and throws its work away. So no notice is lost and none is there
twice: what counts is the one transaction that records a part whole.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django_scopes import scope, scopes_disabled

from payments import campaign_conf as conf
from payments import campaign_events as events
from payments.campaign_selectors import chosen_positions, looked_at
from payments.domain.campaigns import TRANSITIONS, Action, Output, State, part_size
from payments.events import PAYMENTS
from payments.models import Campaign, CampaignItem, CampaignPart
from payments.services.campaign_files import drop_file, forget_attempts, forget_folder, forget_mine
from payments.services.campaign_press import Made, bind_archive, print_part
from payments.services.campaigns import check_room, wake_workers
from portal import clock
from portal.entities.copying import copy_rows
from portal.kernel.errors import DomainError
from portal.kernel.states import move

LEASE = timedelta(minutes=2)
BEAT = timedelta(seconds=2)
PAUSE = timedelta(seconds=30)
MOST_ATTEMPTS = 5
# A task gives its place to the others after this long; a part in hand is finished first.
TURN = timedelta(seconds=30)
ITEM = (
    "entity_id", "campaign_id", "part_id", "position_id", "seq", "outcome", "reason", "nav", "pages", "first_page",
)  # fmt: skip
RESULTS = ["outcome", "reason", "nav", "pages", "first_page", "document"]
OPEN = (State.QUEUED, State.RUNNING, State.PAUSED, State.FAILED)

logger = logging.getLogger(__name__)


class PartLost(Exception):
    """The part is somebody else's by now, or nobody wants it any more."""


def campaigns_work(*, turn: timedelta = TURN, parts: int | None = None) -> int:
    """Print parts of the campaigns that wait, for about `turn` and `parts` at most; returns how many were tried."""
    end, tried = clock.now() + turn, 0
    while clock.now() < end and tried != parts:
        _begin_waiting()
        part = _lease()
        if part is None:
            return tried
        with scope(entity=part.entity):
            part_work(part)
        tried += 1
    wake_workers()
    return tried


def _begin_waiting() -> None:
    with scopes_disabled():
        waiting = list(Campaign.objects.filter(state=State.QUEUED).order_by("pk").values_list("pk", "entity_id"))
    for campaign_id, entity_id in waiting:
        with scope(entity=entity_id):
            campaign_begin(campaign_id=campaign_id)


@transaction.atomic
def campaign_begin(*, campaign_id: int) -> None:
    """Lay out a campaign in parts, unless that was done before, and open it to the workers. Needs the scope."""
    campaign = Campaign.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=campaign_id).first()
    if campaign is None or campaign.state != State.QUEUED:
        return
    now = clock.now()
    if not CampaignPart.objects.filter(campaign=campaign).exists():
        _lay_out(campaign)
        campaign.started_at = now
    campaign.resumed_at, campaign.done_at_resume = now, looked_at(campaign)
    _moved(campaign, Action.BEGIN)
    campaign.save()
    _finish_if_over(campaign)


def _lay_out(campaign: Campaign) -> None:
    """The positions of the selection as they are now, each in its part."""
    keys = list(chosen_positions(campaign.chosen, entity_id=campaign.entity_id).values_list("pk", flat=True))
    size = part_size(Output(campaign.output), volume=campaign.volume_size)
    parts = CampaignPart.objects.bulk_create(
        CampaignPart(entity_id=campaign.entity_id, campaign=campaign, seq=seq)
        for seq in range(1, -(-len(keys) // size) + 1)
    )
    waiting = CampaignItem.Outcome.WAITING.value
    copy_rows(
        CampaignItem,
        ITEM,
        (
            (campaign.entity_id, campaign.pk, parts[index // size].pk, key, index + 1, waiting, "", "", 0, 0)
            for index, key in enumerate(keys)
        ),
    )
    campaign.total = len(keys)


def _lease() -> CampaignPart | None:
    """Take a part that nobody holds; None when there is none, or enough workers are at it."""
    now = clock.now()
    with scopes_disabled(), transaction.atomic():
        if CampaignPart.objects.filter(done=False, leased_until__gt=now).count() >= conf.workers():
            return None
        part = (
            CampaignPart.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("campaign__entity", "entity")
            .filter(Q(leased_until=None) | Q(leased_until__lte=now), Q(wait_until=None) | Q(wait_until__lte=now))
            .filter(done=False, campaign__state=State.RUNNING)
            .order_by("campaign__resumed_at", "campaign", "seq")
            .first()
        )
        if part is None:
            return None
        part.fence += 1
        part.attempts += 1
        part.leased_until = now + LEASE
        part.printed = part.skipped = 0
        part.save(update_fields=["fence", "attempts", "leased_until", "printed", "skipped"])
        return part


def part_work(part: CampaignPart) -> None:
    """Print a leased part and record it; give it back when the disk or the storage fails. Needs its scope."""
    if part.attempts > MOST_ATTEMPTS:
        # Only a part that breaks down every time comes here: nobody recorded how it went.
        _fail(part, f"La parte {part.seq} si interrompe ogni volta: gli avvisi che contiene vanno controllati.")
        return
    try:
        check_room(part.campaign, notices=CampaignItem.objects.filter(Q(part=part) | Q(part__archive=part)).count())
        forget_attempts(part, before=part.fence)
        work = bind_archive if part.kind == CampaignPart.Kind.ARCHIVE else print_part
        _record(part, work(part, beat=Beat(part)))
    except PartLost:
        forget_mine(part)
        CampaignPart.objects.filter(pk=part.pk, fence=part.fence).update(leased_until=None)
    except DomainError as error:
        _fail(part, error.message)
    except OSError as error:
        logger.warning("campaign %s, part %s: %s", part.campaign_id, part.seq, type(error).__name__)
        _give_back(part)
    finally:
        forget_folder(part)


class Beat:
    """Says now and then how far a part is, and keeps its lease. Raises PartLost."""

    def __init__(self, part: CampaignPart) -> None:
        self.part, self.last = part, clock.now()

    def __call__(self, printed: int, skipped: int) -> None:
        now = clock.now()
        if now - self.last < BEAT:
            return
        self.last = now
        if not _mine(self.part).update(leased_until=now + LEASE, printed=printed, skipped=skipped):
            raise PartLost


def _mine(part: CampaignPart) -> QuerySet[CampaignPart]:
    open_ = Campaign.objects.filter(pk=OuterRef("campaign"), state__in=OPEN)
    return CampaignPart.objects.filter(Exists(open_), pk=part.pk, fence=part.fence, done=False)


@transaction.atomic
def _record(part: CampaignPart, made: Made) -> None:
    """The part whole, or nothing. Raises PartLost."""
    # First the campaign, then the part: whoever moves a campaign locks in the same order.
    campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=part.campaign_id)
    if _mine(part).select_for_update(of=("self",)).first() is None:
        raise PartLost
    if made.file is not None:
        made.file.save()
    part.file, part.done, part.finished_at, part.leased_until = made.file, True, clock.now(), None
    part.printed = sum(item.outcome == CampaignItem.Outcome.PRINTED for item in made.items)
    part.skipped = len(made.items) - part.printed
    part.pages = sum(item.pages for item in made.items)
    part.save()
    # All rows are there: this is an update, much quicker than bulk_update's.
    CampaignItem.objects.bulk_create(
        made.items, update_conflicts=True, unique_fields=["id"], update_fields=RESULTS, batch_size=1000
    )
    for gathered in CampaignPart.objects.filter(archive=part, file__isnull=False).select_related("file"):
        drop_file(gathered)
    events.campaign_part_made(part)
    _finish_if_over(campaign)


def _finish_if_over(campaign: Campaign) -> None:
    """When the last part is recorded the archives of a ZIP are laid out; when they are made too, it is over."""
    parts = CampaignPart.objects.filter(campaign=campaign)
    if parts.filter(done=False).exists():
        return
    if campaign.output == Output.ZIP and not parts.filter(kind=CampaignPart.Kind.ARCHIVE).exists():
        _lay_out_archives(campaign)
        if parts.filter(done=False).exists():
            return
    if campaign.state == State.RUNNING:
        campaign.finished_at = clock.now()
        _moved(campaign, Action.FINISH)
        campaign.save()


def _lay_out_archives(campaign: Campaign) -> None:
    """As many archives as the largest size of one makes: parts go into them in order."""
    made = CampaignPart.objects.filter(campaign=campaign, file__isnull=False).select_related("file").order_by("seq")
    last, archive, size = CampaignPart.objects.filter(campaign=campaign).count(), None, 0
    for part in made:
        assert part.file is not None
        if archive is None or size + part.file.size > conf.archive_bytes():
            last, size = last + 1, 0
            archive = CampaignPart.objects.create(
                entity_id=campaign.entity_id, campaign=campaign, seq=last, kind=CampaignPart.Kind.ARCHIVE
            )
        size += part.file.size
        part.archive = archive
        part.save(update_fields=["archive"])


def _moved(campaign: Campaign, action: Action) -> None:
    before, campaign.state = campaign.state, move(TRANSITIONS, State(campaign.state), action)
    events.campaign_moved(campaign, before=before, actor=PAYMENTS)


def _give_back(part: CampaignPart) -> None:
    """Another try in a while."""
    if part.attempts >= MOST_ATTEMPTS:
        _fail(part, "I file non si possono scrivere: controlla il disco e l'archivio, poi riprendi la campagna.")
        return
    later = clock.now() + PAUSE * part.attempts
    _mine(part).update(leased_until=None, wait_until=later, printed=0, skipped=0)


@transaction.atomic
def _fail(part: CampaignPart, trouble: str) -> None:
    """A person must look at it: nothing more is printed until the campaign is taken up again."""
    campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=part.campaign_id)
    _mine(part).update(leased_until=None, printed=0, skipped=0)
    if (State(campaign.state), Action.FAIL) in TRANSITIONS:
        campaign.trouble = trouble[:200]
        _moved(campaign, Action.FAIL)
        campaign.save()
