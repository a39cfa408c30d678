"""Receipts as they arrived (evidence) and, beside them, what we make of them."""

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.domain.judgement import ANOMALY_LABELS, Anomaly
from payments.models.positions import Instalment
from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class Receipt(EntityModel):
    """A receipt (ricevuta telematica, RT) of one of our bodies. Append-only, never refused, raw message included."""

    operation = models.CharField(_("operazione"), max_length=20)
    nav = models.CharField(_("codice avviso"), max_length=18)
    iuv = models.CharField(_("IUV"), max_length=35)
    receipt_id = models.CharField(_("identificativo della ricevuta"), max_length=255)
    issuer_fiscal_code = models.CharField(_("ente dell'avviso"), max_length=11)
    outcome = models.CharField(_("esito"), max_length=2)
    amount_cents = models.PositiveBigIntegerField(_("importo in centesimi"))
    fee_cents = models.PositiveBigIntegerField(_("commissione in centesimi"), null=True)
    psp_id = models.CharField(_("codice del PSP"), max_length=35)
    psp_name = models.CharField(_("PSP"), max_length=70)
    channel = models.CharField(_("canale"), max_length=35)
    payment_method = models.CharField(_("metodo di pagamento"), max_length=35, blank=True)
    paid_at = models.DateTimeField(_("pagata il"), null=True)
    applied_on = models.DateField(_("data di applicazione"), null=True)
    transferred_on = models.DateField(_("data di riversamento"), null=True)
    stand_in = models.BooleanField(_("in stand-in"), default=False)
    payment_note = models.CharField(_("nota del pagamento (carrello)"), max_length=210, blank=True)
    metadata = models.JSONField(_("dati aggiuntivi"), default=dict, blank=True)
    received_at = models.DateTimeField(_("ricevuta il"))
    raw = models.BinaryField(_("messaggio originale"))

    class Meta:
        verbose_name = _("ricevuta")
        verbose_name_plural = _("ricevute")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["entity", "iuv"], name="receipt_entity_iuv")]
        constraints = [
            models.UniqueConstraint(fields=["entity", "nav", "receipt_id"], name="receipt_once"),
        ]

    def __str__(self) -> str:
        return f"{self.nav} · {self.receipt_id}"


class ReceiptTransfer(EntityModel):
    """One transfer as the receipt reports it. Append-only."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, verbose_name=_("ricevuta"), related_name="transfers")
    seq = models.PositiveSmallIntegerField(_("progressivo"))
    beneficiary_fiscal_code = models.CharField(_("codice fiscale del beneficiario"), max_length=11)
    amount_cents = models.PositiveBigIntegerField(_("importo in centesimi"))
    iban = models.CharField(_("IBAN"), max_length=35, blank=True)
    is_stamp = models.BooleanField(_("marca da bollo digitale"), default=False)
    category = models.CharField(_("codice della tassonomia"), max_length=140)
    remittance = models.CharField(_("causale"), max_length=140)

    class Meta:
        verbose_name = _("versamento della ricevuta")
        verbose_name_plural = _("versamenti delle ricevute")
        ordering = ["receipt", "seq"]

    def __str__(self) -> str:
        return f"{self.seq} · {self.remittance}"


class CaseState(StrEnum):
    ARRIVED = "arrived"
    MATCHED = "matched"
    TO_REVIEW = "to_review"
    RESOLVED = "resolved"


CASE_STATE_LABELS = {
    CaseState.ARRIVED: _("arrivata"),
    CaseState.MATCHED: _("abbinata"),
    CaseState.TO_REVIEW: _("da verificare"),
    CaseState.RESOLVED: _("verificata"),
}


class ReceiptCase(EntityModel):
    """What we make of a receipt: its match, or the reasons why somebody must look at it."""

    receipt = models.OneToOneField(Receipt, models.PROTECT, verbose_name=_("ricevuta"), related_name="case")
    state = models.CharField(
        _("stato"), max_length=12, choices=labels(CaseState, CASE_STATE_LABELS), default=CaseState.ARRIVED
    )
    instalment = models.ForeignKey(
        Instalment, models.PROTECT, verbose_name=_("rata"), null=True, blank=True, related_name="receipt_cases"
    )
    settles = models.BooleanField(_("ha saldato la rata"), default=False)
    anomalies = models.JSONField(_("anomalie"), default=list, blank=True)
    judged_at = models.DateTimeField(_("esaminata il"), null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("verificata da"), null=True, related_name="+"
    )
    note = models.CharField(_("annotazione"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("ricevuta da verificare")
        verbose_name_plural = _("ricevute da verificare")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["instalment"], condition=Q(settles=True), name="instalment_settled_by_one_receipt"
            ),
            models.CheckConstraint(
                condition=~Q(state=CaseState.MATCHED) | Q(instalment__isnull=False), name="matched_has_an_instalment"
            ),
        ]

    def __str__(self) -> str:
        return str(self.receipt)

    def anomaly_labels(self) -> list[str]:
        """The reasons in Italian."""
        return [ANOMALY_LABELS[Anomaly(code)] for code in self.anomalies]
