"""What became of the money of each document (esito), and what a person is asked to decide."""

from enum import StrEnum

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.domain.outcomes import CODES, Code, Subject
from payments.reconciliation.domain.rules import RULE_LABELS, MatchRule
from payments.reconciliation.models.flows import FlowLine, ReportingFlow
from payments.reconciliation.models.matching import ReconciliationRun
from payments.reconciliation.models.treasury import TreasuryJournal, TreasuryMovement
from portal.entities.models import EntityModel
from portal.kernel.choices import labels

SUBJECT_LABELS = {
    Subject.LINE: _("riga di flusso"),
    Subject.RECEIPT: _("ricevuta"),
    Subject.FLOW: _("flusso"),
    Subject.MOVEMENT: _("movimento di tesoreria"),
    Subject.JOURNAL: _("giornale di cassa"),
}


def _only(subject: Subject) -> Q:
    """The one document that a verdict of this subject speaks of."""
    others = {other.value: None for other in Subject if other is not subject}
    return Q(subject=subject.value, **{f"{subject.value}__isnull": False}, **others)


def _once(subject: Subject) -> models.UniqueConstraint:
    """Each code stands once at a time; the same index finds the history of a document."""
    return models.UniqueConstraint(
        fields=[subject.value, "code", "closed_run"],
        condition=Q(**{f"{subject.value}__isnull": False}),
        nulls_distinct=False,
        name=f"verdict_{subject.value}_code_once",
    )


class Verdict(EntityModel):
    """What a run says of a document (esito), from the run that opened it to the one that closed it.

    A document may have several at once. Rows are written by the runs alone, never deleted, and change once: when a
    run closes them. The documents are append-only, so the foreign keys need no check of the database.
    """

    subject = models.CharField(_("documento"), max_length=8, choices=labels(Subject, SUBJECT_LABELS))
    line = models.ForeignKey(
        FlowLine, models.PROTECT, null=True, verbose_name=_("riga"), related_name="verdicts", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    receipt = models.ForeignKey(
        "payments.Receipt", models.PROTECT, null=True, verbose_name=_("ricevuta"),
        related_name="reconciliation_verdicts", db_index=False, db_constraint=False,
    )  # fmt: skip
    flow = models.ForeignKey(
        ReportingFlow, models.PROTECT, null=True, verbose_name=_("flusso"), related_name="verdicts", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    movement = models.ForeignKey(
        TreasuryMovement, models.PROTECT, null=True, verbose_name=_("movimento"), related_name="verdicts",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    journal = models.ForeignKey(
        TreasuryJournal, models.PROTECT, null=True, verbose_name=_("giornale"), related_name="verdicts",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    key = models.CharField(_("chiave naturale"), max_length=330)
    code = models.CharField(_("esito"), max_length=24, choices=[(code.value, CODES[code].title) for code in Code])
    cents = models.BigIntegerField(_("importo in centesimi"))
    since = models.DateField(_("dal"))
    facts = models.JSONField(_("fatti"), default=dict)
    opened_run = models.ForeignKey(
        ReconciliationRun, models.PROTECT, verbose_name=_("aperto dall'elaborazione"), related_name="opened",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    closed_run = models.ForeignKey(
        ReconciliationRun, models.PROTECT, null=True, verbose_name=_("chiuso dall'elaborazione"),
        related_name="closed", db_index=False, db_constraint=False,
    )  # fmt: skip

    class Meta:
        verbose_name = _("esito")
        verbose_name_plural = _("esiti")
        ordering = ["-pk"]
        constraints = [
            *(_once(subject) for subject in Subject),
            models.CheckConstraint(
                condition=_only(Subject.LINE)
                | _only(Subject.RECEIPT)
                | _only(Subject.FLOW)
                | _only(Subject.MOVEMENT)
                | _only(Subject.JOURNAL),
                name="verdict_has_one_document",
            ),
        ]
        indexes = [
            models.Index(
                fields=["entity", "code", "since"], condition=Q(closed_run=None), name="verdict_current_by_code"
            ),
            models.Index(
                fields=["entity", "closed_run"], condition=Q(closed_run__isnull=False), name="verdict_closed_by_run"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()} · {self.key}"


class SuggestionState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"
    LAPSED = "lapsed"


SUGGESTION_LABELS = {
    SuggestionState.OPEN: _("da decidere"),
    SuggestionState.CONFIRMED: _("confermato"),
    SuggestionState.DISCARDED: _("scartato"),
    SuggestionState.LAPSED: _("superato dai fatti"),
}


class Suggestion(EntityModel):
    """Flows and movements that may belong together, but only a person can say so (proposta di abbinamento)."""

    key = models.CharField(max_length=500, editable=False)
    flows = ArrayField(models.BigIntegerField(), verbose_name=_("flussi"))
    movements = ArrayField(models.BigIntegerField(), verbose_name=_("movimenti"))
    rule = models.CharField(_("regola"), max_length=20, choices=labels(MatchRule, RULE_LABELS))
    cents = models.BigIntegerField(_("importo in centesimi"))
    state = models.CharField(
        _("stato"), max_length=9, choices=labels(SuggestionState, SUGGESTION_LABELS), default=SuggestionState.OPEN
    )
    # What a person wrote when it was proposed by hand, and how much of each document goes where; the rules write none.
    why = models.CharField(_("perché è proposto"), max_length=300, blank=True, db_default="")
    shares = models.JSONField(_("quote"), default=list, db_default=[])
    proposed_at = models.DateTimeField(_("proposto il"))
    first_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("prima conferma di"), null=True, related_name="+"
    )
    second_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("seconda conferma di"), null=True, related_name="+"
    )
    discarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("scartato da"), null=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("deciso il"), null=True)
    reason = models.CharField(_("motivo"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("proposta di abbinamento")
        verbose_name_plural = _("proposte di abbinamento")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "key"], condition=Q(state=SuggestionState.OPEN.value), name="suggestion_open_once"
            ),
            models.CheckConstraint(
                condition=Q(second_by=None) | (Q(first_by__isnull=False) & ~Q(second_by=F("first_by"))),
                name="suggestion_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state=SuggestionState.CONFIRMED.value)
                | Q(first_by__isnull=False, decided_at__isnull=False),
                name="suggestion_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=SuggestionState.DISCARDED.value)
                | (Q(discarded_by__isnull=False, decided_at__isnull=False) & ~Q(reason="")),
                name="suggestion_discarded_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()} · {self.cents}"


class SuggestionThreshold(EntityModel):
    """From this amount on, two persons confirm a suggestion. Dated, with its source; each body has its own."""

    cents = models.PositiveBigIntegerField(_("importo in centesimi"), help_text=_("oltre questo importo servono due"))
    valid_from = models.DateField(_("valido dal"))
    source = models.CharField(_("fonte"), max_length=200)
    confirmed_by = models.CharField(_("confermato da"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("soglia delle due persone")
        verbose_name_plural = _("soglie delle due persone")
        ordering = ["-valid_from"]
        constraints = [models.UniqueConstraint(fields=["entity", "valid_from"], name="suggestion_threshold_once_a_day")]

    def __str__(self) -> str:
        return f"{self.valid_from:%d/%m/%Y} · {self.cents}"
