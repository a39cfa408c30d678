"""The files of a campaign: named after the part that makes them, kept once, deleted at their term."""

import hashlib
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django_scopes import scopes_disabled

from payments import campaign_conf as conf
from payments import campaign_events as events
from payments.domain.campaigns import CLOSED, State
from payments.models import Campaign, CampaignPart
from payments.services.campaigns import work_folder
from portal import clock
from portal.documents.models import StoredFile, file_path


class MovableFile(File):  # type: ignore[type-arg]
    """A file of ours that the storage may take as it is, without copying it, when both are on one disk."""

    def temporary_file_path(self) -> str:
        """Where the storage finds it."""
        return str(self.name)


def part_key(campaign: UUID, *, seq: int, fence: int) -> UUID:
    """The name of what the holder number `fence` makes of a part: nobody else ever writes there."""
    return uuid5(campaign, f"{seq}.{fence}")


def _folder(part: CampaignPart) -> Path:
    return work_folder() / f"{part.campaign.uuid}-{part.seq}"


def part_folder(part: CampaignPart) -> Path:
    """An empty folder for who prints a part; what earlier holders left is deleted."""
    shutil.rmtree(_folder(part), ignore_errors=True)
    mine = _folder(part) / str(part.fence)
    mine.mkdir(parents=True)
    return mine


def forget_folder(part: CampaignPart) -> None:
    """Delete the folder of who has finished, or has lost the part to another."""
    shutil.rmtree(_folder(part) / str(part.fence), ignore_errors=True)
    with suppress(OSError):  # another holder is at work beside
        _folder(part).rmdir()


def keep(path: Path, *, part: CampaignPart, name: str, content_type: str) -> StoredFile:
    """Put a file of a part in the private storage. The row is not saved: that belongs to the part's own record."""
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
        stored = StoredFile(
            key=part_key(part.campaign.uuid, seq=part.seq, fence=part.fence),
            name=name,
            content_type=content_type,
            size=path.stat().st_size,
            sha256=digest,
            created_at=clock.now(),
        )
        content.seek(0)
        stored.file.save("content", MovableFile(content, name=str(path)), save=False)
    return stored


def forget_attempts(part: CampaignPart, *, before: int) -> None:
    """Delete what holders of a part before number `before` left in the storage when they died."""
    for fence in range(1, before):
        _delete(_path(part, fence))


def forget_mine(part: CampaignPart) -> None:
    """Delete what this holder has put in the storage: the part belongs to another."""
    _delete(_path(part, part.fence))


def _path(part: CampaignPart, fence: int) -> str:
    return file_path(StoredFile(key=part_key(part.campaign.uuid, seq=part.seq, fence=fence)), "")


def _delete(name: str) -> None:
    if default_storage.exists(name):
        default_storage.delete(name)


def drop_file(part: CampaignPart) -> None:
    """Take a part's file away, in the caller's transaction; the bytes go on commit."""
    stored = part.file
    if stored is None:
        return
    part.file = None
    part.save(update_fields=["file"])
    name = str(stored.file.name)
    stored.delete()
    transaction.on_commit(_deleting(name))


def _deleting(name: str) -> Callable[[], None]:
    return lambda: _delete(name)


def campaigns_purge() -> int:
    """Delete the files of campaigns closed long enough ago; of those called off, at once. Returns how many.

    What happened to each position stays; documents of single positions are theirs, and stay too.
    """
    now = clock.now()
    with scopes_disabled():
        closed = Campaign.objects.filter(state__in=sorted(CLOSED), purged_at__isnull=True).order_by("pk")
        term = now - timedelta(days=conf.file_days())
        due = [row.pk for row in closed if row.state == State.CANCELLED or (row.finished_at or now) <= term]
        return sum(_purge(key) for key in due)


@transaction.atomic
def _purge(campaign_id: int) -> bool:
    campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign_id)
    now = clock.now()
    parts = list(CampaignPart.objects.filter(campaign=campaign).select_related("file").order_by("seq"))
    if campaign.purged_at is not None or any(_in_hand(part, now) for part in parts):
        return False
    for part in parts:
        part.campaign = campaign
        forget_attempts(part, before=part.fence + (0 if part.done else 1))
        drop_file(part)
    campaign.purged_at = now
    campaign.save(update_fields=["purged_at"])
    events.campaign_purged(campaign)
    return True


def _in_hand(part: CampaignPart, now: datetime) -> bool:
    return not part.done and part.leased_until is not None and part.leased_until > now
