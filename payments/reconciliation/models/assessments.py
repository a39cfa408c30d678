"""Revenue assessments (accertamenti) and the rules that say which of them the money of a kind of debt belongs to."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.entities.models import EntityModel

WHOLE = 1000


class RevenueAssessment(EntityModel):
    """A revenue assessment (accertamento) of a budget year. Its year and number are for ever once money is booked."""

    year = models.PositiveSmallIntegerField(_("esercizio"))
    number = models.CharField(_("numero"), max_length=20)
    office = models.CharField(_("ufficio"), max_length=40, blank=True)
    chapter = models.CharField(_("capitolo"), max_length=40)
    siope = models.CharField(_("codice SIOPE"), max_length=20, blank=True)
    description = models.CharField(_("descrizione"), max_length=200)
    cents = models.PositiveBigIntegerField(
        _("importo accertato in centesimi"),
        null=True,
        blank=True,
        help_text=_("vuoto: si accerta per cassa, senza un limite"),
    )
    final = models.BooleanField(
        _("definitivo"), default=True, help_text=_("su un accertamento provvisorio non si può riscuotere")
    )
    closed = models.BooleanField(
        _("esercizio chiuso"), default=False, help_text=_("un accertamento chiuso non riceve altre reversali")
    )
    for_duplicates = models.BooleanField(
        _("partita di giro per i doppi"),
        default=False,
        db_default=False,
        help_text=_("qui vanno i pagamenti doppi in attesa di rimborso: uno solo per esercizio"),
    )
    source = models.CharField(_("fonte"), max_length=200)

    class Meta:
        verbose_name = _("accertamento")
        verbose_name_plural = _("accertamenti")
        ordering = ["-year", "number"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "year", "number"], name="assessment_once_a_year"),
            models.UniqueConstraint(
                fields=["entity", "year"],
                condition=Q(for_duplicates=True),
                name="assessment_for_duplicates_once_a_year",
                violation_error_message=_("C'è già una partita di giro per i doppi in questo esercizio."),
            ),
        ]
        indexes = [models.Index(fields=["entity", "year", "chapter"], name="assessment_entity_chapter")]

    def __str__(self) -> str:
        return f"{self.number}/{self.year}"


class AllocationRule(EntityModel):
    """A share of a kind of debt and its assessment (regola di imputazione): named, or the one of a chapter in the
    year of the payment. The shares of a kind on a day never exceed the whole; what no rule takes waits for a person.
    """

    debt_kind = models.CharField(_("tipo di dovuto"), max_length=40, help_text=_("il codice del tipo di dovuto"))
    assessment = models.ForeignKey(
        RevenueAssessment,
        models.PROTECT,
        verbose_name=_("accertamento"),
        null=True,
        blank=True,
        related_name="rules",
    )
    chapter = models.CharField(
        _("capitolo"),
        max_length=40,
        blank=True,
        help_text=_("al posto dell'accertamento: vale quello del capitolo nell'anno del pagamento"),
    )
    permille = models.PositiveSmallIntegerField(_("quota per mille"), default=WHOLE)
    valid_from = models.DateField(_("valida dal"))
    valid_until = models.DateField(_("valida fino al"), null=True, blank=True)
    source = models.CharField(_("fonte"), max_length=200)
    confirmed_by = models.CharField(
        _("confermata da"), max_length=100, blank=True, help_text=_("senza una conferma la regola non si applica")
    )

    class Meta:
        verbose_name = _("regola di imputazione")
        verbose_name_plural = _("regole di imputazione")
        ordering = ["debt_kind", "-valid_from", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(assessment__isnull=False, chapter="") | (Q(assessment=None) & ~Q(chapter="")),
                name="allocation_to_an_assessment_or_a_chapter",
            ),
            models.CheckConstraint(condition=Q(permille__gte=1, permille__lte=WHOLE), name="allocation_share_in_range"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="allocation_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["entity", "debt_kind", "assessment", "chapter", "valid_from"],
                nulls_distinct=False,
                name="allocation_once_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.debt_kind} · {self.permille}‰"


class AssessmentFile(EntityModel):
    """A registry of assessments as somebody uploaded it; brought in all of it or nothing."""

    name = models.CharField(_("nome"), max_length=120)
    sha256 = models.CharField(_("impronta SHA-256"), max_length=64)
    content = models.BinaryField(_("contenuto"))
    received_at = models.DateTimeField(_("ricevuto il"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("caricato da"), null=True, related_name="+"
    )
    imported_at = models.DateTimeField(_("importato il"), null=True)
    imported_rows = models.PositiveIntegerField(_("righe importate"), default=0)

    class Meta:
        verbose_name = _("file degli accertamenti")
        verbose_name_plural = _("file degli accertamenti")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["entity", "sha256"], name="assessment_file_once")]

    def __str__(self) -> str:
        return self.name
