"""The act that asks for the money, and who was driving."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payments.fines.domain.amounts import Sanction
from payments.fines.domain.rows import ITALY, Act
from payments.fines.domain.stages import (
    APPEAL_LABELS,
    DRIVER_LABELS,
    SERVED_LABELS,
    STAGE_LABELS,
    SUSPENDED,
    AppealTo,
    DriverState,
    ServedHow,
    Stage,
)
from payments.fines.models.files import FineFile
from payments.models import Position
from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class Fine(EntityModel):
    """A fine of the highway code (verbale). Its position has one option or, where the law allows the discount, two.

    The option that the law closes after the fifth day is the one with `refused_after_due`; both have their number.
    """

    position = models.OneToOneField(Position, models.PROTECT, verbose_name=_("posizione"), related_name="fine")
    file = models.ForeignKey(FineFile, models.PROTECT, verbose_name=_("file di origine"), related_name="+")
    line = models.PositiveIntegerField(_("riga del file"))
    series = models.CharField(_("serie"), max_length=6, blank=True)
    number = models.CharField(_("numero di verbale"), max_length=20)
    year = models.PositiveSmallIntegerField(_("anno"))
    violated_on = models.DateField(_("violazione del"))
    place = models.CharField(_("luogo"), max_length=140)
    plate = models.CharField(_("targa"), max_length=12)
    country = models.CharField(_("nazione della targa"), max_length=2, default=ITALY)
    article = models.CharField(_("norma violata"), max_length=60)
    min_cents = models.PositiveIntegerField(_("minimo in centesimi"))
    max_cents = models.PositiveIntegerField(_("massimo in centesimi"))
    costs_cents = models.PositiveIntegerField(_("spese in centesimi"))
    send_fee_cents = models.PositiveIntegerField(_("costo di notifica SEND in centesimi"), default=0)
    discountable = models.BooleanField(_("ammette la riduzione del 30%"))
    reference = models.CharField(_("riferimento del bonifico (ISO 11649)"), max_length=25, blank=True)
    stage = models.CharField(_("stato"), max_length=14, choices=labels(Stage, STAGE_LABELS), default=Stage.OPEN)
    served_on = models.DateField(_("notificato il"), null=True, blank=True)
    served_how = models.CharField(
        _("modo di notifica"), max_length=10, choices=labels(ServedHow, SERVED_LABELS), blank=True
    )
    driver = models.CharField(
        _("dati del conducente"),
        max_length=9,
        choices=labels(DriverState, DRIVER_LABELS),
        default=DriverState.NOT_ASKED,
    )
    reason = models.CharField(_("motivo dell'annullamento"), max_length=140, blank=True)
    appeal_to = models.CharField(
        _("ricorso presentato"), max_length=7, choices=labels(AppealTo, APPEAL_LABELS), blank=True
    )
    plan_count = models.PositiveSmallIntegerField(_("rate concesse"), null=True, blank=True)
    plan_note = models.CharField(_("motivo della decadenza"), max_length=140, blank=True)

    class Meta:
        verbose_name = _("multa")
        verbose_name_plural = _("multe")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["plate"], name="fine_plate"),
            models.Index(fields=["served_on"], name="fine_served_on"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["entity", "series", "number", "year"], name="fine_act_once"),
            models.UniqueConstraint(
                fields=["entity", "reference"], condition=~Q(reference=""), name="fine_reference_once"
            ),
            models.CheckConstraint(
                condition=Q(min_cents__gte=1, max_cents__gte=F("min_cents")), name="fine_maximum_above_minimum"
            ),
            models.CheckConstraint(
                condition=Q(served_on=None) | Q(served_on__gte=F("violated_on")), name="fine_served_after_violation"
            ),
        ]

    def __str__(self) -> str:
        return str(self.act)

    @property
    def act(self) -> Act:
        """The number people know it by."""
        return Act(self.series, self.number, self.year)

    @property
    def sanction(self) -> Sanction:
        """What the act says about money; the fee of SEND is a cost like the others."""
        return Sanction(self.min_cents, self.max_cents, self.costs_cents + self.send_fee_cents, self.discountable)

    @property
    def is_foreign(self) -> bool:
        """Whether the plate is of another country."""
        return self.country != ITALY

    @property
    def is_suspended(self) -> bool:
        """Whether an appeal or a plan has stopped the payment."""
        return Stage(self.stage) in SUSPENDED


class DriverData(EntityModel):
    """Who was driving, as the owner of the vehicle declares (art. 126-bis CdS). Kept as it was said: append-only."""

    fine = models.OneToOneField(Fine, models.PROTECT, verbose_name=_("multa"), related_name="driver_data")
    declared_by = models.ForeignKey(
        "portal_people.Person", models.PROTECT, verbose_name=_("dichiarato da"), related_name="+"
    )
    declared_at = models.DateTimeField(_("dichiarato il"))
    in_time = models.BooleanField(_("entro il termine"))
    first_name = models.CharField(_("nome"), max_length=60)
    last_name = models.CharField(_("cognome"), max_length=60)
    born_on = models.DateField(_("data di nascita"))
    born_in = models.CharField(_("luogo di nascita"), max_length=80)
    fiscal_code = models.CharField(_("codice fiscale"), max_length=16, blank=True)
    residence = models.CharField(_("residenza"), max_length=140)
    licence_number = models.CharField(_("numero della patente"), max_length=20)
    licence_category = models.CharField(_("categoria della patente"), max_length=4)
    licence_issuer = models.CharField(_("rilasciata da"), max_length=80)
    licence_expires_on = models.DateField(_("patente valida fino al"))

    class Meta:
        verbose_name = _("dati del conducente")
        verbose_name_plural = _("dati dei conducenti")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.fine} · {self.last_name}"
