"""Dated rates of a body, and the tables of the wear indemnity."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from exceptional_transport.domain.fees import BASE_ITEMS
from portal.entities.models import EntityModel


class FeeRate(EntityModel):
    """A fixed amount (tariffa). A row that nobody confirmed blocks the charge (house rule 7: law is data)."""

    code = models.CharField(_("voce"), max_length=40, choices=[(code, words) for code, words, _debt in BASE_ITEMS])
    cents = models.PositiveIntegerField(_("importo in centesimi"))
    valid_from = models.DateField(_("in vigore dal"))
    valid_to = models.DateField(_("in vigore fino al"), null=True, blank=True)
    source = models.CharField(_("fonte"), max_length=200)
    confirmed_by = models.CharField(_("confermata da"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("tariffa")
        verbose_name_plural = _("tariffe")
        ordering = ["code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "code", "valid_from"], name="fee_rate_once_a_date"),
            models.CheckConstraint(condition=Q(cents__gt=0), name="fee_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()} dal {self.valid_from:%d/%m/%Y}"


METHODS = [("analytic", _("analitico (€ al km)")), ("conventional", _("convenzionale (€ l'anno)"))]


class WearTable(EntityModel):
    """A table of the wear indemnity (art. 18 DPR 495/1992). Only an approved one is used."""

    name = models.CharField(_("nome"), max_length=120)
    method = models.CharField(_("metodo"), max_length=12, choices=METHODS)
    multiplier = models.DecimalField(_("coefficiente di rivalutazione ISTAT"), max_digits=7, decimal_places=4)
    valid_from = models.DateField(_("in vigore dal"))
    valid_to = models.DateField(_("in vigore fino al"), null=True, blank=True)
    source = models.CharField(_("atto di approvazione"), max_length=200)
    approved = models.BooleanField(_("approvata"), default=False)

    class Meta:
        verbose_name = _("tabella dell'indennizzo di usura")
        verbose_name_plural = _("tabelle dell'indennizzo di usura")
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "method", "valid_from"], name="wear_table_once_a_date"),
        ]

    def __str__(self) -> str:
        return self.name


class WearBracket(EntityModel):
    """Unit amount up to a total mass."""

    table = models.ForeignKey(WearTable, models.CASCADE, related_name="brackets")
    up_to_kg = models.PositiveIntegerField(_("fino a kg"))
    unit = models.DecimalField(_("importo unitario in euro"), max_digits=10, decimal_places=5)

    class Meta:
        verbose_name = _("scaglione")
        verbose_name_plural = _("scaglioni")
        ordering = ["up_to_kg"]
        constraints = [models.UniqueConstraint(fields=["table", "up_to_kg"], name="wear_bracket_once")]

    def __str__(self) -> str:
        return f"{self.up_to_kg}"
