"""The socket between services and payments: what somebody owes, and for what."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.billing.domain.states import State
from portal.entities.models import EntityModel
from portal.kernel.choices import labels

STATE_LABELS = {State.REQUESTED: _("da pagare"), State.SETTLED: _("pagato"), State.CANCELLED: _("annullato")}


class Charge(EntityModel):
    """A sum a service asks for (onere). The notice number and the state are mirrored here by the biller."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.CharField(_("origine"), max_length=80)
    handler = models.CharField(_("gestore dell'esito"), max_length=80)
    payer_kind = models.CharField(
        _("tipo di debitore"), max_length=1, choices=[("F", _("persona fisica")), ("G", _("persona giuridica"))]
    )
    payer_fiscal_code = models.CharField(_("codice fiscale del debitore"), max_length=16)
    payer_name = models.CharField(_("debitore"), max_length=140)
    payer_email = models.EmailField(_("e-mail del debitore"), blank=True)
    description = models.CharField(_("causale"), max_length=140)
    amount_cents = models.PositiveIntegerField(_("importo in centesimi"))
    due_on = models.DateField(_("scadenza"), null=True)
    state = models.CharField(_("stato"), max_length=10, choices=labels(State, STATE_LABELS), default=State.REQUESTED)
    notice_number = models.CharField(_("numero avviso"), max_length=18, blank=True)
    created_at = models.DateTimeField(_("richiesto il"))
    settled_at = models.DateTimeField(_("pagato il"), null=True)
    paid_cents = models.PositiveBigIntegerField(_("importo pagato in centesimi"), null=True)
    receipt_reference = models.CharField(_("identificativo della ricevuta"), max_length=140, blank=True)
    paid_outside = models.CharField(
        _("pagato fuori da pagoPA"),
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text=_("come, per esempio con bonifico"),
    )
    listed = models.BooleanField(
        _("nell'area personale anche da pagare"),
        default=True,
        db_default=True,
        help_text=_("no: lo ha chiesto qualcuno che non ha dimostrato di essere il debitore; si vede quando è pagato"),
    )

    class Meta:
        verbose_name = _("onere")
        verbose_name_plural = _("oneri")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["source"], name="charge_source")]
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="charge_amount_positive"),
            models.CheckConstraint(
                condition=~Q(state=State.SETTLED) | Q(settled_at__isnull=False), name="charge_settled_has_a_time"
            ),
            models.UniqueConstraint(
                fields=["source"], condition=Q(state=State.REQUESTED), name="charge_one_open_a_source"
            ),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def final_cents(self) -> int:
        """What was paid, which a discount or a delay may have changed; before that, what was asked."""
        return self.amount_cents if self.paid_cents is None else self.paid_cents


class ChargeLine(EntityModel):
    """One item of a charge: stamp duty, processing fee, indemnity."""

    charge = models.ForeignKey(Charge, models.PROTECT, related_name="lines")
    seq = models.PositiveSmallIntegerField(_("riga"))
    code = models.SlugField(_("voce"), max_length=40)
    description = models.CharField(_("descrizione"), max_length=140)
    cents = models.PositiveIntegerField(_("importo in centesimi"))
    debt_kind = models.CharField(_("tipo di dovuto"), max_length=40)
    stamp_digest = models.CharField(_("impronta SHA-256 del documento da bollare"), max_length=64, blank=True)
    stamp_province = models.CharField(_("provincia di residenza"), max_length=2, blank=True)

    class Meta:
        verbose_name = _("voce dell'onere")
        verbose_name_plural = _("voci dell'onere")
        ordering = ["charge", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["charge", "seq"], name="charge_line_seq_once"),
            models.CheckConstraint(condition=Q(cents__gt=0), name="charge_line_positive"),
        ]

    def __str__(self) -> str:
        return self.description
