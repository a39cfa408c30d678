"""Reporting flows and their lines. Append-only."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.domain.flow_names import LONGEST
from payments.reconciliation.models.evidence import EvidenceFile
from portal.entities.models import EntityModel

OUTCOME_LABELS = {
    0: _("eseguito"),
    3: _("revocato"),
    4: _("eseguito in stand-in"),
    8: _("eseguito in stand-in, senza RPT"),
    9: _("eseguito senza RPT"),
}


class ReportingFlow(EntityModel):
    """What a PSP says it credited with one transfer (flusso di rendicontazione).

    A whole one replaces one that was cut, or has lines that cannot be read; then a higher revision; among equal
    revisions, a later `created_at`.
    """

    evidence = models.OneToOneField(EvidenceFile, models.PROTECT, verbose_name=_("file acquisito"), related_name="flow")
    psp_id = models.CharField(_("codice del PSP"), max_length=35)
    # Who sends is known by one code, and by another to the node: letters, reports and requests to it go by that one.
    node_psp = models.CharField(_("codice del PSP sul nodo"), max_length=35, blank=True, default="", db_default="")
    psp_name = models.CharField(_("PSP"), max_length=70, blank=True)
    iuf = models.CharField(_("identificativo del flusso (IUF)"), max_length=35)
    iuf_key = models.CharField(max_length=LONGEST, editable=False)
    revision = models.PositiveIntegerField(_("revisione"))
    receiver = models.CharField(_("ente ricevente"), max_length=35)
    regulation_id = models.CharField(_("regolamento (TRN)"), max_length=35)
    regulation_date = models.DateField(_("data di regolamento"))
    created_at = models.DateTimeField(_("creato dal PSP il"))
    published_at = models.DateTimeField(_("pubblicato il"), null=True)
    declared_count = models.PositiveIntegerField(_("pagamenti dichiarati"))
    declared_cents = models.BigIntegerField(_("totale dichiarato in centesimi"))
    computed_count = models.PositiveIntegerField(_("pagamenti contati"))
    # As written, when what is declared is the sum of the lines as they are written (revoked amounts without a minus).
    computed_cents = models.BigIntegerField(_("totale calcolato in centesimi"))
    whole = models.BooleanField(_("arrivato per intero"), default=True, db_default=True)

    class Meta:
        verbose_name = _("flusso di rendicontazione")
        verbose_name_plural = _("flussi di rendicontazione")
        ordering = ["-regulation_date", "-pk"]
        constraints = [
            # The IUF can be sent again: hence PSP and revision. A file of the archive has no revision: the later
            # instant of creation replaces the earlier one.
            models.UniqueConstraint(
                fields=["entity", "psp_id", "iuf_key", "revision", "created_at"],
                condition=models.Q(whole=True),
                name="flow_sent_once",
            )
        ]
        indexes = [
            models.Index(fields=["entity", "iuf_key"], name="flow_entity_iuf"),
            models.Index(fields=["entity", "regulation_id"], name="flow_entity_regulation"),
        ]

    def __str__(self) -> str:
        return self.iuf


class FlowLine(EntityModel):
    """One payment of a flow (riga di flusso). Cents are negative when it is revoked."""

    flow = models.ForeignKey(ReportingFlow, models.PROTECT, verbose_name=_("flusso"), related_name="lines")
    seq = models.PositiveIntegerField(_("riga"))
    iuv = models.CharField(_("IUV"), max_length=35)
    iur = models.CharField(_("identificativo di riscossione (IUR)"), max_length=35)
    transfer = models.PositiveSmallIntegerField(_("versamento"))
    cents = models.BigIntegerField(_("importo in centesimi"))
    outcome = models.PositiveSmallIntegerField(_("esito"), choices=list(OUTCOME_LABELS.items()))
    paid_on = models.DateField(_("pagato il"))

    class Meta:
        verbose_name = _("riga di flusso")
        verbose_name_plural = _("righe di flusso")
        ordering = ["flow", "seq"]
        constraints = [models.UniqueConstraint(fields=["flow", "seq"], name="flow_line_once")]
        indexes = [models.Index(fields=["entity", "iuv", "iur"], name="flow_line_entity_iuv_iur")]

    def __str__(self) -> str:
        return f"{self.iuv} · {self.iur}"
