"""What is owed: position, options, instalments, transfers, and the notice that says so."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.domain.codes import grouped
from payments.domain.states import STATE_LABELS, Payability, State, cents_on, payability
from payments.models.registry import CreditorEntity, DebtKind, StationLink
from portal import clock
from portal.entities.models import EntityModel
from portal.kernel.choices import labels

DEBTOR_KINDS = [("F", _("persona fisica")), ("G", _("persona giuridica"))]
UNKNOWN_DEBTOR = "ANONIMO"


class Position(EntityModel):
    """A debt (posizione debitoria) born from one charge."""

    creditor = models.ForeignKey(CreditorEntity, models.PROTECT, verbose_name=_("ente creditore"), related_name="+")
    charge = models.OneToOneField(
        "portal_billing.Charge", models.PROTECT, verbose_name=_("addebito"), related_name="position"
    )
    link = models.ForeignKey(
        StationLink, models.PROTECT, verbose_name=_("collegamento alla stazione"), null=True, related_name="+"
    )
    debt_kind = models.ForeignKey(
        DebtKind, models.PROTECT, verbose_name=_("tipo di dovuto"), null=True, related_name="positions"
    )
    state = models.CharField(_("stato"), max_length=16, choices=labels(State, STATE_LABELS), default=State.DRAFT)
    description = models.CharField(_("descrizione"), max_length=140)
    office_name = models.CharField(_("ufficio"), max_length=50, blank=True)
    debtor_kind = models.CharField(_("tipo di debitore"), max_length=1, choices=DEBTOR_KINDS)
    debtor_fiscal_code = models.CharField(_("codice fiscale del debitore"), max_length=16, default=UNKNOWN_DEBTOR)
    debtor_name = models.CharField(_("debitore"), max_length=70)
    debtor_email = models.EmailField(_("e-mail del debitore"), max_length=256, blank=True)
    debtor_street = models.CharField(_("indirizzo"), max_length=70, blank=True)
    debtor_civic = models.CharField(_("numero civico"), max_length=16, blank=True)
    debtor_postal_code = models.CharField(_("CAP"), max_length=16, blank=True)
    debtor_city = models.CharField(_("comune"), max_length=35, blank=True)
    debtor_province = models.CharField(_("provincia"), max_length=35, blank=True)
    debtor_country = models.CharField(_("Stato"), max_length=2, blank=True)
    created_at = models.DateTimeField(_("creata il"))
    paid_at = models.DateTimeField(_("pagata il"), null=True)
    cancelled_at = models.DateTimeField(_("annullata il"), null=True)
    suspended_at = models.DateTimeField(_("sospesa il"), null=True)
    suspension = models.CharField(_("motivo della sospensione"), max_length=140, blank=True)
    cancellation = models.CharField(_("motivo dell'annullamento"), max_length=140, blank=True)

    class Meta:
        verbose_name = _("posizione debitoria")
        verbose_name_plural = _("posizioni debitorie")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[State.PAID, State.REPORTED]) | Q(paid_at__isnull=False),
                name="position_paid_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.CANCELLED) | Q(cancelled_at__isnull=False),
                name="position_cancelled_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(suspended_at__isnull=True) | ~Q(suspension=""), name="position_suspended_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "created_at"], name="position_entity_created"),
            models.Index(
                fields=["entity", "cancelled_at"],
                name="position_entity_cancelled",
                condition=Q(cancelled_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def debtor_address(self) -> str:
        """On one line, as the notice prints it; empty when unknown."""
        street = " ".join(part for part in (self.debtor_street, self.debtor_civic) if part)
        city = " ".join(part for part in (self.debtor_postal_code, self.debtor_city, self.debtor_province) if part)
        country = "" if self.debtor_country in ("", "IT") else self.debtor_country
        return ", ".join(part for part in (street, city, country) if part)[:140]


class PaymentOption(EntityModel):
    """A way to pay a position (opzione di pagamento): all at once or by a plan. Using one closes the others.

    A withdrawn one cannot be paid any more and closes nothing: what was paid of it counts in what took its place.
    """

    class Kind(models.TextChoices):
        SINGLE = "single", _("rata unica")
        PLAN = "plan", _("piano rateale")

    position = models.ForeignKey(Position, models.PROTECT, verbose_name=_("posizione"), related_name="options")
    kind = models.CharField(_("tipo"), max_length=8, choices=Kind.choices, default=Kind.SINGLE)
    description = models.CharField(_("descrizione"), max_length=140, blank=True)
    valid_from = models.DateField(_("pagabile dal"), null=True, blank=True)
    refused_after_due = models.BooleanField(_("non pagabile dopo la scadenza"), default=False)
    # Written after the position, in place of the options that were withdrawn then.
    added_at = models.DateTimeField(_("aggiunta il"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("ritirata il"), null=True, blank=True)

    class Meta:
        verbose_name = _("opzione di pagamento")
        verbose_name_plural = _("opzioni di pagamento")

    def __str__(self) -> str:
        return self.get_kind_display()


class Instalment(EntityModel):
    """One notice number and its amount (rata)."""

    creditor = models.ForeignKey(
        CreditorEntity, models.PROTECT, verbose_name=_("ente creditore"), related_name="instalments"
    )
    option = models.ForeignKey(PaymentOption, models.PROTECT, verbose_name=_("opzione"), related_name="instalments")
    number = models.PositiveSmallIntegerField(_("rata"), default=1)
    nav = models.CharField(_("codice avviso"), max_length=18)
    iuv = models.CharField(_("IUV"), max_length=17)
    amount_cents = models.PositiveBigIntegerField(_("importo in centesimi"))
    due_on = models.DateField(_("scadenza"), null=True, blank=True)
    paid_at = models.DateTimeField(_("pagata il"), null=True, blank=True)

    class Meta:
        verbose_name = _("rata")
        verbose_name_plural = _("rate")
        ordering = ["option", "number"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "nav"], name="instalment_nav_unique_for_ever"),
            models.UniqueConstraint(fields=["entity", "iuv"], name="instalment_iuv_unique_for_ever"),
            models.UniqueConstraint(fields=["option", "number"], name="instalment_number_once"),
            models.CheckConstraint(condition=Q(nav__regex=r"^3\d{17}$"), name="instalment_nav_aux_3"),
            models.CheckConstraint(
                condition=Q(amount_cents__gte=1, amount_cents__lte=99_999_999_999), name="instalment_amount_in_range"
            ),
        ]

    def __str__(self) -> str:
        return grouped(self.nav)

    def cents_on(self, on: date) -> int:
        """What is due on a day, in cents: the dated amount in force, or the printed one."""
        return cents_on(on, printed=self.amount_cents, dated=[(row.valid_from, row.cents) for row in self.dated()])

    def cents_shown(self, on: date) -> int:
        """What is due on a day or, once it is paid, what was due on the day of the payment."""
        paid_on = self.paid_at.astimezone(clock.ROME).date() if self.paid_at else on
        return self.cents_on(min(on, paid_on))

    def dated(self) -> list["DatedAmount"]:
        """The amounts that follow the printed one."""
        return list(self.dated_amounts.all())

    def payability(self, on: date, *, sibling_used: bool = False) -> Payability:
        """Whether it can be paid on a day; needs `option` and `option.position` loaded."""
        return payability(
            state=State(self.option.position.state),
            suspended=self.option.position.suspended_at is not None,
            withdrawn=self.option.withdrawn_at is not None,
            on=on,
            instalment_paid=self.paid_at is not None,
            sibling_used=sibling_used,
            valid_from=self.option.valid_from,
            due_on=self.due_on,
            refused_after_due=self.option.refused_after_due,
        )


class DatedAmount(EntityModel):
    """What an instalment costs from a day on, when it is not what was printed. The last one begun is in force."""

    instalment = models.ForeignKey(Instalment, models.PROTECT, verbose_name=_("rata"), related_name="dated_amounts")
    valid_from = models.DateField(_("dal"))
    cents = models.PositiveBigIntegerField(_("importo in centesimi"))
    rule = models.CharField(_("regola"), max_length=40)

    class Meta:
        verbose_name = _("importo datato")
        verbose_name_plural = _("importi datati")
        ordering = ["instalment", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["instalment", "valid_from"], name="dated_amount_once_a_day"),
            models.CheckConstraint(condition=Q(cents__gte=1, cents__lte=99_999_999_999), name="dated_amount_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.valid_from:%d/%m/%Y} · {self.cents}"


class Transfer(EntityModel):
    """One of the one to five amounts an instalment is made of (versamento). They sum up to it: see the trigger.

    Each goes to an account, or is a digital stamp (marca da bollo): then the hash of the document and the province
    of who asks stand for the account. A dated amount changes the first transfer only.
    """

    instalment = models.ForeignKey(Instalment, models.PROTECT, verbose_name=_("rata"), related_name="transfers")
    seq = models.PositiveSmallIntegerField(_("progressivo"))
    beneficiary_fiscal_code = models.CharField(_("codice fiscale del beneficiario"), max_length=11)
    beneficiary_name = models.CharField(_("beneficiario"), max_length=100)
    amount_cents = models.PositiveBigIntegerField(_("importo in centesimi"))
    iban = models.CharField(_("IBAN"), max_length=27, blank=True)
    postal_iban = models.CharField(_("IBAN postale"), max_length=27, blank=True)
    stamp_hash = models.CharField(_("impronta del documento da bollare"), max_length=72, blank=True)
    stamp_province = models.CharField(_("provincia di residenza"), max_length=2, blank=True)
    category = models.CharField(_("codice della tassonomia"), max_length=20)
    remittance = models.CharField(_("causale"), max_length=140)
    debt_kind = models.ForeignKey(DebtKind, models.PROTECT, verbose_name=_("tipo di dovuto"), related_name="+")

    class Meta:
        verbose_name = _("versamento")
        verbose_name_plural = _("versamenti")
        ordering = ["instalment", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["instalment", "seq"], name="transfer_seq_once"),
            models.CheckConstraint(condition=Q(seq__gte=1, seq__lte=5), name="transfer_seq_1_to_5"),
            models.CheckConstraint(condition=Q(amount_cents__gte=1), name="transfer_amount_positive"),
            models.CheckConstraint(
                condition=(~Q(iban="") & Q(stamp_hash="", stamp_province=""))
                | (Q(iban="", postal_iban="") & ~Q(stamp_hash="") & ~Q(stamp_province="")),
                name="transfer_has_an_account_or_a_stamp",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} · {self.remittance}"


class Notice(EntityModel):
    """A printed notice (avviso di pagamento); the document holds the file and its hash."""

    position = models.OneToOneField(Position, models.PROTECT, verbose_name=_("posizione"), related_name="notice")
    document = models.OneToOneField(
        "portal_documents.Document", models.PROTECT, verbose_name=_("documento"), related_name="+"
    )
    layout = models.CharField(_("modello"), max_length=30)
    created_at = models.DateTimeField(_("stampato il"))

    class Meta:
        verbose_name = _("avviso di pagamento")
        verbose_name_plural = _("avvisi di pagamento")

    def __str__(self) -> str:
        return f"{self.position} · {self.layout}"
