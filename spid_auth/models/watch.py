"""What the office must look at: alerts of the login, and how each refresh of the providers went."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kernel.choices import labels


class AlertKind(StrEnum):
    LOGIN = "login"
    REGISTRY = "registry"
    PROVIDER_NEW = "provider-new"
    PROVIDER_KEYS = "provider-keys"
    PROVIDER_CHANGED = "provider-changed"
    PROVIDER_MISSING = "provider-missing"
    PROVIDER_EXPIRY = "provider-expiry"
    REGISTER = "register"


ALERT_LABELS = {
    AlertKind.LOGIN: _("accesso rifiutato per un problema tecnico"),
    AlertKind.REGISTRY: _("registro dei gestori non aggiornato"),
    AlertKind.PROVIDER_NEW: _("nuovo gestore da attivare"),
    AlertKind.PROVIDER_KEYS: _("nuovi certificati da approvare"),
    AlertKind.PROVIDER_CHANGED: _("dati di un gestore cambiati"),
    AlertKind.PROVIDER_MISSING: _("gestore non più nel registro"),
    AlertKind.PROVIDER_EXPIRY: _("certificato di un gestore in scadenza"),
    AlertKind.REGISTER: _("registro degli accessi da controllare"),
}


class Alert(models.Model):
    """Something technical that somebody must look into. The same thing again is counted, not repeated."""

    kind = models.CharField(_("che cosa"), max_length=20, choices=labels(AlertKind, ALERT_LABELS))
    subject = models.CharField(_("riguarda"), max_length=255)
    text = models.CharField(_("descrizione"), max_length=1000)
    first_at = models.DateTimeField(_("la prima volta"))
    last_at = models.DateTimeField(_("l'ultima volta"))
    count = models.PositiveIntegerField(_("quante volte"), default=1)
    closed_at = models.DateTimeField(_("chiuso"), null=True)

    class Meta:
        verbose_name = _("avviso tecnico dell'accesso")
        verbose_name_plural = _("avvisi tecnici dell'accesso")
        ordering = [models.F("closed_at").desc(nulls_first=True), "-last_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(closed_at__isnull=True), name="alert_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"


class RefreshOutcome(StrEnum):
    APPLIED = "applied"
    CAUTIOUS = "cautious"
    REFUSED = "refused"


OUTCOME_LABELS = {
    RefreshOutcome.APPLIED: _("applicato, firma riconosciuta"),
    RefreshOutcome.CAUTIOUS: _("letto, senza una firma riconosciuta"),
    RefreshOutcome.REFUSED: _("rifiutato"),
}


class RegistryRefresh(models.Model):
    """How a refresh of the identity providers went. Rows are never changed."""

    at = models.DateTimeField(_("quando"))
    source = models.CharField(_("da dove"), max_length=500)
    sha256 = models.CharField(_("impronta SHA-256 del documento"), max_length=64, blank=True)
    outcome = models.CharField(_("esito"), max_length=12, choices=labels(RefreshOutcome, OUTCOME_LABELS))
    providers = models.PositiveIntegerField(_("gestori nel registro"), default=0)
    changes = models.PositiveIntegerField(_("differenze"), default=0)
    text = models.CharField(_("note"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("aggiornamento dei gestori")
        verbose_name_plural = _("aggiornamenti dei gestori")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} #{self.pk}"
