"""What was put together, by which rule and in which run; and how far each source was read."""

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.domain.rules import CONFIDENCE_LABELS, RULE_LABELS, Confidence, MatchRule
from payments.reconciliation.models.flows import FlowLine, ReportingFlow
from payments.reconciliation.models.treasury import TreasuryMovement
from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class ReconciliationRun(EntityModel):
    """A run that changed something (elaborazione). Append-only; a run that finds nothing new leaves no row."""

    at = models.DateTimeField(_("quando"))
    today = models.DateField(_("giorno a cui si riferisce"), null=True)
    rules_version = models.CharField(_("versione delle regole"), max_length=20)
    full = models.BooleanField(_("su tutti i documenti"), default=False)
    counts = models.JSONField(_("conteggi"), default=dict)
    hash = models.CharField(_("impronta degli esiti"), max_length=64, blank=True)

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
    SINGLE_MOVEMENT = "single_movement"


KIND_LABELS = {
    MatchKind.REVERSAL: _("storno e movimento stornato"),
    MatchKind.FLOW_MOVEMENT: _("flusso e movimento di tesoreria"),
    MatchKind.LINE_RECEIPT: _("riga di flusso e ricevuta"),
    MatchKind.SINGLE_MOVEMENT: _("pagamento riversato da solo e movimento di tesoreria"),
}
_NONE = {"flow": None, "movement": None, "reverses": None, "line": None, "receipt": None}


def _of(kind: MatchKind, *present: str) -> Q:
    """The documents that a match of this kind has; every other is empty."""
    absent = {name: value for name, value in _NONE.items() if name not in present}
    return Q(kind=kind.value, **{f"{name}__isnull": False for name in present}, **absent)


class Match(EntityModel):
    """Two documents that speak of the same money (abbinamento), and the rule or the person that says so.

    Never deleted and never changed, but for one thing: who finds it wrong takes it back, once, with a reason. A run
    takes back its own when later evidence denies them; what a person made, only a person takes back. The documents are
    append-only, so the foreign keys to them need no check of the database.
    """

    kind = models.CharField(_("tipo"), max_length=16, choices=labels(MatchKind, KIND_LABELS))
    flow = models.ForeignKey(
        ReportingFlow,
        models.PROTECT,
        verbose_name=_("flusso"),
        null=True,
        related_name="matches",
        db_index=False,
        db_constraint=False,
    )
    movement = models.ForeignKey(
        TreasuryMovement,
        models.PROTECT,
        verbose_name=_("movimento"),
        null=True,
        related_name="matches",
        db_index=False,
        db_constraint=False,
    )
    reverses = models.ForeignKey(
        TreasuryMovement, models.PROTECT, verbose_name=_("movimento stornato"), null=True, related_name="reversals",
        db_index=False,
        db_constraint=False,
    )  # fmt: skip
    line = models.ForeignKey(
        FlowLine,
        models.PROTECT,
        verbose_name=_("riga"),
        null=True,
        related_name="matches",
        db_index=False,
        db_constraint=False,
    )
    receipt = models.ForeignKey(
        "payments.Receipt", models.PROTECT, verbose_name=_("ricevuta"), null=True,
        related_name="reconciliation_matches", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    rule = models.CharField(_("regola"), max_length=20, choices=labels(MatchRule, RULE_LABELS))
    confidence = models.CharField(_("fiducia"), max_length=8, choices=labels(Confidence, CONFIDENCE_LABELS))
    cents = models.BigIntegerField(_("importo in centesimi"), help_text=_("quanto del movimento va al flusso"))
    run = models.ForeignKey(
        ReconciliationRun, models.PROTECT, verbose_name=_("elaborazione"), null=True, related_name="matches",
        db_index=False,
    )  # fmt: skip
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("confermato da"), null=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    live = models.BooleanField(_("valido"), default=True, db_default=True)
    revoked_at = models.DateTimeField(_("annullato il"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("annullato da"), null=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    revoked_run = models.ForeignKey(
        ReconciliationRun, models.PROTECT, verbose_name=_("annullato dall'elaborazione"), null=True, related_name="+",
        db_index=False,
    )  # fmt: skip
    revoked_reason = models.CharField(_("motivo dell'annullamento"), max_length=300, blank=True, db_default="")

    class Meta:
        verbose_name = _("abbinamento")
        verbose_name_plural = _("abbinamenti")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["flow", "movement"],
                condition=Q(kind=MatchKind.FLOW_MOVEMENT.value, live=True),
                name="match_flow_movement_live_once",
            ),
            models.UniqueConstraint(
                fields=["movement"],
                condition=Q(kind=MatchKind.REVERSAL.value, live=True),
                name="match_reversal_live_once",
            ),
            models.UniqueConstraint(fields=["reverses"], condition=Q(live=True), name="match_reversed_live_once"),
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(kind=MatchKind.LINE_RECEIPT.value, live=True),
                name="match_line_live_once",
            ),
            models.UniqueConstraint(
                fields=["movement"],
                condition=Q(kind=MatchKind.SINGLE_MOVEMENT.value, live=True),
                name="match_single_live_once",
            ),
            models.CheckConstraint(
                condition=_of(MatchKind.REVERSAL, "movement", "reverses")
                | _of(MatchKind.FLOW_MOVEMENT, "flow", "movement")
                | _of(MatchKind.LINE_RECEIPT, "line", "receipt")
                | _of(MatchKind.SINGLE_MOVEMENT, "line", "movement")
                | _of(MatchKind.SINGLE_MOVEMENT, "receipt", "movement"),
                name="match_has_its_two_papers",
            ),
            models.CheckConstraint(
                condition=Q(run__isnull=False, made_by=None) | Q(run=None, made_by__isnull=False),
                name="match_made_by_a_run_or_a_person",
            ),
            models.CheckConstraint(
                condition=Q(live=True, revoked_at=None, revoked_by=None, revoked_run=None, revoked_reason="")
                | (
                    Q(live=False, revoked_at__isnull=False)
                    & (
                        Q(revoked_run__isnull=False, revoked_by=None)
                        | (Q(revoked_run=None, revoked_by__isnull=False) & ~Q(revoked_reason=""))
                    )
                ),
                name="match_taken_back_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=[name], condition=Q(**{f"{name}__isnull": False}), name=f"match_of_{name}")
            for name in ("flow", "movement", "line", "receipt")
        ] + [
            models.Index(
                fields=["entity"], condition=Q(live=True) & ~Q(kind=MatchKind.LINE_RECEIPT.value), name="match_of_money"
            ),
            models.Index(fields=["entity"], condition=Q(live=False), name="match_taken_back"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.rule}"


class PullSource(StrEnum):
    FLOWS = "flows"
    JOURNALS = "journals"
    MATCHING = "matching"
    BOOKS = "books"


SOURCE_LABELS = {
    PullSource.FLOWS: _("flussi del nodo"),
    PullSource.JOURNALS: _("giornali del tesoriere"),
    PullSource.MATCHING: _("abbinamento"),
    PullSource.BOOKS: _("libri contabili"),
}


class PullCursor(EntityModel):
    """How far a source was read, and how its last attempt went."""

    source = models.CharField(_("fonte"), max_length=10, choices=labels(PullSource, SOURCE_LABELS))
    position = models.DateTimeField(_("letto fino a"), null=True)
    attempted_at = models.DateTimeField(_("ultimo tentativo"), null=True)
    succeeded_at = models.DateTimeField(_("ultimo tentativo riuscito"), null=True)
    error = models.CharField(_("errore"), max_length=300, blank=True)
    marks = models.JSONField(_("ultime righe viste"), default=dict, db_default={})

    class Meta:
        verbose_name = _("stato di una fonte")
        verbose_name_plural = _("stato delle fonti")
        constraints = [models.UniqueConstraint(fields=["entity", "source"], name="pull_cursor_once")]

    def __str__(self) -> str:
        return self.get_source_display()
