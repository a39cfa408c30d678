"""The register of protocol (registro di protocollo, DPR 445/2000 art. 53)."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


DIRECTION_LABELS = {Direction.IN: _("in entrata"), Direction.OUT: _("in uscita")}


class NumberSeries(EntityModel):
    """Last number given out in a series (protocol, cases, permits) of a body and year. Its row lock makes the
    numbers gap-free: a rolled back transaction gives its number back."""

    series = models.SlugField(_("serie"), max_length=40)
    year = models.PositiveSmallIntegerField(_("anno"))
    last = models.PositiveIntegerField(_("ultimo numero"), default=0)

    class Meta:
        verbose_name = _("serie di numeri")
        verbose_name_plural = _("serie di numeri")
        constraints = [models.UniqueConstraint(fields=["entity", "series", "year"], name="number_series_once_a_year")]

    def __str__(self) -> str:
        return f"{self.series} {self.year}: {self.last}"


class ProtocolEntry(EntityModel):
    """A registration. Append-only: number, date, counterpart, object and fingerprint can never change."""

    year = models.PositiveSmallIntegerField(_("anno"))
    number = models.PositiveIntegerField(_("numero"))
    registered_at = models.DateTimeField(_("registrato il"))
    direction = models.CharField(_("verso"), max_length=3, choices=labels(Direction, DIRECTION_LABELS))
    subject = models.CharField(_("oggetto"), max_length=200)
    counterpart = models.CharField(_("mittente o destinatario"), max_length=200)
    source = models.CharField(_("origine"), max_length=80)
    document_sha256 = models.CharField(_("impronta del documento"), max_length=64)

    class Meta:
        verbose_name = _("registrazione di protocollo")
        verbose_name_plural = _("registrazioni di protocollo")
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "year", "number"], name="protocol_number_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="protocol_number_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.number:07d}/{self.year}"
