"""Documents as they arrived, and what reading them gave. Both append-only."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class EvidenceKind(StrEnum):
    REPORTING_FLOW = "reporting_flow"
    TREASURY_JOURNAL = "treasury_journal"
    PROVISIONALS_CSV = "provisionals_csv"
    BANK_STATEMENT = "bank_statement"
    POSTAL_STATEMENT = "postal_statement"
    CAMT053 = "camt053"
    UNKNOWN = "unknown"


KIND_LABELS = {
    EvidenceKind.REPORTING_FLOW: _("flusso di rendicontazione"),
    EvidenceKind.TREASURY_JOURNAL: _("giornale di cassa"),
    EvidenceKind.PROVISIONALS_CSV: _("elenco dei provvisori"),
    EvidenceKind.BANK_STATEMENT: _("estratto conto bancario"),
    EvidenceKind.POSTAL_STATEMENT: _("estratto conto postale"),
    EvidenceKind.CAMT053: _("estratto conto camt.053"),
    EvidenceKind.UNKNOWN: _("documento non riconosciuto"),
}


class Channel(StrEnum):
    API = "api"
    FOLDER = "folder"
    UPLOAD = "upload"
    SERVICE = "service"


CHANNEL_LABELS = {
    Channel.API: _("servizio del nodo"),
    Channel.FOLDER: _("cartella del tesoriere"),
    Channel.UPLOAD: _("caricato da un utente"),
    Channel.SERVICE: _("mandato da un altro sistema"),
}


class EvidenceFile(EntityModel):
    """A document of the outside (file acquisito), bytes in the row: one transaction, one trigger, one backup."""

    kind = models.CharField(_("tipo"), max_length=20, choices=labels(EvidenceKind, KIND_LABELS))
    sha256 = models.CharField(_("impronta SHA-256"), max_length=64)
    name = models.CharField(_("nome"), max_length=120)
    size = models.PositiveIntegerField(_("dimensione in byte"))
    channel = models.CharField(_("arrivato da"), max_length=10, choices=labels(Channel, CHANNEL_LABELS))
    received_at = models.DateTimeField(_("ricevuto il"))
    content = models.BinaryField(_("contenuto"))

    class Meta:
        verbose_name = _("file acquisito")
        verbose_name_plural = _("file acquisiti")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["entity", "kind", "sha256"], name="evidence_once")]

    def __str__(self) -> str:
        return self.name


class ReadingState(StrEnum):
    READ = "read"
    FLAGGED = "flagged"
    BROKEN = "broken"


READING_LABELS = {
    ReadingState.READ: _("letto"),
    ReadingState.FLAGGED: _("letto con osservazioni"),
    ReadingState.BROKEN: _("non leggibile per intero"),
}


class EvidenceReading(EntityModel):
    """What was found in a document, row beside the evidence: a fault is a remark, never a refusal."""

    evidence = models.OneToOneField(
        EvidenceFile, models.PROTECT, verbose_name=_("file acquisito"), related_name="reading"
    )
    state = models.CharField(_("lettura"), max_length=8, choices=labels(ReadingState, READING_LABELS))
    warnings = models.JSONField(_("osservazioni"), default=list)
    loaded = models.PositiveIntegerField(_("righe caricate"), default=0)
    read_at = models.DateTimeField(_("letto il"))

    class Meta:
        verbose_name = _("lettura")
        verbose_name_plural = _("letture")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.get_state_display()
