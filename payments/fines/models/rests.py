"""What the office decided about a fine paid too little."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.fines.domain.rests import DECISION_LABELS, Decision
from payments.fines.models.acts import Fine
from payments.models import Position
from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class FineRest(EntityModel):
    """The difference of a fine (differenza): asked for with a position of its own, or let go with a reason.

    Append-only: when a difference that was asked for is cancelled, or the payment that was let go as enough is taken
    back, the next decision is another row.
    """

    fine = models.ForeignKey(Fine, models.PROTECT, verbose_name=_("multa"), related_name="rests")
    decision = models.CharField(_("decisione"), max_length=8, choices=labels(Decision, DECISION_LABELS))
    paid_on = models.DateField(_("pagata il"))
    paid_cents = models.PositiveBigIntegerField(_("pagato in centesimi"))
    due_cents = models.PositiveBigIntegerField(_("dovuto in centesimi"))
    position = models.OneToOneField(
        Position, models.PROTECT, verbose_name=_("posizione"), null=True, blank=True, related_name="fine_rest"
    )
    reason = models.CharField(_("motivo"), max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("deciso da"), null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("deciso il"))

    class Meta:
        verbose_name = _("differenza di una multa")
        verbose_name_plural = _("differenze di multe")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(due_cents__gt=models.F("paid_cents")), name="fine_rest_is_something"),
            models.CheckConstraint(
                condition=Q(decision=Decision.ASKED, position__isnull=False)
                | (Q(decision=Decision.ACCEPTED, position__isnull=True) & ~Q(reason="")),
                name="fine_rest_asked_or_let_go",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fine} · {self.get_decision_display()}"

    @property
    def cents(self) -> int:
        """The difference."""
        return self.due_cents - self.paid_cents
