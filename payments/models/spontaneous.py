"""What people may pay without having been asked: the services a body offers, their prices, and what was asked."""

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.domain.spontaneous import MOST_CENTS, MOST_PIECES, AmountRule, Payers, check_pattern
from portal.entities.models import EntityModel
from portal.kernel.choices import labels
from portal.kernel.errors import DomainError

RULE_LABELS = {
    AmountRule.FREE: _("libero, tra un minimo e un massimo"),
    AmountRule.FIXED: _("fisso"),
    AmountRule.UNIT: _("quantità per prezzo unitario"),
}
PAYER_LABELS = {
    Payers.ANYBODY: _("chiunque"),
    Payers.PERSONS: _("solo persone"),
    Payers.COMPANIES: _("solo imprese ed enti"),
}


def is_a_plain_pattern(value: str) -> None:
    """A format that can be checked without surprises."""
    try:
        check_pattern(value)
    except DomainError as error:
        raise ValidationError(error.message) from error


class SpontaneousService(EntityModel):
    """Something anybody may pay without an avviso (pagamento spontaneo). Its code is the node's idServizio."""

    code = models.CharField(
        _("codice del servizio"),
        max_length=5,
        validators=[RegexValidator(r"^[0-9]{5}$", _("Servono 5 cifre."))],
        help_text=_("5 cifre: quello comunicato a pagoPA per i pagamenti spontanei (idServizio)"),
    )
    debt_kind = models.CharField(
        _("tipo di dovuto"),
        max_length=40,
        help_text=_("il codice di un tipo di dovuto in vigore, con i giorni in cui si può pagare"),
    )
    name = models.CharField(_("nome"), max_length=60)
    description = models.TextField(
        _("descrizione"), max_length=600, help_text=_("che cosa si paga e chi lo deve pagare, in parole semplici")
    )
    amount_rule = models.CharField(_("importo"), max_length=5, choices=labels(AmountRule, RULE_LABELS))
    min_cents = models.PositiveIntegerField(
        _("minimo in centesimi"), default=100, validators=[MinValueValidator(1), MaxValueValidator(MOST_CENTS)]
    )
    max_cents = models.PositiveIntegerField(
        _("massimo in centesimi"), default=500_000, validators=[MinValueValidator(1), MaxValueValidator(MOST_CENTS)]
    )
    max_quantity = models.PositiveSmallIntegerField(
        _("quantità massima"), default=100, validators=[MinValueValidator(1), MaxValueValidator(MOST_PIECES)]
    )
    piece = models.CharField(
        _("che cosa si conta"),
        max_length=40,
        blank=True,
        help_text=_("es. numero di copie; solo con il prezzo unitario"),
    )
    asks_reason = models.BooleanField(_("chiede il motivo"), default=True)
    payers = models.CharField(
        _("chi può pagare"), max_length=2, choices=labels(Payers, PAYER_LABELS), default=Payers.ANYBODY
    )
    valid_from = models.DateField(_("attivo dal"))
    valid_until = models.DateField(_("attivo fino al"), null=True, blank=True)

    class Meta:
        verbose_name = _("pagamento spontaneo")
        verbose_name_plural = _("pagamenti spontanei")
        ordering = ["name", "code"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "code"], name="spontaneous_code_once_an_entity"),
            models.CheckConstraint(
                condition=Q(min_cents__gte=1, max_cents__gte=models.F("min_cents")), name="spontaneous_min_to_max"
            ),
            models.CheckConstraint(
                condition=Q(max_quantity__gte=1, max_quantity__lte=MOST_PIECES), name="spontaneous_quantity_in_range"
            ),
            models.CheckConstraint(
                condition=~Q(amount_rule=AmountRule.UNIT) | ~Q(piece=""), name="spontaneous_unit_counts_something"
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")),
                name="spontaneous_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SpontaneousQuestion(EntityModel):
    """One of the up to three things a service wants to know: a plate, the number of a permit."""

    service = models.ForeignKey(
        SpontaneousService, models.PROTECT, verbose_name=_("pagamento spontaneo"), related_name="questions"
    )
    seq = models.PositiveSmallIntegerField(_("ordine"), validators=[MinValueValidator(1), MaxValueValidator(3)])
    label = models.CharField(_("domanda"), max_length=40)
    help_text = models.CharField(_("aiuto"), max_length=140, blank=True)
    pattern = models.CharField(
        _("formato"),
        max_length=80,
        blank=True,
        validators=[is_a_plain_pattern],
        help_text=_("es. [A-Z]{2}\\d{3}[A-Z]{2} per una targa; vuoto: qualunque testo fino a 40 caratteri"),
    )
    required = models.BooleanField(_("obbligatoria"), default=True)
    on_notice = models.BooleanField(
        _("si stampa sull'avviso"), default=False, help_text=_("mai per risposte che dicono qualcosa di una persona")
    )

    class Meta:
        verbose_name = _("domanda del pagamento spontaneo")
        verbose_name_plural = _("domande del pagamento spontaneo")
        ordering = ["service", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["service", "seq"], name="spontaneous_question_once"),
            models.CheckConstraint(condition=Q(seq__gte=1, seq__lte=3), name="spontaneous_questions_are_three"),
        ]

    def __str__(self) -> str:
        return self.label


class SpontaneousPrice(EntityModel):
    """What a fixed payment costs, or one piece of it, from a day on. The last begun is in force."""

    service = models.ForeignKey(
        SpontaneousService, models.PROTECT, verbose_name=_("pagamento spontaneo"), related_name="prices"
    )
    cents = models.PositiveIntegerField(
        _("prezzo in centesimi"), validators=[MinValueValidator(1), MaxValueValidator(MOST_CENTS)]
    )
    valid_from = models.DateField(_("dal"))
    source = models.CharField(_("fonte"), max_length=200)
    confirmed_by = models.CharField(
        _("confermato da"), max_length=100, blank=True, help_text=_("senza conferma il prezzo non si applica")
    )

    class Meta:
        verbose_name = _("prezzo del pagamento spontaneo")
        verbose_name_plural = _("prezzi del pagamento spontaneo")
        ordering = ["service", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["service", "valid_from"], name="spontaneous_price_once_a_day"),
            models.CheckConstraint(condition=Q(cents__gte=1), name="spontaneous_price_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.valid_from:%d/%m/%Y} · {self.cents}"


class SpontaneousPayment(EntityModel):
    """What somebody asked to pay (richiesta di pagamento spontaneo); the charge and its position come from it.

    `token` makes a form sent twice one payment; `fingerprint` does the same for a request the node repeats.
    """

    class Channel(models.TextChoices):
        WEB = "web", _("sito")
        NODE = "node", _("punto di pagamento")

    service = models.ForeignKey(
        SpontaneousService, models.PROTECT, verbose_name=_("pagamento spontaneo"), related_name="payments"
    )
    token = models.UUIDField(_("gettone"), default=uuid.uuid4, editable=False)
    fingerprint = models.CharField(_("impronta della richiesta"), max_length=64)
    channel = models.CharField(_("canale"), max_length=4, choices=Channel.choices)
    quantity = models.PositiveSmallIntegerField(_("quantità"), null=True)
    price = models.ForeignKey(
        SpontaneousPrice, models.PROTECT, verbose_name=_("prezzo applicato"), null=True, related_name="+"
    )
    reason = models.CharField(_("motivo"), max_length=140, blank=True)
    answers = models.JSONField(_("risposte"), default=dict)
    mandate = models.ForeignKey(
        "portal_people.Mandate", models.PROTECT, verbose_name=_("delega"), null=True, related_name="+"
    )
    charge = models.OneToOneField(
        "portal_billing.Charge", models.PROTECT, verbose_name=_("addebito"), null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("richiesto il"))
    open_until = models.DateField(_("da pagare entro il"))

    class Meta:
        verbose_name = _("richiesta di pagamento spontaneo")
        verbose_name_plural = _("richieste di pagamento spontaneo")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["entity", "token"], name="spontaneous_token_once")]
        indexes = [
            models.Index(fields=["service", "fingerprint", "created_at"], name="spontaneous_same_request"),
            models.Index(fields=["open_until"], name="spontaneous_open_until"),
        ]

    def __str__(self) -> str:
        return f"{self.service} · {self.created_at:%d/%m/%Y}"

    @property
    def source(self) -> str:
        """The name of this request in the charge it makes."""
        return f"spontaneous:{self.pk}"
