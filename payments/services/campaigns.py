"""Campaigns decided by people: made, started, paused, taken up again, called off."""

import logging
import shutil
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import transaction
from kombu.exceptions import OperationalError

from payments import campaign_conf as conf
from payments import campaign_events as events
from payments.campaign_selectors import chosen_positions, looked_at
from payments.domain.campaigns import (
    LARGEST_VOLUME,
    SMALLEST_VOLUME,
    TRANSITIONS,
    USUAL_VOLUME,
    Action,
    Output,
    Selection,
    State,
)
from payments.models import Campaign, CampaignPart
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.kernel.states import move

logger = logging.getLogger(__name__)

# How many times smaller a notice is where fonts and colours are kept once for all.
FONTS_SHARED = 5

# What a person may ask of a campaign; the other moves are the workers'.
OF_PEOPLE = frozenset({Action.QUEUE, Action.PAUSE, Action.RESUME, Action.CANCEL})


@transaction.atomic
def campaign_create(
    *,
    entity: Entity,
    name: str,
    output: Output,
    selection: Selection,
    actor: Actor,
    volume_size: int = USUAL_VOLUME,
) -> Campaign:
    """Keep a campaign as a draft. Needs the scope of the body. Raises DomainError when it would print nothing."""
    if selection == Selection(only_new=selection.only_new):
        raise DomainError("selection_empty", "Scegli almeno un criterio: tipo di dovuto, date, origine o numeri.")
    if not SMALLEST_VOLUME <= volume_size <= LARGEST_VOLUME:
        raise DomainError(
            "volume_size", f"Un volume ha da {SMALLEST_VOLUME} a {LARGEST_VOLUME} avvisi: scegli un numero fra questi."
        )
    total = chosen_positions(selection, entity_id=entity.pk).count()
    if not total:
        raise DomainError("selection_finds_nothing", "Nessuna posizione corrisponde alla scelta.")
    campaign = Campaign.objects.create(
        entity=entity,
        name=name,
        output=output,
        volume_size=volume_size,
        selection=selection.as_json(),
        total=total,
        created_at=clock.now(),
        created_by_id=actor.user_id,
    )
    events.campaign_created(campaign, actor=actor)
    return campaign


@transaction.atomic
def campaign_move(*, campaign_id: int, action: Action, actor: Actor) -> Campaign:
    """Start, pause, take up again or call off a campaign. Needs the scope of the body.

    A part that is being printed when the campaign is paused is finished; nothing else is begun. Raises MoveNotAllowed
    on a stale page, DomainError when there is no room on the disk.
    """
    if action not in OF_PEOPLE:
        raise DomainError("not_for_people", "Questa operazione la fa il sistema da solo.")
    campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign_id)
    before, campaign.state = campaign.state, move(TRANSITIONS, State(campaign.state), action)
    if action in {Action.QUEUE, Action.RESUME}:
        check_room(campaign, notices=campaign.total - looked_at(campaign))
        campaign.trouble = ""
        CampaignPart.objects.filter(campaign=campaign, done=False).update(attempts=0, wait_until=None)
        transaction.on_commit(wake_workers, robust=True)
    if action is Action.CANCEL:
        campaign.finished_at = clock.now()
    campaign.save(update_fields=["state", "trouble", "finished_at"])
    events.campaign_moved(campaign, before=before, actor=actor)
    return campaign


def wake_workers() -> None:
    """Ask for a worker now. When the broker is down the campaign waits for beat, and nobody notices."""
    from payments.tasks import print_campaigns

    try:
        print_campaigns.delay()
    except (OperationalError, OSError) as error:
        logger.warning("campaigns: the broker did not answer (%s)", type(error).__name__)


def check_room(campaign: Campaign, *, notices: int) -> None:
    """Whether so many notices of a campaign fit on the disk. Raises DomainError.

    In a book the fonts are there once. Parts of an archive are deleted when it is bound: for as long as that lasts
    both are there, for as many archives as there are workers.
    """
    needed = notices * conf.notice_bytes() // (FONTS_SHARED if campaign.output == Output.BOOK else 1)
    if campaign.output == Output.ZIP:
        needed += min(needed, conf.workers() * conf.archive_bytes())
    needed += conf.spare_bytes()
    if (free := _free_bytes()) < needed:
        raise DomainError(
            "disk_full",
            f"Non c'è abbastanza spazio sul disco: servono {_megabytes(needed)} MB e ne restano {_megabytes(free)}.",
        )


def work_folder() -> Path:
    """Where parts are written before they are kept."""
    return Path(settings.DATA_DIR) / "campaigns"


def _free_bytes() -> int:
    """The least room among where files are written and where they are kept, as far as it is a disk of ours."""
    places = [work_folder().parent]
    if isinstance(default_storage._wrapped, FileSystemStorage):  # type: ignore[attr-defined]
        places.append(Path(default_storage.location))  # type: ignore[attr-defined]
    return min(shutil.disk_usage(_existing(place)).free for place in places)


def _existing(place: Path) -> Path:
    return next(folder for folder in (place, *place.parents) if folder.exists())


def _megabytes(size: int) -> int:
    return -(-size // 1_000_000)
