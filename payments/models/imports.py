"""Files that bring positions in: kept as they came, what reading them gave, and which row became which position."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.models.positions import Position
from portal.entities.models import EntityModel


class PositionFile(EntityModel):
    """A file of positions. Append-only; the same bytes are kept once."""

    name = models.CharField(_("nome del file"), max_length=120)
    sha256 = models.CharField(_("impronta SHA-256"), max_length=64)
    size = models.PositiveIntegerField(_("dimensione in byte"))
    content = models.BinaryField(_("contenuto"))
    received_at = models.DateTimeField(_("caricato il"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("caricato da"), null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("file di posizioni")
        verbose_name_plural = _("file di posizioni")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["entity", "sha256"], name="position_file_once")]

    def __str__(self) -> str:
        return self.name


class PositionFileReading(EntityModel):
    """What reading a file gave, and when its rows were brought in."""

    file = models.OneToOneField(PositionFile, models.PROTECT, verbose_name=_("file"), related_name="reading")
    new_rows = models.PositiveIntegerField(_("righe nuove"), default=0)
    known_rows = models.PositiveIntegerField(_("righe già presenti"), default=0)
    new_cents = models.PositiveBigIntegerField(_("importo in centesimi"), default=0)
    errors_count = models.PositiveIntegerField(_("errori"), default=0)
    errors = models.JSONField(_("righe con errori"), default=list, blank=True)
    read_at = models.DateTimeField(_("letto il"))
    imported_at = models.DateTimeField(_("importato il"), null=True, blank=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("importato da"), null=True, blank=True,
        related_name="+",
    )  # fmt: skip

    class Meta:
        verbose_name = _("lettura di un file di posizioni")
        verbose_name_plural = _("letture dei file di posizioni")
        constraints = [
            models.CheckConstraint(
                condition=Q(imported_at__isnull=True) | Q(errors_count=0), name="position_file_all_or_nothing"
            )
        ]

    def __str__(self) -> str:
        return str(self.file)


class ImportedPosition(EntityModel):
    """Which row of which file a position comes from. An identifier of the office is used once."""

    file = models.ForeignKey(PositionFile, models.PROTECT, verbose_name=_("file"), related_name="positions")
    line = models.PositiveIntegerField(_("riga"))
    external_id = models.CharField(_("identificativo dell'ufficio"), max_length=64)
    digest = models.CharField(_("impronta della riga"), max_length=64)
    position = models.OneToOneField(Position, models.PROTECT, verbose_name=_("posizione"), related_name="imported_from")

    class Meta:
        verbose_name = _("posizione importata")
        verbose_name_plural = _("posizioni importate")
        constraints = [models.UniqueConstraint(fields=["entity", "external_id"], name="imported_position_once")]

    def __str__(self) -> str:
        return self.external_id
