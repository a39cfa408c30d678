"""Persons, companies, and the mandates by which a person acts for a company.

These rows belong to no body: a haulier registers once for all of them. They are reached only through the person's
own session, or through a case of the body.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kernel.choices import labels
from portal.people.domain.mandates import Kind, State

KIND_LABELS = {Kind.LEGAL_REPRESENTATIVE: _("legale rappresentante"), Kind.DELEGATE: _("delegato")}
STATE_LABELS = {
    State.REQUESTED: _("richiesta"),
    State.ACTIVE: _("attiva"),
    State.REFUSED: _("rifiutata"),
    State.REVOKED: _("revocata"),
}


class Person(models.Model):
    """A natural person who logged in with a digital identity."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="person")
    fiscal_code = models.CharField(_("codice fiscale"), max_length=16, unique=True, null=True)  # noqa: DJ001 - null is "none", and unique
    spid_code = models.CharField(_("codice identificativo SPID"), max_length=40, blank=True)
    first_name = models.CharField(_("nome"), max_length=100)
    last_name = models.CharField(_("cognome"), max_length=100)
    birth_date = models.DateField(_("data di nascita"), null=True)
    email = models.EmailField(_("e-mail"), blank=True)
    email_verified_at = models.DateTimeField(_("e-mail confermata il"), null=True)
    phone = models.CharField(_("telefono"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("persona")
        verbose_name_plural = _("persone")
        constraints = [
            models.CheckConstraint(condition=~Q(fiscal_code=""), name="person_fiscal_code_null_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class EmailVerification(models.Model):
    """A code sent to an address the person typed. The code itself is never stored: it is derived (services.py)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="email_verifications")
    email = models.EmailField(_("e-mail"))
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("conferma di indirizzo e-mail")
        verbose_name_plural = _("conferme di indirizzi e-mail")

    def __str__(self) -> str:
        return f"#{self.pk}"


class Company(models.Model):
    """An enterprise (impresa)."""

    name = models.CharField(_("denominazione"), max_length=140)
    fiscal_code = models.CharField(_("codice fiscale"), max_length=16, unique=True)
    vat_number = models.CharField(_("partita IVA"), max_length=11, blank=True)
    rea = models.CharField(_("numero REA"), max_length=20, blank=True)
    seat = models.CharField(_("sede legale"), max_length=200)
    pec = models.EmailField(_("PEC"), blank=True)

    class Meta:
        verbose_name = _("impresa")
        verbose_name_plural = _("imprese")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Mandate(models.Model):
    """The power of a person to act for a company (procura, delega, rappresentanza legale)."""

    person = models.ForeignKey(Person, models.PROTECT, verbose_name=_("persona"), related_name="mandates")
    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("impresa"), related_name="mandates")
    kind = models.CharField(_("titolo"), max_length=24, choices=labels(Kind, KIND_LABELS))
    state = models.CharField(_("stato"), max_length=12, choices=labels(State, STATE_LABELS), default=State.REQUESTED)
    valid_from = models.DateField(_("valida dal"))
    valid_to = models.DateField(_("valida fino al"), null=True, blank=True)
    evidence = models.CharField(_("titolo probatorio"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("delega")
        verbose_name_plural = _("deleghe")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="mandate_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["person", "company"],
                condition=Q(state__in=[State.REQUESTED, State.ACTIVE]),
                name="mandate_one_open_a_company",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} → {self.company}"
