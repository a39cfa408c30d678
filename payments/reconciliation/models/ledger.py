"""The ledger: entries that sum up to zero. Append-only; what turns out otherwise is set right by another entry."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.domain.accounts import ACCOUNTS, SOURCE_LABELS, Account, Source
from payments.reconciliation.models.assessments import RevenueAssessment
from payments.reconciliation.models.matching import ReconciliationRun
from portal.entities.models import Entity, EntityModel
from portal.kernel.choices import labels


class LedgerEntry(EntityModel):
    """One entry (scrittura): what a document moves, on its day. `posted_at` is when we came to know.

    A source may have several entries: each is the difference between what is known and what was written before. The
    rows it names are never deleted, so the foreign keys of the books need no check of the database.
    """

    source = models.CharField(_("origine"), max_length=14, choices=labels(Source, SOURCE_LABELS))
    source_id = models.BigIntegerField(_("identificativo dell'origine"))
    day = models.DateField(_("giorno"))
    posted_at = models.DateTimeField(_("scritta il"))
    run = models.ForeignKey(
        ReconciliationRun, models.PROTECT, verbose_name=_("elaborazione"), null=True, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    text = models.CharField(_("descrizione"), max_length=140)

    class Meta:
        verbose_name = _("scrittura")
        verbose_name_plural = _("scritture")
        ordering = ["-day", "-pk"]
        indexes = [
            models.Index(fields=["entity", "source", "source_id"], name="ledger_entry_source"),
            models.Index(fields=["entity", "day"], name="ledger_entry_day"),
        ]

    def __str__(self) -> str:
        return self.text


class LedgerPosting(EntityModel):
    """One side of an entry (movimento contabile), in cents: debits positive, credits negative. The postings of an
    entry are written together and sum up to zero: see the trigger.
    """

    entity = models.ForeignKey(
        Entity, models.PROTECT, verbose_name=_("ente"), related_name="+", db_index=False, db_constraint=False
    )
    entry = models.ForeignKey(
        LedgerEntry, models.PROTECT, verbose_name=_("scrittura"), related_name="postings", db_constraint=False
    )
    account = models.CharField(
        _("conto"), max_length=20, choices=[(account.value, ACCOUNTS[account].title) for account in Account]
    )
    assessment = models.ForeignKey(
        RevenueAssessment, models.PROTECT, verbose_name=_("accertamento"), null=True, related_name="postings",
        db_index=False, db_constraint=False,
    )  # fmt: skip
    cents = models.BigIntegerField(_("importo in centesimi"))

    class Meta:
        verbose_name = _("movimento contabile")
        verbose_name_plural = _("movimenti contabili")
        ordering = ["entry", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(account=Account.ASSESSMENT.value, assessment__isnull=False)
                | (~Q(account=Account.ASSESSMENT.value) & Q(assessment=None)),
                name="posting_names_its_assessment",
            ),
            models.CheckConstraint(condition=~Q(cents=0), name="posting_moves_something"),
        ]
        indexes = [models.Index(fields=["entity", "account", "assessment"], name="posting_entity_account")]

    def __str__(self) -> str:
        return f"{self.get_account_display()} {self.cents}"

    @property
    def opposite(self) -> int:
        """A credit as people write it, without its sign."""
        return -self.cents
