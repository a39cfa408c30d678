"""Persons, companies, and the mandates by which a person acts for a company.

These rows belong to no body: a haulier registers once for all of them. They are reached only through the person's
own session, or through a case of the body.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.kernel.choices import labels
from portal.people.domain import claims
from portal.people.domain.mandates import OPEN, Kind, Scope, State, scope_of

KIND_LABELS = {Kind.LEGAL_REPRESENTATIVE: _("legale rappresentante"), Kind.DELEGATE: _("delegato")}
STATE_LABELS = {
    State.REQUESTED: _("richiesta"),
    State.ACTIVE: _("attiva"),
    State.REFUSED: _("rifiutata"),
    State.REVOKED: _("revocata"),
    State.WITHDRAWN: _("ritirata"),
    State.EXPIRED: _("scaduta"),
}
CLAIM_LABELS = {
    claims.State.REQUESTED: _("da decidere"),
    claims.State.ACCEPTED: _("accolta"),
    claims.State.REFUSED: _("respinta"),
}


class AddressKind(models.TextChoices):
    EMAIL = "email", _("e-mail")
    PEC = "pec", _("domicilio digitale")


class EvidenceKind(models.TextChoices):
    DECLARATION = "declaration", _("dichiarazione (DPR 445/2000)")
    SIGNED_MANDATE = "signed_mandate", _("procura o delega firmata")
    COMPANY_RECORD = "company_record", _("visura camerale")


class Person(models.Model):
    """A natural person who logged in with a digital identity.

    Who comes from another country may have no codice fiscale. `same_as` is set when the office found that such a
    person already was here with a codice fiscale: from then on they are that one.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="person")
    fiscal_code = models.CharField(_("codice fiscale"), max_length=16, unique=True, null=True)  # noqa: DJ001 - null is "none", and unique
    spid_code = models.CharField(_("codice identificativo SPID"), max_length=40, blank=True)
    first_name = models.CharField(_("nome"), max_length=100)
    last_name = models.CharField(_("cognome"), max_length=100)
    birth_date = models.DateField(_("data di nascita"), null=True)
    email = models.EmailField(_("e-mail"), blank=True)
    email_verified_at = models.DateTimeField(_("e-mail confermata il"), null=True)
    phone = models.CharField(_("telefono"), max_length=20, blank=True)
    pec = models.EmailField(_("domicilio digitale (PEC)"), blank=True)
    pec_verified_at = models.DateTimeField(_("domicilio digitale confermato il"), null=True)
    same_as = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("è la stessa persona di"), null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("persona")
        verbose_name_plural = _("persone")
        constraints = [
            models.CheckConstraint(
                condition=Q(same_as__isnull=True) | Q(fiscal_code__isnull=True), name="person_same_as_has_no_code"
            ),
            models.CheckConstraint(condition=~Q(fiscal_code=""), name="person_fiscal_code_null_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class EmailVerification(models.Model):
    """A code sent to an address the person typed. The code itself is never stored: it is derived (services.py)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="email_verifications")
    kind = models.CharField(_("recapito"), max_length=5, choices=AddressKind.choices, default=AddressKind.EMAIL)
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
    """The power to act for a company (procura, delega, rappresentanza legale).

    Its holder is a person, or an agency (a company whose own people then act for the client), or a person who has
    never logged in: then only the codice fiscale is known, and the mandate waits for their first login.
    """

    person = models.ForeignKey(
        Person, models.PROTECT, verbose_name=_("persona"), null=True, blank=True, related_name="mandates"
    )
    agency = models.ForeignKey(
        Company, models.PROTECT, verbose_name=_("agenzia"), null=True, blank=True, related_name="clients"
    )
    holder_fiscal_code = models.CharField(_("codice fiscale del delegato"), max_length=16, blank=True)
    holder_name = models.CharField(_("delegato, come indicato"), max_length=140, blank=True)
    company = models.ForeignKey(Company, models.PROTECT, verbose_name=_("impresa"), related_name="mandates")
    kind = models.CharField(_("titolo"), max_length=24, choices=labels(Kind, KIND_LABELS))
    state = models.CharField(_("stato"), max_length=12, choices=labels(State, STATE_LABELS), default=State.REQUESTED)
    services = models.JSONField(_("servizi"), default=list, blank=True, help_text=_("vuoto: tutti"))
    valid_from = models.DateField(_("valida dal"))
    valid_to = models.DateField(_("valida fino al"), null=True, blank=True)
    evidence = models.CharField(_("titolo probatorio"), max_length=200, blank=True)
    declared = models.JSONField(_("impresa come dichiarata"), null=True, blank=True)
    asked_by = models.ForeignKey(
        Person, models.PROTECT, verbose_name=_("chiesta da"), null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("chiesta il"), null=True, blank=True)
    decided_by = models.CharField(_("decisa da"), max_length=150, blank=True)
    decided_for = models.ForeignKey(
        "portal_entities.Entity", models.PROTECT, verbose_name=_("ente che ha deciso"), null=True, blank=True,
        related_name="+",
    )  # fmt: skip
    decided_at = models.DateTimeField(_("decisa il"), null=True, blank=True)
    reason = models.TextField(_("motivo"), blank=True)

    class Meta:
        verbose_name = _("delega")
        verbose_name_plural = _("deleghe")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="mandate_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["person", "company"],
                condition=Q(state__in=[State.REQUESTED, State.ACTIVE]),
                name="mandate_one_open_a_company",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, agency__isnull=True)
                | Q(person__isnull=True, agency__isnull=False)
                | (Q(person__isnull=True, agency__isnull=True) & ~Q(holder_fiscal_code="")),
                name="mandate_has_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(agency__isnull=True) | ~Q(agency=F("company")), name="mandate_agency_is_another"
            ),
            models.UniqueConstraint(
                fields=["agency", "company"], condition=Q(state__in=sorted(OPEN)), name="mandate_one_open_an_agency"
            ),
            models.UniqueConstraint(
                fields=["holder_fiscal_code", "company"],
                condition=Q(state__in=sorted(OPEN), person__isnull=True, agency__isnull=True),
                name="mandate_one_open_a_waiting_holder",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} → {self.company}"

    @property
    def holder(self) -> Any:
        """Who acts by it: the agency, the person, or the name that was given for who has never logged in."""
        return self.agency or self.person or self.holder_name

    @property
    def shown_holder(self) -> str:
        """Who acts by it, for the other side: the name they wrote, not the one that is known here. A codice fiscale
        typed at random must not tell whose it is."""
        return str(self.agency or self.holder_name or self.person)

    @property
    def scope(self) -> Scope:
        """The services it reaches; None is all of them."""
        return scope_of(self.services)


class MandateEvidence(models.Model):
    """What proves a mandate: a declaration, word for word, or a file. Append-only."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    mandate = models.ForeignKey(Mandate, models.PROTECT, verbose_name=_("delega"), related_name="papers")
    kind = models.CharField(_("tipo"), max_length=16, choices=EvidenceKind.choices)
    text = models.TextField(_("testo"), blank=True)
    file = models.OneToOneField(
        "portal_documents.StoredFile", models.PROTECT, verbose_name=_("file"), null=True, related_name="+"
    )
    given_by = models.ForeignKey(Person, models.PROTECT, verbose_name=_("data da"), related_name="+")
    given_at = models.DateTimeField(_("data il"))

    class Meta:
        verbose_name = _("prova della delega")
        verbose_name_plural = _("prove delle deleghe")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text="") | Q(file__isnull=False), name="mandate_evidence_not_empty")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


class FiscalCodeClaim(models.Model):
    """A person without codice fiscale says which one is theirs; the office decides."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, verbose_name=_("persona"), related_name="claims")
    fiscal_code = models.CharField(_("codice fiscale dichiarato"), max_length=16)
    state = models.CharField(
        _("stato"), max_length=12, choices=labels(claims.State, CLAIM_LABELS), default=claims.State.REQUESTED
    )
    file = models.OneToOneField(
        "portal_documents.StoredFile", models.PROTECT, verbose_name=_("documento"), null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("chiesta il"))
    decided_by = models.CharField(_("decisa da"), max_length=150, blank=True)
    decided_for = models.ForeignKey(
        "portal_entities.Entity", models.PROTECT, verbose_name=_("ente che ha deciso"), null=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decisa il"), null=True)
    reason = models.TextField(_("motivo"), blank=True)

    class Meta:
        verbose_name = _("codice fiscale dichiarato")
        verbose_name_plural = _("codici fiscali dichiarati")
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(state=claims.State.REQUESTED), name="claim_one_open_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.fiscal_code}"
