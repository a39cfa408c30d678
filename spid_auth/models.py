"""Identity providers, login requests and their answers, and the identities that came out of them.

Retention: the register of transactions (requests and answers as exchanged) is kept for 24 months (DPCM 24 October 2014,
art. 13; SPID technical rules, "tracciature"). Only the audited purge may delete older rows.
"""

from cryptography import x509
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kernel.choices import labels
from spid_auth.domain.transactions import State
from spid_auth.saml.parties import IdentityProviderInfo

STATE_LABELS = {State.SENT: _("inviata"), State.CONSUMED: _("accesso riuscito"), State.FAILED: _("accesso rifiutato")}
_LEVEL = [MinValueValidator(1), MaxValueValidator(3)]


class Scheme(models.TextChoices):
    SPID = "spid", "SPID"


class Direction(models.TextChoices):
    OUT = "out", _("richiesta inviata")
    IN = "in", _("risposta ricevuta")


class IdentityProvider(models.Model):
    """A registered identity provider (gestore dell'identità digitale): the only source of its keys and addresses."""

    # Named as in the messages: `entity_id` is, all over the house, the body a row belongs to.
    issuer = models.CharField(_("entityID"), max_length=255, unique=True)
    name = models.CharField(_("nome"), max_length=100)
    sso_post_url = models.URLField(_("indirizzo di accesso (HTTP-POST)"), blank=True, max_length=500)
    sso_redirect_url = models.URLField(_("indirizzo di accesso (HTTP-Redirect)"), blank=True, max_length=500)
    slo_post_url = models.URLField(_("indirizzo di uscita (HTTP-POST)"), blank=True, max_length=500)
    certificates = models.TextField(_("certificati di firma (PEM)"), help_text=_("uno o più, anche in sovrapposizione"))
    enabled = models.BooleanField(_("attivo"), default=True)

    class Meta:
        verbose_name = _("gestore dell'identità")
        verbose_name_plural = _("gestori dell'identità")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(sso_post_url="") | ~Q(sso_redirect_url=""), name="idp_has_a_login_address"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse what would only fail at the first login."""
        if not self.sso_post_url and not self.sso_redirect_url:
            raise ValidationError(_("Indica almeno un indirizzo di accesso."))
        try:
            found = x509.load_pem_x509_certificates(self.certificates.encode())
        except ValueError:
            found = []
        if not found:
            raise ValidationError({"certificates": _("Incolla almeno un certificato in formato PEM.")})

    @property
    def info(self) -> IdentityProviderInfo:
        """The provider as the SAML documents need it."""
        end = "-----END CERTIFICATE-----"
        pems = tuple(f"{part.strip()}\n{end}\n" for part in self.certificates.split(end) if part.strip())
        return IdentityProviderInfo(self.issuer, pems, self.sso_post_url, self.sso_redirect_url)


class AuthnTransaction(models.Model):
    """One login request and what became of it. The messages themselves stand in SamlMessage."""

    code = models.CharField(_("codice della richiesta"), max_length=12, unique=True)
    request_id = models.CharField(_("AuthnRequest ID"), max_length=64, unique=True)
    issued_at = models.DateTimeField(_("AuthnRequest IssueInstant"))
    idp = models.ForeignKey(IdentityProvider, models.PROTECT, verbose_name=_("gestore"), related_name="transactions")
    level = models.PositiveSmallIntegerField(_("livello richiesto"), validators=_LEVEL)
    relay_state = models.CharField(_("RelayState"), max_length=64, unique=True)
    next_path = models.CharField(_("pagina di ritorno"), max_length=500)
    state = models.CharField(_("stato"), max_length=12, choices=labels(State, STATE_LABELS), default=State.SENT)
    created_at = models.DateTimeField(_("creata"))
    closed_at = models.DateTimeField(_("conclusa"), null=True)
    error_code = models.CharField(_("motivo del rifiuto"), max_length=20, blank=True)
    reasons = models.CharField(_("controlli non superati"), max_length=1000, blank=True)
    response_id = models.CharField(_("Response ID"), max_length=255, blank=True)
    response_issued_at = models.DateTimeField(_("Response IssueInstant"), null=True)
    response_issuer = models.CharField(_("Response Issuer"), max_length=255, blank=True)
    assertion_id = models.CharField(_("Assertion ID"), max_length=255, blank=True)
    subject = models.CharField(_("Assertion subject"), max_length=255, blank=True)
    subject_qualifier = models.CharField(_("Assertion subject NameQualifier"), max_length=255, blank=True)
    identity = models.ForeignKey(
        "Identity", models.PROTECT, verbose_name=_("identità"), null=True, related_name="transactions"
    )

    class Meta:
        verbose_name = _("richiesta di accesso")
        verbose_name_plural = _("richieste di accesso")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["response_issuer", "assertion_id"], condition=~Q(assertion_id=""), name="assertion_used_once"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.CONSUMED) | Q(identity__isnull=False), name="consumed_request_has_an_identity"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class SamlMessage(models.Model):
    """A message as it left or arrived, byte by byte. Append-only: stored and committed first, judged after."""

    transaction = models.ForeignKey(
        AuthnTransaction, models.PROTECT, verbose_name=_("richiesta di accesso"), related_name="messages"
    )
    direction = models.CharField(_("verso"), max_length=3, choices=Direction.choices)
    body = models.BinaryField(_("messaggio"))
    at = models.DateTimeField(_("quando"))

    class Meta:
        verbose_name = _("messaggio SAML")
        verbose_name_plural = _("messaggi SAML")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} {self.transaction}"


class ResponseTicket(models.Model):
    """Carries a received answer, once and for a minute, from the cross-site POST to the person's own session."""

    digest = models.CharField(max_length=64, unique=True)
    message = models.OneToOneField(SamlMessage, models.PROTECT, related_name="ticket")
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("biglietto di ritorno")
        verbose_name_plural = _("biglietti di ritorno")

    def __str__(self) -> str:
        return f"#{self.pk}"


class Identity(models.Model):
    """A digital identity of a person. The key is the codice fiscale: one person, whatever the provider."""

    person = models.ForeignKey(
        "portal_people.Person", models.PROTECT, verbose_name=_("persona"), related_name="identities"
    )
    scheme = models.CharField(_("sistema"), max_length=12, choices=Scheme.choices)
    subject_key = models.CharField(_("chiave del soggetto"), max_length=64)
    spid_code = models.CharField(_("codice identificativo SPID"), max_length=40, blank=True)
    level = models.PositiveSmallIntegerField(_("livello dell'ultimo accesso"), validators=_LEVEL)
    idp = models.ForeignKey(IdentityProvider, models.PROTECT, verbose_name=_("gestore"), related_name="+")
    first_login = models.DateTimeField(_("primo accesso"))
    last_login = models.DateTimeField(_("ultimo accesso"))

    class Meta:
        verbose_name = _("identità digitale")
        verbose_name_plural = _("identità digitali")
        constraints = [models.UniqueConstraint(fields=["scheme", "subject_key"], name="identity_subject_once")]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} · {self.person}"
