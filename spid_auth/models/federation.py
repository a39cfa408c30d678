"""Who we are in the federations of digital identity, and who identifies people there."""

from cryptography import x509
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kernel.choices import labels
from spid_auth.domain.modes import AGGREGATED, Mode
from spid_auth.domain.schemes import Scheme
from spid_auth.saml.names import BINDING_POST, BINDING_REDIRECT
from spid_auth.saml.parties import IdentityProviderInfo

SCHEME_LABELS = {Scheme.SPID: "SPID", Scheme.CIE: "CIE", Scheme.EIDAS: "eIDAS", Scheme.ARPA: "ARPA"}
MODE_LABELS = {
    Mode.DIRECT: _("in proprio"),
    Mode.AGGREGATED_FULL: _("aggregato (full)"),
    Mode.AGGREGATED_LIGHT: _("aggregato (light)"),
    Mode.OPERATOR_FULL: _("gestore di servizi (full)"),
    Mode.OPERATOR_LIGHT: _("gestore di servizi (light)"),
}


class Source(models.TextChoices):
    MANUAL = "manual", _("inserito a mano")
    REGISTRY = "registry", _("registro della federazione")


def certificates_of(pem: str) -> list[x509.Certificate]:
    """The certificates in a PEM text, none when it holds anything else."""
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        return []


def split_pems(text: str) -> tuple[str, ...]:
    """The PEM blocks of a text, one by one, whatever they hold."""
    end = "-----END CERTIFICATE-----"
    return tuple(f"{part.strip()}\n{end}\n" for part in text.split(end) if part.strip())


class IdentityProvider(models.Model):
    """A registered identity provider (gestore dell'identità digitale): the only source of its keys and addresses."""

    # Named as in the messages: `entity_id` is, all over the house, the body a row belongs to.
    issuer = models.CharField(_("entityID"), max_length=255, unique=True)
    scheme = models.CharField(_("sistema"), max_length=12, choices=labels(Scheme, SCHEME_LABELS), default=Scheme.SPID)
    name = models.CharField(_("nome"), max_length=100)
    sso_post_url = models.URLField(_("indirizzo di accesso (HTTP-POST)"), blank=True, max_length=500)
    sso_redirect_url = models.URLField(_("indirizzo di accesso (HTTP-Redirect)"), blank=True, max_length=500)
    slo_post_url = models.URLField(_("indirizzo di uscita (HTTP-POST)"), blank=True, max_length=500)
    slo_redirect_url = models.URLField(_("indirizzo di uscita (HTTP-Redirect)"), blank=True, max_length=500)
    certificates = models.TextField(
        _("certificati di firma (PEM)"), blank=True, help_text=_("uno o più, anche in sovrapposizione")
    )
    enabled = models.BooleanField(_("attivo"), default=True)
    source = models.CharField(_("provenienza"), max_length=12, choices=Source.choices, default=Source.MANUAL)
    seen_at = models.DateTimeField(_("visto nel registro"), null=True, editable=False)
    pending_certificates = models.TextField(
        _("certificati in attesa di approvazione (PEM)"),
        blank=True,
        editable=False,
        help_text=_("pubblicati nel registro senza una firma che li garantisca: non sono usati finché non li approvi"),
    )

    class Meta:
        verbose_name = _("gestore dell'identità")
        verbose_name_plural = _("gestori dell'identità")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(sso_post_url="") | ~Q(sso_redirect_url=""), name="idp_has_a_login_address"
            ),
            # An OpenID Connect provider publishes its keys at its own address; the others are known by these.
            models.CheckConstraint(condition=~Q(certificates="") | Q(scheme=Scheme.ARPA), name="idp_has_a_key"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse what would only fail at the first login."""
        if not self.sso_post_url and not self.sso_redirect_url:
            raise ValidationError(_("Indica almeno un indirizzo di accesso."))
        if self.scheme != Scheme.ARPA and not certificates_of(self.certificates):
            raise ValidationError({"certificates": _("Incolla almeno un certificato in formato PEM.")})

    @property
    def logout_door(self) -> tuple[str, str] | None:
        """(binding, address) where the provider takes requests of logout, POST preferred."""
        if self.slo_post_url:
            return BINDING_POST, self.slo_post_url
        return (BINDING_REDIRECT, self.slo_redirect_url) if self.slo_redirect_url else None

    @property
    def info(self) -> IdentityProviderInfo:
        """The provider as the SAML documents need it."""
        return IdentityProviderInfo(
            self.issuer, split_pems(self.certificates), self.sso_post_url, self.sso_redirect_url
        )


class ProviderRevision(models.Model):
    """A provider as it was: what an answer was judged with, so that it can be judged again. Append-only."""

    provider = models.ForeignKey(IdentityProvider, models.PROTECT, verbose_name=_("gestore"), related_name="revisions")
    digest = models.CharField(_("impronta"), max_length=64)
    issuer = models.CharField(_("entityID"), max_length=255)
    sso_post_url = models.URLField(_("indirizzo di accesso (HTTP-POST)"), blank=True, max_length=500)
    sso_redirect_url = models.URLField(_("indirizzo di accesso (HTTP-Redirect)"), blank=True, max_length=500)
    certificates = models.TextField(_("certificati di firma (PEM)"), blank=True)
    at = models.DateTimeField(_("usata dal"))

    class Meta:
        verbose_name = _("versione di un gestore")
        verbose_name_plural = _("versioni dei gestori")
        constraints = [models.UniqueConstraint(fields=["provider", "digest"], name="provider_revision_once")]

    def __str__(self) -> str:
        return f"{self.provider} · {self.digest[:12]}"

    @property
    def info(self) -> IdentityProviderInfo:
        """The provider as the SAML documents needed it."""
        return IdentityProviderInfo(
            self.issuer, split_pems(self.certificates), self.sso_post_url, self.sso_redirect_url
        )


class ServiceProviderEntity(models.Model):
    """How a body presents itself to the federations. Without a row the default body is in SPID on its own account."""

    body = models.OneToOneField(
        "portal_entities.Entity", models.PROTECT, verbose_name=_("ente"), related_name="service_provider"
    )
    mode = models.CharField(_("adesione"), max_length=12, choices=labels(Mode, MODE_LABELS), default=Mode.DIRECT)
    aggregator = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("soggetto aggregatore"),
        null=True,
        blank=True,
        related_name="aggregated",
        help_text=_("l'ente che presenta questo alla federazione; solo per gli aggregati"),
    )
    contact_email = models.EmailField(
        _("e-mail di contatto"), blank=True, help_text=_("quella della richiesta di adesione; se manca, dell'ente")
    )
    contact_phone = models.CharField(_("telefono di contatto"), max_length=40, blank=True)
    locality = models.CharField(_("comune della sede"), max_length=60, blank=True, help_text=_("per il certificato"))
    municipality = models.CharField(
        _("codice catastale del comune"),
        max_length=4,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]\d{3}$")],
        help_text=_("es. G702 per Pisa; lo chiede CIE"),
    )
    province = models.CharField(
        _("sigla della provincia"), max_length=2, blank=True, validators=[RegexValidator(r"^[A-Z]{2}$")]
    )
    with_cie = models.BooleanField(_("accesso con CIE"), default=False)
    with_eidas = models.BooleanField(_("accesso con eIDAS"), default=False)
    validation_certificate = models.TextField(
        _("certificato dell'aggregato (PEM)"), blank=True, help_text=_("solo per l'adesione light")
    )

    class Meta:
        verbose_name = _("adesione alle federazioni")
        verbose_name_plural = _("adesioni alle federazioni")
        constraints = [
            models.CheckConstraint(
                condition=Q(aggregator__isnull=False, mode__in=sorted(AGGREGATED))
                | (Q(aggregator__isnull=True) & ~Q(mode__in=sorted(AGGREGATED))),
                name="aggregated_has_an_aggregator",
            )
        ]

    def __str__(self) -> str:
        return str(self.body)

    def clean(self) -> None:
        """Refuse what the federations would refuse."""
        aggregated = self.mode in AGGREGATED
        if aggregated != bool(self.aggregator_id):
            raise ValidationError(
                {"aggregator": _("Indica il soggetto aggregatore se, e solo se, l'ente è aggregato.")}
            )
        if self.aggregator is not None and self.aggregator.mode in AGGREGATED:
            raise ValidationError({"aggregator": _("Un ente aggregato non può fare da aggregatore.")})
        if self.mode == Mode.AGGREGATED_LIGHT and len(certificates_of(self.validation_certificate)) != 1:
            raise ValidationError({"validation_certificate": _("Incolla il certificato dell'ente aggregato.")})
        if self.with_cie and not self.municipality:
            raise ValidationError({"municipality": _("CIE chiede il codice catastale del comune della sede.")})


class SigningCertificate(models.Model):
    """A key of ours, from the day it signs. The files stand in the folder of the keys, never in the database."""

    provider = models.ForeignKey(
        ServiceProviderEntity, models.PROTECT, verbose_name=_("adesione"), related_name="certificates"
    )
    folder = models.CharField(_("cartella"), max_length=60, validators=[RegexValidator(r"^[A-Za-z0-9_-]+$")])
    fingerprint = models.CharField(_("impronta SHA-256"), max_length=64, unique=True)
    active_from = models.DateTimeField(_("firma dal"))
    expires_at = models.DateTimeField(_("scade il"))
    withdrawn_at = models.DateTimeField(_("ritirato il"), null=True, blank=True)

    class Meta:
        verbose_name = _("certificato di firma")
        verbose_name_plural = _("certificati di firma")
        ordering = ["-active_from"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "folder"], name="certificate_folder_once"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("active_from")), name="certificate_active_before_expiry"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} · {self.folder}"
