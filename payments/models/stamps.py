"""Digital stamps that receipts bring (evidence) and, beside them, what the checks say. Both append-only."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.domain.codes import grouped
from payments.domain.stamps import FINDING_LABELS, STATE_LABELS, StampFinding, StampState
from payments.models.receipts import ReceiptTransfer
from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class StampAttachment(EntityModel):
    """The signed document (marca da bollo digitale) of one transfer of a receipt, as it came."""

    transfer = models.OneToOneField(
        ReceiptTransfer, models.PROTECT, verbose_name=_("versamento della ricevuta"), related_name="stamp"
    )
    received_at = models.DateTimeField(_("arrivata il"))
    sha256 = models.CharField(_("impronta"), max_length=64)
    raw = models.BinaryField(_("documento originale"))

    class Meta:
        verbose_name = _("marca da bollo digitale")
        verbose_name_plural = _("marche da bollo digitali")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{grouped(self.transfer.receipt.nav)} · {self.transfer.seq}"

    @property
    def last_check(self) -> "StampCheck | None":
        """What is known now: the newest check, None while nobody has looked."""
        return max(self.checks.all(), key=lambda check: check.pk, default=None)


class StampCheck(EntityModel):
    """One check of a stamp. Another can follow, when the certificates of who signs become known."""

    attachment = models.ForeignKey(StampAttachment, models.PROTECT, verbose_name=_("marca"), related_name="checks")
    checked_at = models.DateTimeField(_("controllata il"))
    state = models.CharField(_("esito"), max_length=12, choices=labels(StampState, STATE_LABELS))
    findings: Any = models.JSONField(_("che cosa non va"), default=list, blank=True)
    iubd = models.CharField(_("IUBD"), max_length=255, blank=True)
    digest = models.CharField(_("impronta del documento bollato"), max_length=128, blank=True)
    amount_cents = models.BigIntegerField(_("importo in centesimi"), null=True)
    bought_at = models.DateTimeField(_("acquistata il"), null=True)
    psp_fiscal_code = models.CharField(_("codice fiscale del PSP"), max_length=70, blank=True)
    psp_name = models.CharField(_("PSP"), max_length=140, blank=True)

    class Meta:
        verbose_name = _("controllo di una marca")
        verbose_name_plural = _("controlli delle marche")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["entity", "iubd"], name="stamp_check_entity_iubd")]

    def __str__(self) -> str:
        return self.get_state_display()

    def finding_labels(self) -> list[str]:
        """The reasons in Italian."""
        return [FINDING_LABELS[StampFinding(code)] for code in self.findings]
