"""Who is owed, through which station, and for what."""

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.entities.models import EntityModel

DIGITS_11 = RegexValidator(r"^\d{11}$", _("Servono 11 cifre."))
IBAN = RegexValidator(r"^IT\d{2}[A-Z]\d{10}[0-9A-Z]{12}$", _("L'IBAN italiano ha 27 caratteri."))


class CreditorEntity(EntityModel):
    """What pagoPA knows of a body: its CBILL code and the accounts where money arrives."""

    cbill_code = models.CharField(_("codice CBILL (SIA)"), max_length=5, validators=[RegexValidator(r"^[A-Z0-9]{5}$")])
    department = models.CharField(_("settore"), max_length=50, blank=True)
    info = models.CharField(_("informazioni per il cittadino"), max_length=100, blank=True)
    pays_on_site = models.BooleanField(_("si paga anche sul sito dell'ente"), default=True)
    iban = models.CharField(_("IBAN"), max_length=27, validators=[IBAN])
    postal_iban = models.CharField(_("IBAN postale"), max_length=27, blank=True, validators=[IBAN])
    postal_account = models.CharField(
        _("conto corrente postale"), max_length=12, blank=True, validators=[RegexValidator(r"^\d{1,12}$")]
    )
    postal_holder = models.CharField(_("intestazione del conto postale"), max_length=50, blank=True)
    notice_language = models.CharField(
        _("seconda lingua degli avvisi"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^[a-z]{2}$")],
        help_text=_("codice di due lettere, per esempio «fr»; vuoto: solo italiano"),
    )
    postal_authorisation = models.CharField(_("autorizzazione di Poste Italiane"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("ente creditore")
        verbose_name_plural = _("enti creditori")
        constraints = [models.UniqueConstraint(fields=["entity"], name="creditor_once_an_entity")]

    def __str__(self) -> str:
        return str(self.entity)

    @property
    def has_postal_slip(self) -> bool:
        """The postal part is printed only with an account and the print authorisation of Poste Italiane."""
        return bool(self.postal_account and self.postal_authorisation)


class Broker(EntityModel):
    """The technical partner that runs the station (intermediario); a body may be its own."""

    name = models.CharField(_("denominazione"), max_length=100)
    fiscal_code = models.CharField(_("codice fiscale"), max_length=11, validators=[DIGITS_11])

    class Meta:
        verbose_name = _("intermediario")
        verbose_name_plural = _("intermediari")
        constraints = [models.UniqueConstraint(fields=["entity", "fiscal_code"], name="broker_once_an_entity")]

    def __str__(self) -> str:
        return self.name


class Station(EntityModel):
    """A station (stazione): the node's name for the address where we answer."""

    broker = models.ForeignKey(Broker, models.PROTECT, verbose_name=_("intermediario"), related_name="+")
    code = models.CharField(_("codice"), max_length=35)

    class Meta:
        verbose_name = _("stazione")
        verbose_name_plural = _("stazioni")
        constraints = [models.UniqueConstraint(fields=["entity", "code"], name="station_once_an_entity")]

    def __str__(self) -> str:
        return self.code


class StationLink(EntityModel):
    """A body on a station, with the segregation code that PagoPA S.p.A. gave to the pair.

    A body may have several at once, with different brokers: one issues by default, a kind of debt may name another.
    """

    class Provider(models.TextChoices):
        NODE = "node", _("stazione dell'ente")
        GPD = "gpd", _("GPD di pagoPA")
        IRIS = "iris", _("IRIS, Regione Toscana")

    creditor = models.ForeignKey(
        CreditorEntity, models.PROTECT, verbose_name=_("ente creditore"), related_name="station_links"
    )
    station = models.ForeignKey(Station, models.PROTECT, verbose_name=_("stazione"), related_name="+")
    segregation_code = models.PositiveSmallIntegerField(_("codice di segregazione"), validators=[MaxValueValidator(45)])
    provider = models.CharField(
        _("come si pubblicano le posizioni"),
        max_length=8,
        choices=Provider.choices,
        default=Provider.NODE,
        help_text=_("la nostra stazione, l'archivio GPD di pagoPA o il nodo regionale IRIS"),
    )
    sends_to_aca = models.BooleanField(
        _("copia nell'archivio ACA"),
        default=False,
        help_text=_("per la nostra stazione: pagoPA incassa anche quando non risponde"),
    )
    active = models.BooleanField(_("attivo"), default=True)
    issues = models.BooleanField(_("usato per i nuovi avvisi"), default=True)

    class Meta:
        verbose_name = _("collegamento alla stazione")
        verbose_name_plural = _("collegamenti alle stazioni")
        constraints = [
            models.UniqueConstraint(fields=["creditor", "segregation_code"], name="segregation_code_once"),
            models.UniqueConstraint(fields=["creditor"], condition=Q(issues=True), name="one_issuing_station"),
            models.CheckConstraint(condition=Q(segregation_code__lte=45), name="segregation_code_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.station} · {self.segregation_code:02d}"


class DebtKind(EntityModel):
    """A kind of debt (tipo di dovuto): its taxonomy code and where its money goes. Dated, with its source."""

    code = models.CharField(_("codice"), max_length=40)
    description = models.CharField(_("descrizione"), max_length=140)
    taxonomy_code = models.CharField(
        _("codice della tassonomia"),
        max_length=20,
        validators=[RegexValidator(r"^[0-9A-Z]{6,12}$")],
        help_text=_("senza prefisso «9/» e senza barra finale"),
    )
    office_name = models.CharField(_("ufficio"), max_length=50, blank=True)
    iban = models.CharField(
        _("IBAN"), max_length=27, blank=True, validators=[IBAN], help_text=_("vuoto: quello dell'ente")
    )
    beneficiary_fiscal_code = models.CharField(
        _("codice fiscale del beneficiario"),
        max_length=11,
        blank=True,
        validators=[DIGITS_11],
        help_text=_("vuoto: l'ente stesso; per un altro ente servono anche la denominazione e l'IBAN"),
    )
    beneficiary_name = models.CharField(_("beneficiario"), max_length=100, blank=True)
    digital_stamp = models.BooleanField(
        _("marca da bollo digitale"), default=False, help_text=_("si paga solo on line e non ha un IBAN")
    )
    link = models.ForeignKey(
        StationLink,
        models.PROTECT,
        verbose_name=_("stazione"),
        null=True,
        blank=True,
        related_name="+",
        help_text=_("vuoto: quella che l'ente usa per i nuovi avvisi"),
    )
    open_days = models.PositiveSmallIntegerField(
        _("giorni in cui si può pagare"),
        null=True,
        blank=True,
        help_text=_("per gli avvisi senza scadenza: quanti giorni dopo l'emissione restano pagabili"),
    )
    valid_from = models.DateField(_("valido dal"))
    valid_until = models.DateField(_("valido fino al"), null=True, blank=True)
    source = models.CharField(_("fonte"), max_length=200)
    confirmed_by = models.CharField(_("confermato da"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("tipo di dovuto")
        verbose_name_plural = _("tipi di dovuto")
        ordering = ["code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["entity", "code", "valid_from"], name="debt_kind_once_a_day"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")),
                name="debt_kind_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(beneficiary_fiscal_code="", beneficiary_name="")
                | (~Q(beneficiary_fiscal_code="") & ~Q(beneficiary_name="") & (~Q(iban="") | Q(digital_stamp=True))),
                name="debt_kind_beneficiary_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.description}"


class IuvSequence(EntityModel):
    """The next free number of a body and segregation code. Numbers are unique for ever, so it never goes back."""

    segregation_code = models.PositiveSmallIntegerField(_("codice di segregazione"))
    next_value = models.BigIntegerField(_("prossimo numero"), default=1)

    class Meta:
        verbose_name = _("sequenza degli avvisi")
        verbose_name_plural = _("sequenze degli avvisi")
        constraints = [
            models.UniqueConstraint(fields=["entity", "segregation_code"], name="iuv_sequence_once"),
            models.CheckConstraint(condition=Q(next_value__gte=1), name="iuv_sequence_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.segregation_code:02d} · {self.next_value}"
