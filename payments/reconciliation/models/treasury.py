"""Documents of the treasury, their balances and their movements (append-only); accounts, and which document counts."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.domain.remittance import Confidence, Kind
from payments.reconciliation.models.evidence import EvidenceFile
from portal.entities.models import EntityModel
from portal.kernel.choices import labels

KIND_LABELS = {
    Kind.FLOW: _("riversamento di un flusso"),
    Kind.SINGLE: _("riversamento di un solo pagamento"),
    Kind.PARTIAL: _("causale illeggibile"),
    Kind.OTHER: _("non pagoPA"),
}
CONFIDENCE_LABELS = {
    Confidence.EXACT: _("letta"),
    Confidence.HEALED: _("ricomposta"),
    Confidence.NONE: _("nessun riferimento"),
}


class MovementSource(StrEnum):
    """Which kind of document a movement was read in."""

    JOURNAL = "journal"
    PROVISIONALS = "provisionals"
    STATEMENT = "statement"


SOURCE_LABELS = {
    MovementSource.JOURNAL: _("giornale di cassa"),
    MovementSource.PROVISIONALS: _("elenco dei provvisori"),
    MovementSource.STATEMENT: _("estratto conto"),
}


class TreasuryAccount(EntityModel):
    """An account of the body, and the document whose movements count for it.

    The same money stands in the journal of the treasurer and in the statement of the bank: only one of them counts.
    Journals and lists of provisionals tell each other by the number of the provisional, and count together.
    """

    code = models.CharField(_("conto"), max_length=25, help_text=_("come lo chiamano i documenti"))
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    description = models.CharField(_("descrizione"), max_length=140, blank=True)
    source = models.CharField(
        _("documento che conta"), max_length=12, choices=labels(MovementSource, SOURCE_LABELS),
        default=MovementSource.JOURNAL.value,
    )  # fmt: skip

    class Meta:
        verbose_name = _("conto di tesoreria")
        verbose_name_plural = _("conti di tesoreria")
        ordering = ["entity", "code"]
        constraints = [models.UniqueConstraint(fields=["entity", "code"], name="treasury_account_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.description}".strip()


class TreasuryJournal(EntityModel):
    """A document of the treasury: one page of an OPI journal, a list of provisionals, a statement."""

    evidence = models.OneToOneField(
        EvidenceFile, models.PROTECT, verbose_name=_("file acquisito"), related_name="journal"
    )
    layout = models.CharField(_("tracciato"), max_length=20)
    treasurer_code = models.CharField(_("codice dell'ente presso il tesoriere"), max_length=40)
    journal_id = models.CharField(_("identificativo"), max_length=80)
    page = models.PositiveIntegerField(_("pagina"))
    pages = models.PositiveIntegerField(_("pagine"))
    year = models.PositiveSmallIntegerField(_("esercizio"))
    day_from = models.DateField(_("dal"))
    day_to = models.DateField(_("al"))
    opening_cents = models.BigIntegerField(_("saldo precedente in centesimi"), null=True)
    income_cents = models.BigIntegerField(_("entrate in centesimi"), null=True)
    expense_cents = models.BigIntegerField(_("uscite in centesimi"), null=True)
    closing_cents = models.BigIntegerField(_("saldo finale in centesimi"), null=True)
    whole = models.BooleanField(_("arrivato per intero"), default=True, db_default=True)

    class Meta:
        verbose_name = _("documento di tesoreria")
        verbose_name_plural = _("documenti di tesoreria")
        ordering = ["-day_to", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "treasurer_code", "journal_id", "page"],
                condition=models.Q(whole=True),
                name="treasury_journal_page_once",
            )
        ]

    def __str__(self) -> str:
        return self.journal_id


class AccountBalance(EntityModel):
    """Balances of one account of a journal (conto evidenza): with them a missing day can be proved."""

    journal = models.ForeignKey(TreasuryJournal, models.PROTECT, verbose_name=_("giornale"), related_name="balances")
    account = models.CharField(_("conto evidenza"), max_length=25)
    description = models.CharField(_("descrizione"), max_length=140, blank=True)
    opening_cents = models.BigIntegerField(_("saldo precedente in centesimi"), null=True)
    income_cents = models.BigIntegerField(_("entrate in centesimi"), null=True)
    expense_cents = models.BigIntegerField(_("uscite in centesimi"), null=True)
    closing_cents = models.BigIntegerField(_("saldo finale in centesimi"), null=True)

    class Meta:
        verbose_name = _("saldo di conto")
        verbose_name_plural = _("saldi di conto")
        ordering = ["journal", "account"]

    def __str__(self) -> str:
        return self.account


class TreasuryMovement(EntityModel):
    """One movement of the treasury; a provisional credit waits for its collection order (provvisorio)."""

    journal = models.ForeignKey(TreasuryJournal, models.PROTECT, verbose_name=_("giornale"), related_name="movements")
    source = models.CharField(
        _("letto in"), max_length=12, choices=labels(MovementSource, SOURCE_LABELS),
        default=MovementSource.JOURNAL.value,
    )  # fmt: skip
    # A judgement, not evidence: the one column that may change, when somebody says which document counts, or when the
    # journal names a provisional that a list had brought before.
    counts = models.BooleanField(_("conta"), default=True)
    treasurer_code = models.CharField(_("codice dell'ente presso il tesoriere"), max_length=40)
    account = models.CharField(_("conto evidenza"), max_length=25)
    year = models.PositiveSmallIntegerField(_("esercizio"))
    direction = models.CharField(
        _("movimento"), max_length=7, choices=[("ENTRATA", _("entrata")), ("USCITA", _("uscita"))]
    )
    document_type = models.CharField(_("documento"), max_length=30)
    operation = models.CharField(_("operazione"), max_length=15)
    document_number = models.CharField(_("numero"), max_length=30)
    progressive = models.CharField(_("progressivo"), max_length=30)
    movement_number = models.CharField(_("numero del movimento"), max_length=30)
    cents = models.BigIntegerField(_("importo in centesimi"))
    booked_on = models.DateField(_("data del movimento"))
    value_on = models.DateField(_("valuta"), null=True)
    suspended_on = models.DateField(_("data del provvisorio"), null=True)
    execution_type = models.CharField(_("esecuzione"), max_length=60, blank=True)
    receipt_number = models.CharField(_("bolletta"), max_length=30, blank=True)
    operation_reference = models.CharField(_("riferimento dell'operazione (TRN)"), max_length=60, blank=True)
    end_to_end = models.CharField(_("identificativo end-to-end"), max_length=60, blank=True)
    customer = models.CharField(_("versante"), max_length=140, blank=True)
    remittance = models.TextField(_("causale"), blank=True)
    remittance_kind = models.CharField(_("natura"), max_length=8, choices=labels(Kind, KIND_LABELS))
    remittance_reference = models.CharField(_("riferimento letto"), max_length=35, blank=True)
    reference_key = models.CharField(max_length=35, blank=True, editable=False)
    remittance_rule = models.CharField(_("regola di lettura"), max_length=20)
    remittance_confidence = models.CharField(
        _("lettura della causale"), max_length=8, choices=labels(Confidence, CONFIDENCE_LABELS)
    )
    suspended = models.JSONField(_("provvisori regolarizzati"), default=list)

    class Meta:
        verbose_name = _("movimento di tesoreria")
        verbose_name_plural = _("movimenti di tesoreria")
        ordering = ["-booked_on", "-pk"]
        constraints = [
            # Numbers run per type of document and layout 1.4 has no movement number: the type belongs to the key.
            models.UniqueConstraint(
                fields=[
                    "entity",
                    "treasurer_code",
                    "account",
                    "year",
                    "document_type",
                    "document_number",
                    "progressive",
                    "operation",
                    "movement_number",
                ],
                name="treasury_movement_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["entity", "reference_key"],
                condition=~models.Q(reference_key=""),
                name="movement_entity_reference",
            ),
            models.Index(fields=["entity", "booked_on"], name="movement_entity_day"),
            models.Index(fields=["entity", "year", "document_number"], name="movement_entity_number"),
        ]

    def __str__(self) -> str:
        return f"{self.document_type} {self.document_number}/{self.year}"
