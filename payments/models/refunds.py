"""Money that goes back to who paid: asked for by one person, approved by another."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payments.domain.refunds import DECIDED, STATE_LABELS, State, masked_account
from payments.models.receipts import ReceiptCase
from portal.entities.models import EntityModel
from portal.kernel.choices import labels

_ORDERED = [State.ORDERED, State.DONE]


class Refund(EntityModel):
    """A refund (rimborso) of a receipt, whole or in part. See the triggers: what was asked for does not change, and
    the refunds of a receipt never exceed it.
    """

    case = models.ForeignKey(ReceiptCase, models.PROTECT, verbose_name=_("ricevuta"), related_name="refunds")
    state = models.CharField(_("stato"), max_length=10, choices=labels(State, STATE_LABELS), default=State.REQUESTED)
    amount_cents = models.PositiveBigIntegerField(_("importo in centesimi"))
    beneficiary_name = models.CharField(_("beneficiario"), max_length=140)
    iban = models.CharField(_("IBAN"), max_length=34)
    reason = models.CharField(_("motivo"), max_length=300)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("chiesto da"), related_name="+"
    )
    requested_at = models.DateTimeField(_("chiesto il"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("deciso da"), null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("deciso il"), null=True, blank=True)
    order_reference = models.CharField(_("mandato di pagamento"), max_length=60, blank=True)
    ordered_at = models.DateTimeField(_("disposto il"), null=True, blank=True)
    outcome_reference = models.CharField(_("riferimento dell'esito"), max_length=140, blank=True)
    closed_at = models.DateTimeField(_("concluso il"), null=True, blank=True)
    note = models.CharField(_("annotazione"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("rimborso")
        verbose_name_plural = _("rimborsi")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gte=1), name="refund_amount_positive"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")), name="refund_two_people"
            ),
            models.CheckConstraint(
                condition=Q(state=State.REQUESTED, decided_by__isnull=True)
                | Q(state__in=sorted(DECIDED), decided_by__isnull=False, decided_at__isnull=False),
                name="refund_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_ORDERED) | (Q(ordered_at__isnull=False) & ~Q(order_reference="")),
                name="refund_ordered_has_a_reference",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True)
                ^ Q(state__in=[State.DONE, State.REFUSED, State.FAILED], closed_at__isnull=False),
                name="refund_closed_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["entity", "state"], name="refund_entity_state")]

    def __str__(self) -> str:
        return f"{self.case_id} · {self.masked_iban}"

    @property
    def masked_iban(self) -> str:
        """The account as lists show it."""
        return masked_account(self.iban)
