"""Proposals of collection orders: what the accounting system is asked to issue, provisional by provisional."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.domain.proposals import STATE_LABELS, State
from payments.reconciliation.models.assessments import RevenueAssessment
from payments.reconciliation.models.treasury import TreasuryMovement
from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class ProposalExport(EntityModel):
    """A file for the accounting system, as it was given (esportazione). Append-only."""

    layout = models.CharField(_("tracciato"), max_length=30)
    name = models.CharField(_("nome"), max_length=120)
    created_at = models.DateTimeField(_("creata il"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("creata da"), null=True, related_name="+"
    )
    rows = models.PositiveIntegerField(_("righe"))
    cents = models.BigIntegerField(_("importo in centesimi"))
    content = models.BinaryField(_("contenuto"))

    class Meta:
        verbose_name = _("esportazione di reversali")
        verbose_name_plural = _("esportazioni di reversali")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class CollectionOrderProposal(EntityModel):
    """What a provisional (provvisorio) should be covered with (proposta di reversale): a line for each assessment.

    Drafts follow the documents by themselves. What is approved stays as it was seen; what changes later makes another
    draft, with the difference.
    """

    movement = models.ForeignKey(
        TreasuryMovement, models.PROTECT, verbose_name=_("provvisorio"), related_name="proposals"
    )
    state = models.CharField(_("stato"), max_length=8, choices=labels(State, STATE_LABELS), default=State.DRAFT)
    open_cents = models.BigIntegerField(_("da regolarizzare in centesimi"))
    created_at = models.DateTimeField(_("creata il"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("approvata da"), null=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("approvata il"), null=True)
    export = models.ForeignKey(
        ProposalExport, models.PROTECT, verbose_name=_("esportazione"), null=True, related_name="proposals"
    )

    class Meta:
        verbose_name = _("proposta di reversale")
        verbose_name_plural = _("proposte di reversale")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["movement"], condition=Q(state=State.DRAFT.value), name="proposal_one_draft_a_provisional"
            ),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT.value, approved_at=None, approved_by=None, export=None)
                | Q(state=State.APPROVED.value, approved_at__isnull=False, approved_by__isnull=False, export=None)
                | Q(
                    state=State.EXPORTED.value,
                    approved_at__isnull=False,
                    approved_by__isnull=False,
                    export__isnull=False,
                ),
                name="proposal_approved_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["entity", "state"], name="proposal_entity_state")]

    def __str__(self) -> str:
        return f"{self.movement.document_number}/{self.movement.year}"


class CollectionOrderLine(EntityModel):
    """One collection order (reversale) to be: so much of the provisional on an assessment, or on none yet."""

    proposal = models.ForeignKey(
        CollectionOrderProposal, models.PROTECT, verbose_name=_("proposta"), related_name="lines"
    )
    assessment = models.ForeignKey(
        RevenueAssessment, models.PROTECT, verbose_name=_("accertamento"), null=True, related_name="order_lines"
    )
    cents = models.BigIntegerField(_("importo in centesimi"))

    class Meta:
        verbose_name = _("riga di una proposta di reversale")
        verbose_name_plural = _("righe delle proposte di reversale")
        ordering = ["proposal", "assessment"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "assessment"], nulls_distinct=False, name="proposal_line_once_an_assessment"
            ),
            models.CheckConstraint(condition=~Q(cents=0), name="proposal_line_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment} {self.cents}"


class CollectionOrderVoid(EntityModel):
    """The contrary entry of an exported line (reversale annullata o scartata): the accounting system annulled the
    order, refused it, or never got the file. The line stays; its money is proposed again. Append-only.
    """

    line = models.OneToOneField(
        CollectionOrderLine, models.PROTECT, verbose_name=_("riga di una proposta di reversale"), related_name="void"
    )
    reason = models.CharField(_("motivo"), max_length=300)
    made_at = models.DateTimeField(_("scritta il"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("scritta da"), related_name="+"
    )

    class Meta:
        verbose_name = _("reversale annullata o scartata")
        verbose_name_plural = _("reversali annullate o scartate")
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="order_void_says_why")]

    def __str__(self) -> str:
        return f"{self.made_at:%d/%m/%Y} · {self.reason}"
