"""Notices printed many at a time: the campaign, its parts, and what became of each position."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.domain.campaigns import (
    LARGEST_VOLUME,
    OUTPUT_LABELS,
    SKIP_LABELS,
    SMALLEST_VOLUME,
    STATE_LABELS,
    USUAL_VOLUME,
    Output,
    Selection,
    Skip,
    State,
)
from payments.models.positions import Position
from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class Campaign(EntityModel):
    """Many notices printed at once (campagna di stampa)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("nome"), max_length=100)
    output = models.CharField(_("che cosa produce"), max_length=8, choices=labels(Output, OUTPUT_LABELS))
    volume_size = models.PositiveSmallIntegerField(_("avvisi per volume"), default=USUAL_VOLUME)
    selection = models.JSONField(_("scelta delle posizioni"))
    state = models.CharField(_("stato"), max_length=12, choices=labels(State, STATE_LABELS), default=State.DRAFT)
    total = models.PositiveIntegerField(_("posizioni"), default=0)
    created_at = models.DateTimeField(_("creata il"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("creata da"), null=True, related_name="+"
    )
    started_at = models.DateTimeField(_("iniziata il"), null=True)
    resumed_at = models.DateTimeField(_("ripresa il"), null=True)
    done_at_resume = models.PositiveIntegerField(_("già fatte alla ripresa"), default=0)
    finished_at = models.DateTimeField(_("finita il"), null=True)
    trouble = models.CharField(_("perché si è interrotta"), max_length=200, blank=True)
    purged_at = models.DateTimeField(_("file eliminati il"), null=True)

    class Meta:
        verbose_name = _("campagna di stampa")
        verbose_name_plural = _("campagne di stampa")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(volume_size__gte=SMALLEST_VOLUME, volume_size__lte=LARGEST_VOLUME),
                name="campaign_volume_in_range",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.DONE, State.CANCELLED]) | Q(finished_at__isnull=False),
                name="campaign_closed_has_a_time",
            ),
            models.CheckConstraint(condition=~Q(state=State.FAILED) | ~Q(trouble=""), name="campaign_failed_says_why"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def chosen(self) -> Selection:
        """The selection, read."""
        return Selection.from_json(self.selection)


class CampaignPart(EntityModel):
    """What one worker prints at a time (parte). A lease keeps it for who took it; `fence` says who took it last."""

    class Kind(models.TextChoices):
        PRINT = "print", _("stampa")
        ARCHIVE = "archive", _("archivio")

    campaign = models.ForeignKey(Campaign, models.PROTECT, verbose_name=_("campagna"), related_name="parts")
    seq = models.PositiveIntegerField(_("progressivo"))
    kind = models.CharField(_("tipo"), max_length=8, choices=Kind.choices, default=Kind.PRINT)
    archive = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("archivio che la raccoglie"), null=True, related_name="gathered"
    )
    done = models.BooleanField(_("finita"), default=False)
    leased_until = models.DateTimeField(_("presa fino a"), null=True)
    wait_until = models.DateTimeField(_("non prima del"), null=True)
    fence = models.PositiveIntegerField(_("presa numero"), default=0)
    attempts = models.PositiveSmallIntegerField(_("tentativi"), default=0)
    # Of a part in hand these two grow as it goes on; of a finished one they are what it made.
    printed = models.PositiveIntegerField(_("stampati"), default=0)
    skipped = models.PositiveIntegerField(_("esclusi"), default=0)
    pages = models.PositiveIntegerField(_("pagine"), default=0)
    file = models.OneToOneField(
        "portal_documents.StoredFile", models.PROTECT, verbose_name=_("file"), null=True, related_name="+"
    )
    finished_at = models.DateTimeField(_("finita il"), null=True)

    class Meta:
        verbose_name = _("parte di una campagna")
        verbose_name_plural = _("parti di una campagna")
        ordering = ["campaign", "seq"]
        constraints = [models.UniqueConstraint(fields=["campaign", "seq"], name="campaign_part_once")]
        indexes = [models.Index(fields=["campaign"], condition=Q(done=False), name="campaign_part_waiting")]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.seq}"


class CampaignItem(EntityModel):
    """A position in a campaign and what became of it. Once in each campaign: the constraint is the promise."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("da stampare")
        PRINTED = "printed", _("stampata")
        SKIPPED = "skipped", _("esclusa")

    campaign = models.ForeignKey(Campaign, models.PROTECT, verbose_name=_("campagna"), related_name="items")
    part = models.ForeignKey(CampaignPart, models.PROTECT, verbose_name=_("parte"), related_name="items")
    position = models.ForeignKey(Position, models.PROTECT, verbose_name=_("posizione"), related_name="campaign_items")
    seq = models.PositiveIntegerField(_("progressivo"))
    outcome = models.CharField(_("esito"), max_length=8, choices=Outcome.choices, default=Outcome.WAITING)
    reason = models.CharField(_("motivo"), max_length=16, choices=labels(Skip, SKIP_LABELS), blank=True)
    nav = models.CharField(_("codice avviso"), max_length=18, blank=True)
    pages = models.PositiveSmallIntegerField(_("pagine"), default=0)
    first_page = models.PositiveIntegerField(_("prima pagina"), default=0)
    document = models.ForeignKey(
        "portal_documents.Document", models.PROTECT, verbose_name=_("documento"), null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("posizione di una campagna")
        verbose_name_plural = _("posizioni di una campagna")
        ordering = ["campaign", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="campaign_item_once"),
            models.UniqueConstraint(fields=["campaign", "seq"], name="campaign_item_seq_once"),
            models.CheckConstraint(
                condition=~Q(outcome="skipped") | ~Q(reason=""), name="campaign_item_skipped_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.seq}"
