"""What we told the providers, what they answered, and which accounts pagoPA knows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.models.positions import Position
from payments.models.registry import StationLink
from portal.entities.models import EntityModel


class ProviderUpload(EntityModel):
    """A file of positions handed to GPD (caricamento massivo): taken now, worked later, then reported on."""

    class State(models.TextChoices):
        WAITING = "waiting", _("da inviare")
        WORKING = "working", _("in lavorazione")
        DONE = "done", _("concluso")
        FAILED = "failed", _("non riuscito")

    link = models.ForeignKey(StationLink, models.PROTECT, verbose_name=_("collegamento"), related_name="+")
    file_id = models.CharField(_("identificativo del file"), max_length=100, blank=True)
    state = models.CharField(_("stato"), max_length=8, choices=State.choices, default=State.WAITING)
    submitted = models.PositiveIntegerField(_("posizioni inviate"), default=0)
    processed = models.PositiveIntegerField(_("posizioni lavorate"), default=0)
    refused = models.PositiveIntegerField(_("posizioni rifiutate"), default=0)
    last_error = models.CharField(_("ultimo errore"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("creato il"))
    finished_at = models.DateTimeField(_("concluso il"), null=True)

    class Meta:
        verbose_name = _("caricamento massivo")
        verbose_name_plural = _("caricamenti massivi")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_id or f"#{self.pk}"


class ProviderExport(EntityModel):
    """A position at a provider: whether it is there, and why not."""

    class Provider(models.TextChoices):
        GPD = "gpd", _("GPD di pagoPA")
        IRIS = "iris", _("IRIS, Regione Toscana")
        ACA = "aca", _("archivio centralizzato avvisi (ACA)")

    class State(models.TextChoices):
        WAITING = "waiting", _("da inviare")
        PUBLISHED = "published", _("pubblicata")
        HELD = "held", _("sospesa presso il gestore")
        WITHDRAWN = "withdrawn", _("ritirata")
        FAILED = "failed", _("rifiutata")

    position = models.ForeignKey(Position, models.PROTECT, verbose_name=_("posizione"), related_name="exports")
    provider = models.CharField(_("gestore"), max_length=8, choices=Provider.choices)
    state = models.CharField(_("stato"), max_length=10, choices=State.choices, default=State.WAITING)
    revision = models.PositiveIntegerField(_("revisione"), default=1)
    attempts = models.PositiveIntegerField(_("tentativi"), default=0)
    last_error = models.CharField(_("ultimo errore"), max_length=300, blank=True)
    upload = models.ForeignKey(
        ProviderUpload, models.PROTECT, verbose_name=_("caricamento massivo"), null=True, related_name="exports"
    )
    created_at = models.DateTimeField(_("creata il"))
    answered_at = models.DateTimeField(_("ultima risposta"), null=True)
    busy_until = models.DateTimeField(_("occupata fino a"), null=True)

    class Meta:
        verbose_name = _("posizione presso un gestore")
        verbose_name_plural = _("posizioni presso i gestori")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["entity", "state"], name="provider_export_state")]
        constraints = [models.UniqueConstraint(fields=["position", "provider"], name="provider_export_once")]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} · {self.position}"


class ReceiptPull(EntityModel):
    """Up to which day the receipts of a provider were taken."""

    link = models.OneToOneField(StationLink, models.PROTECT, verbose_name=_("collegamento"), related_name="+")
    taken_until = models.DateField(_("ricevute prese fino al"), null=True)
    attempted_at = models.DateTimeField(_("ultimo tentativo"), null=True)
    succeeded_at = models.DateTimeField(_("ultima volta riuscito"), null=True)
    error = models.CharField(_("errore"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("prelievo delle ricevute")
        verbose_name_plural = _("prelievi delle ricevute")

    def __str__(self) -> str:
        return str(self.link)


class IbanCheck(EntityModel):
    """An account of ours as pagoPA's back office knows it. A new account is announced seven days before it is used.

    That of another beneficiary is registered by the other, whose list we may not be allowed to read.
    """

    class State(models.TextChoices):
        REGISTERED = "registered", _("registrato")
        NOT_YET = "not_yet", _("non ancora attivo")
        DISABLED = "disabled", _("disattivato")
        MISSING = "missing", _("non registrato")
        FOREIGN = "foreign", _("di un altro ente: non verificabile")

    iban = models.CharField(_("IBAN"), max_length=27)
    beneficiary_fiscal_code = models.CharField(_("codice fiscale del beneficiario"), max_length=11)
    used_by = models.CharField(_("usato da"), max_length=300)
    state = models.CharField(_("stato"), max_length=10, choices=State.choices)
    valid_from = models.DateTimeField(_("attivo dal"), null=True)
    checked_at = models.DateTimeField(_("controllato il"))

    class Meta:
        verbose_name = _("controllo di un IBAN")
        verbose_name_plural = _("controlli degli IBAN")
        ordering = ["iban"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "iban", "beneficiary_fiscal_code"], name="iban_check_once")
        ]

    def __str__(self) -> str:
        return self.iban

    @classmethod
    def alarming(cls) -> models.QuerySet["IbanCheck"]:
        """Accounts to put in order: a payment to one of them is refused."""
        return cls.objects.exclude(state__in=[cls.State.REGISTERED, cls.State.FOREIGN])
