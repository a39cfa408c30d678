"""Audit events of the campaigns of notices. Codes and ids only, no personal data."""

from payments.events import PAYMENTS
from payments.models import Campaign, CampaignPart
from portal.audit.actor import Actor
from portal.audit.services import record


def campaign_created(campaign: Campaign, *, actor: Actor) -> None:
    """A person prepared a campaign of notices."""
    record(
        "payments.campaign_created",
        subject=campaign,
        actor=actor,
        data={"output": str(campaign.output), "positions": campaign.total},
    )


def campaign_moved(campaign: Campaign, *, before: str, actor: Actor) -> None:
    """A campaign changed state."""
    record(
        "payments.campaign_moved", subject=campaign, actor=actor, data={"before": before, "after": str(campaign.state)}
    )


def campaign_part_made(part: CampaignPart) -> None:
    """A part of a campaign was printed: one event for all its notices."""
    record(
        "payments.campaign_part_made",
        subject=part,
        actor=PAYMENTS,
        data={"campaign": part.campaign_id, "part": part.seq, "printed": part.printed, "skipped": part.skipped},
    )


def campaign_downloaded(campaign: Campaign, *, part: int | None, actor: Actor) -> None:
    """A person took a file of a campaign, or its index."""
    record("payments.campaign_downloaded", subject=campaign, actor=actor, data={"part": part})


def campaign_purged(campaign: Campaign) -> None:
    """The files of a campaign were deleted at their term."""
    record("payments.campaign_purged", subject=campaign, actor=PAYMENTS)
