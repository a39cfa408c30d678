"""What persons say and no document does: that a payment is a double one, that a credit came outside pagoPA."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.models.treasury import TreasuryMovement
from portal.entities.models import EntityModel


class DuplicateMark(EntityModel):
    """A payment that a person calls a double one (segnato doppio): the notice on the windscreen and the fine, two
    positions for the same act. Never deleted; who finds it wrong takes it back, once, with a reason.
    """

    # None when only a flow reported it: IUV and IUR say which payment it is, also to the receipt that comes later.
    receipt = models.ForeignKey(
        "payments.Receipt", models.PROTECT, verbose_name=_("ricevuta"), null=True, related_name="duplicate_marks"
    )
    iuv = models.CharField(_("IUV"), max_length=35)
    iur = models.CharField(_("identificativo di riscossione (IUR)"), max_length=255)
    first = models.ForeignKey(
        "payments.Receipt", models.PROTECT, verbose_name=_("ricevuta del pagamento che vale"), related_name="+"
    )
    first_iuv = models.CharField(_("IUV del pagamento che vale"), max_length=35)
    first_on = models.DateField(_("pagato la prima volta il"))
    reason = models.CharField(_("motivo"), max_length=300)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("segnato da"), related_name="+"
    )
    made_at = models.DateTimeField(_("segnato il"))
    live = models.BooleanField(_("valido"), default=True)
    revoked_at = models.DateTimeField(_("annullato il"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("annullato da"), null=True, related_name="+"
    )
    revoked_reason = models.CharField(_("motivo dell'annullamento"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("pagamento segnato doppio")
        verbose_name_plural = _("pagamenti segnati doppi")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "iuv", "iur"], condition=Q(live=True), name="duplicate_mark_live_once"
            ),
            models.CheckConstraint(condition=~Q(receipt=models.F("first")), name="duplicate_mark_of_another"),
            models.CheckConstraint(condition=~Q(reason=""), name="duplicate_mark_says_why"),
            models.CheckConstraint(
                condition=Q(live=True, revoked_at=None, revoked_by=None, revoked_reason="")
                | (Q(live=False, revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revoked_reason="")),
                name="duplicate_mark_taken_back_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.iuv} · {self.iur}"


class OutsideCredit(EntityModel):
    """The credit of the treasury that brought a payment outside pagoPA (accredito di un pagamento fuori da pagoPA).

    It counts while the payment is confirmed: who refuses or reverses the payment frees the credit. Never deleted, and
    changed once: when the journal names a provisional of a list, the credit goes on with the movement of the journal.
    """

    movement = models.ForeignKey(
        TreasuryMovement, models.PROTECT, verbose_name=_("movimento"), related_name="outside_credits"
    )
    list_movement = models.ForeignKey(
        TreasuryMovement, models.PROTECT, verbose_name=_("provvisorio dell'elenco"), null=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    outside = models.OneToOneField(
        "payments.OutsidePayment", models.PROTECT, verbose_name=_("pagamento fuori da pagoPA"), related_name="credit"
    )
    reference = models.CharField(_("riferimento letto nella causale"), max_length=35, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("registrato da"), related_name="+"
    )
    made_at = models.DateTimeField(_("registrato il"))

    class Meta:
        verbose_name = _("accredito di un pagamento fuori da pagoPA")
        verbose_name_plural = _("accrediti di pagamenti fuori da pagoPA")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.movement} · {self.outside}"
