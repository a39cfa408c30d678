"""What was put together, by which rule and in which run; and how far each source was read."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.domain.rules import CONFIDENCE_LABELS, RULE_LABELS, Confidence, MatchRule
from payments.reconciliation.models.flows import FlowLine, ReportingFlow
from payments.reconciliation.models.treasury import TreasuryMovement
from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class ReconciliationRun(EntityModel):
    """A run that matched something (elaborazione). Append-only; a run that finds nothing new leaves no row."""

    at = models.DateTimeField(_("quando"))
    rules_version = models.CharField(_("versione delle regole"), max_length=20)

    class Meta:
        verbose_name = _("elaborazione")
        verbose_name_plural = _("elaborazioni")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.pk}"


class MatchKind(StrEnum):
    REVERSAL = "reversal"
    FLOW_MOVEMENT = "flow_movement"
    LINE_RECEIPT = "line_receipt"


KIND_LABELS = {
    MatchKind.REVERSAL: _("storno e movimento stornato"),
    MatchKind.FLOW_MOVEMENT: _("flusso e movimento di tesoreria"),
    MatchKind.LINE_RECEIPT: _("riga di flusso e ricevuta"),
}


class Match(EntityModel):
    """Two documents that speak of the same money (abbinamento), and the rule that says so. Append-only."""

    kind = models.CharField(_("tipo"), max_length=14, choices=labels(MatchKind, KIND_LABELS))
    flow = models.ForeignKey(ReportingFlow, models.PROTECT, verbose_name=_("flusso"), null=True, related_name="matches")
    movement = models.ForeignKey(
        TreasuryMovement, models.PROTECT, verbose_name=_("movimento"), null=True, related_name="matches"
    )
    reverses = models.OneToOneField(
        TreasuryMovement, models.PROTECT, verbose_name=_("movimento stornato"), null=True, related_name="reversal"
    )
    line = models.OneToOneField(FlowLine, models.PROTECT, verbose_name=_("riga"), null=True, related_name="match")
    receipt = models.ForeignKey(
        "payments.Receipt", models.PROTECT, verbose_name=_("ricevuta"), null=True, related_name="reconciliation_matches"
    )
    rule = models.CharField(_("regola"), max_length=20, choices=labels(MatchRule, RULE_LABELS))
    confidence = models.CharField(_("fiducia"), max_length=8, choices=labels(Confidence, CONFIDENCE_LABELS))
    cents = models.BigIntegerField(_("importo in centesimi"))
    run = models.ForeignKey(ReconciliationRun, models.PROTECT, verbose_name=_("elaborazione"), related_name="matches")

    class Meta:
        verbose_name = _("abbinamento")
        verbose_name_plural = _("abbinamenti")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["flow", "movement"],
                condition=Q(kind=MatchKind.FLOW_MOVEMENT.value),
                name="match_flow_movement_once",
            ),
            models.UniqueConstraint(
                fields=["movement"], condition=Q(kind=MatchKind.REVERSAL.value), name="match_reversal_once"
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind=MatchKind.REVERSAL.value, movement__isnull=False, reverses__isnull=False)
                    & Q(flow=None, line=None, receipt=None)
                )
                | (
                    Q(kind=MatchKind.FLOW_MOVEMENT.value, flow__isnull=False, movement__isnull=False)
                    & Q(reverses=None, line=None, receipt=None)
                )
                | (
                    Q(kind=MatchKind.LINE_RECEIPT.value, line__isnull=False, receipt__isnull=False)
                    & Q(flow=None, movement=None, reverses=None)
                ),
                name="match_has_its_two_documents",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.rule}"


class PullSource(StrEnum):
    FLOWS = "flows"
    JOURNALS = "journals"
    MATCHING = "matching"


SOURCE_LABELS = {
    PullSource.FLOWS: _("flussi del nodo"),
    PullSource.JOURNALS: _("giornali del tesoriere"),
    PullSource.MATCHING: _("abbinamento"),
}


class PullCursor(EntityModel):
    """How far a source was read, and how its last attempt went."""

    source = models.CharField(_("fonte"), max_length=10, choices=labels(PullSource, SOURCE_LABELS))
    position = models.DateTimeField(_("letto fino a"), null=True)
    attempted_at = models.DateTimeField(_("ultimo tentativo"), null=True)
    succeeded_at = models.DateTimeField(_("ultimo tentativo riuscito"), null=True)
    error = models.CharField(_("errore"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("stato di una fonte")
        verbose_name_plural = _("stato delle fonti")
        constraints = [models.UniqueConstraint(fields=["entity", "source"], name="pull_cursor_once")]

    def __str__(self) -> str:
        return self.get_source_display()
