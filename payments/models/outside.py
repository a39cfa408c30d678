"""Money that did not pass through pagoPA: recorded by one person, confirmed by another."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payments.domain.outside import HOW_LABELS, PAID_HOW, STATE_LABELS, How, State
from payments.models.positions import Instalment, Position
from portal.entities.models import EntityModel
from portal.kernel.choices import labels
from portal.words import said

_DECIDED = [State.CONFIRMED, State.REFUSED, State.REVERSED]
_PAYMENT = Q(reverses__isnull=True)


class OutsidePayment(EntityModel):
    """A payment made outside pagoPA (pagamento fuori da pagoPA), or the contrary entry (storno) that takes one back.

    See the triggers: what was recorded does not change, what was decided neither.
    """

    position = models.ForeignKey(Position, models.PROTECT, verbose_name=_("posizione"), related_name="outside_payments")
    reverses = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("storno di"), null=True, blank=True, related_name="reversals"
    )
    state = models.CharField(_("stato"), max_length=10, choices=labels(State, STATE_LABELS), default=State.REQUESTED)
    credited_on = models.DateField(_("accreditato il"))
    amount_cents = models.PositiveBigIntegerField(_("importo in centesimi"))
    how = models.CharField(_("modo"), max_length=10, choices=labels(How, HOW_LABELS))
    reference = models.CharField(_("riferimento (CRO, TRN o altro)"), max_length=35, blank=True)
    document = models.ForeignKey(
        "portal_documents.StoredFile", models.PROTECT, verbose_name=_("documento"), null=True, blank=True,
        related_name="+",
    )  # fmt: skip
    note = models.CharField(_("annotazione"), max_length=300, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("registrato da"), related_name="+"
    )
    requested_at = models.DateTimeField(_("registrato il"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("deciso da"), null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("deciso il"), null=True, blank=True)
    decision = models.CharField(_("motivo della decisione"), max_length=300, blank=True)
    instalment = models.ForeignKey(
        Instalment, models.PROTECT, verbose_name=_("rata"), null=True, blank=True, related_name="outside_payments"
    )
    due_cents = models.PositiveBigIntegerField(_("dovuto in centesimi"), null=True, blank=True)
    as_balance = models.BooleanField(_("accettato come saldo"), default=False)

    class Meta:
        verbose_name = _("pagamento fuori da pagoPA")
        verbose_name_plural = _("pagamenti fuori da pagoPA")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_cents__gte=1), name="outside_amount_positive"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")), name="outside_two_people"
            ),
            models.CheckConstraint(
                condition=Q(state=State.REQUESTED, decided_by__isnull=True)
                | Q(state__in=_DECIDED, decided_by__isnull=False, decided_at__isnull=False),
                name="outside_decided_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(state=State.REFUSED) | ~Q(decision=""), name="outside_refused_has_why"),
            models.CheckConstraint(
                condition=~_PAYMENT
                | ~Q(state__in=[State.CONFIRMED, State.REVERSED])
                | Q(instalment__isnull=False, due_cents=F("amount_cents"), as_balance=False)
                | (Q(instalment__isnull=False, due_cents__isnull=False, as_balance=True) & ~Q(decision="")),
                name="outside_settles_what_was_due",
            ),
            models.UniqueConstraint(
                fields=["position"], condition=Q(state=State.REQUESTED), name="outside_one_waits_a_position"
            ),
            models.UniqueConstraint(
                fields=["instalment"], condition=_PAYMENT & Q(state=State.CONFIRMED), name="outside_settles_once"
            ),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(state=State.CONFIRMED), name="outside_reversed_once"
            ),
        ]
        indexes = [models.Index(fields=["entity", "state"], name="outside_entity_state")]

    def __str__(self) -> str:
        return f"{self.get_how_display()} · {self.credited_on:%d/%m/%Y}"

    @property
    def is_reversal(self) -> bool:
        """Whether it is the contrary entry of another."""
        return self.reverses_id is not None

    @property
    def paid_how(self) -> str:
        """«con bonifico»: for «Pagato ... il ..., fuori da pagoPA»."""
        return said(PAID_HOW[How(self.how)])
