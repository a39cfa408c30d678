"""The register of logins: requests and answers as they were exchanged, and what became of them.

Retention: the register of transactions (requests and answers as exchanged) is kept for 24 months (DPCM 24 October 2014,
art. 13; SPID technical rules, "tracciature"). Only the audited purge may delete older rows.
"""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kernel.choices import labels
from spid_auth.domain.schemes import Comparison, Purpose, Scheme
from spid_auth.domain.transactions import State
from spid_auth.models.federation import SCHEME_LABELS, IdentityProvider, ProviderRevision

STATE_LABELS = {State.SENT: _("inviata"), State.CONSUMED: _("accesso riuscito"), State.FAILED: _("accesso rifiutato")}
LEVEL = [MinValueValidator(1), MaxValueValidator(3)]


class Direction(models.TextChoices):
    OUT = "out", _("richiesta inviata")
    IN = "in", _("risposta ricevuta")


class AuthnTransaction(models.Model):
    """One login request and what became of it. The messages themselves stand in SamlMessage."""

    code = models.CharField(_("codice della richiesta"), max_length=12, unique=True)
    request_id = models.CharField(_("AuthnRequest ID"), max_length=64, unique=True)
    issued_at = models.DateTimeField(_("AuthnRequest IssueInstant"))
    idp = models.ForeignKey(IdentityProvider, models.PROTECT, verbose_name=_("gestore"), related_name="transactions")
    scheme = models.CharField(_("sistema"), max_length=12, choices=labels(Scheme, SCHEME_LABELS), default=Scheme.SPID)
    # What we called ourselves and where we asked to be answered: judged with these, whatever changes meanwhile.
    sp_entity_id = models.CharField(_("nostro entityID"), max_length=255, blank=True)
    acs_url = models.CharField(_("indirizzo di ritorno"), max_length=255, blank=True)
    level = models.PositiveSmallIntegerField(_("livello richiesto"), validators=LEVEL)
    comparison = models.CharField(
        _("confronto del livello"),
        max_length=8,
        choices=[(one.value, one.value) for one in Comparison],
        default=Comparison.MINIMUM,
    )
    purpose = models.CharField(
        _("uso richiesto"), max_length=2, choices=[(one.value, one.value) for one in Purpose], blank=True
    )
    step_up_of = models.ForeignKey(
        "Identity",
        models.PROTECT,
        verbose_name=_("identità che deve tornare"),
        null=True,
        related_name="+",
        help_text=_("chi era già dentro e accede di nuovo a un livello più alto"),
    )
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
    session_index = models.CharField(_("SessionIndex"), max_length=255, blank=True)
    logout_id = models.CharField(_("LogoutRequest ID"), max_length=64, blank=True)
    # How the answer was judged: which one, with which keys of the provider, with which tolerance on the clocks.
    judged = models.OneToOneField(
        "SamlMessage", models.PROTECT, verbose_name=_("risposta giudicata"), null=True, related_name="verdict"
    )
    provider_revision = models.ForeignKey(
        ProviderRevision, models.PROTECT, verbose_name=_("versione del gestore"), null=True, related_name="+"
    )
    skew_seconds = models.PositiveSmallIntegerField(_("tolleranza sull'ora (secondi)"), null=True)
    hold_reason = models.CharField(
        _("motivo della conservazione"), max_length=200, blank=True, help_text=_("la richiesta non viene cancellata")
    )
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
    # Sealed (register_seal): `key` names the key, empty for rows older than the sealing, which stand in clear.
    body = models.BinaryField(_("messaggio"))
    key = models.CharField(_("chiave di cifratura"), max_length=16, blank=True)
    sha256 = models.CharField(_("impronta SHA-256 del messaggio in chiaro"), max_length=64, blank=True)
    at = models.DateTimeField(_("quando"))

    class Meta:
        verbose_name = _("messaggio SAML")
        verbose_name_plural = _("messaggi SAML")
        ordering = ["pk"]
        permissions = [("open_register", "Può aprire i messaggi del registro degli accessi")]

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


class RegisterPurge(models.Model):
    """A run of the purge (verbale di cancellazione). Counted batch by batch: a run that was cut off goes on."""

    started_at = models.DateTimeField(_("iniziata"))
    finished_at = models.DateTimeField(_("finita"), null=True)
    cutoff = models.DateTimeField(_("cancellate le richieste precedenti al"))
    transactions = models.PositiveIntegerField(_("richieste cancellate"), default=0)
    messages = models.PositiveIntegerField(_("messaggi cancellati"), default=0)
    oldest_at = models.DateTimeField(_("la più vecchia"), null=True)
    newest_at = models.DateTimeField(_("la più recente"), null=True)

    class Meta:
        verbose_name = _("cancellazione dal registro degli accessi")
        verbose_name_plural = _("cancellazioni dal registro degli accessi")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(finished_at__isnull=True), name="one_register_purge_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
