"""Files of the police back office: kept as they came, then read."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.fines.domain.imports import STATE_LABELS, State
from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class FileKind(StrEnum):
    ACTS = "acts"
    SERVED = "served"


KIND_LABELS = {FileKind.ACTS: _("verbali"), FileKind.SERVED: _("date di notifica")}


class FineFile(EntityModel):
    """A file as it came (evidence). Append-only; the same bytes are kept once."""

    kind = models.CharField(_("contenuto"), max_length=8, choices=labels(FileKind, KIND_LABELS))
    name = models.CharField(_("nome"), max_length=120)
    size = models.PositiveIntegerField(_("dimensione in byte"))
    sha256 = models.CharField(_("impronta SHA-256"), max_length=64)
    received_at = models.DateTimeField(_("ricevuto il"))
    received_from = models.CharField(_("caricato da"), max_length=150)
    content = models.BinaryField(_("file originale"))

    class Meta:
        verbose_name = _("file dei verbali")
        verbose_name_plural = _("file dei verbali")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["entity", "kind", "sha256"], name="fine_file_once")]

    def __str__(self) -> str:
        return self.name


class FineImport(EntityModel):
    """What reading a file gave, and whether its rows are in."""

    file = models.OneToOneField(FineFile, models.PROTECT, verbose_name=_("file"), related_name="reading")
    state = models.CharField(_("stato"), max_length=8, choices=labels(State, STATE_LABELS))
    totals = models.JSONField(_("totali"), default=dict)
    new_rows = models.PositiveIntegerField(_("righe importate"), default=0)
    known_rows = models.PositiveIntegerField(_("righe già presenti"), default=0)
    checked_at = models.DateTimeField(_("controllato il"))
    done_at = models.DateTimeField(_("importato il"), null=True, blank=True)

    class Meta:
        verbose_name = _("importazione di verbali")
        verbose_name_plural = _("importazioni di verbali")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=State.DONE) | models.Q(done_at__isnull=False),
                name="fine_import_done_has_a_time",
            )
        ]

    def __str__(self) -> str:
        return str(self.file)
