"""Drafts, cases and what happens around them."""

import uuid
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.cases.domain.requests import RequestKind
from portal.cases.domain.states import OPEN, State
from portal.entities.managers import EntityManager
from portal.entities.models import EntityModel
from portal.kernel.choices import labels

STATE_LABELS = {
    State.SUBMITTED: _("presentata"),
    State.UNDER_REVIEW: _("in istruttoria"),
    State.INTEGRATION_REQUESTED: _("in attesa di integrazione"),
    State.REFUSAL_NOTICE: _("preavviso di rigetto"),
    State.PAYMENT_DUE: _("da pagare"),
    State.READY_TO_ISSUE: _("pagata, in rilascio"),
    State.GRANTED: _("accolta"),
    State.REFUSED: _("respinta"),
    State.WITHDRAWN: _("ritirata"),
    State.ARCHIVED: _("archiviata"),
}
REQUEST_LABELS = {
    RequestKind.INTEGRATION: _("richiesta di integrazione"),
    RequestKind.REFUSAL_NOTICE: _("preavviso di rigetto"),
}


class Draft(models.Model):
    """An application being filled. It belongs to a person (and the company they act for), not yet to a body."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.SlugField(_("servizio"), max_length=60)
    person = models.ForeignKey("portal_people.Person", models.CASCADE, related_name="drafts")
    company = models.ForeignKey("portal_people.Company", models.CASCADE, null=True, related_name="+")
    step = models.SlugField(_("passo"), max_length=40, blank=True)
    data = models.JSONField(_("risposte per passo"), default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(_("iniziata il"))
    saved_at = models.DateTimeField(_("salvata il"))
    case = models.OneToOneField("portal_cases.Case", models.PROTECT, null=True, related_name="draft")

    class Meta:
        verbose_name = _("bozza")
        verbose_name_plural = _("bozze")
        ordering = ["-saved_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "person", "company"],
                condition=Q(case__isnull=True),
                nulls_distinct=False,
                name="draft_one_open_a_service",
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} #{self.pk}"


class Case(EntityModel):
    """A case (pratica): an application with a protocol number, on its way to a decision."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("numero di pratica"), max_length=20, unique=True)
    service = models.SlugField(_("servizio"), max_length=60)
    title = models.CharField(_("oggetto"), max_length=140)
    state = models.CharField(_("stato"), max_length=24, choices=labels(State, STATE_LABELS), default=State.SUBMITTED)
    applicant_person = models.ForeignKey(
        "portal_people.Person", models.PROTECT, verbose_name=_("presentata da"), related_name="cases"
    )
    applicant_company = models.ForeignKey(
        "portal_people.Company", models.PROTECT, verbose_name=_("per l'impresa"), null=True, related_name="cases"
    )
    mandate = models.ForeignKey("portal_people.Mandate", models.PROTECT, null=True, related_name="+")
    office = models.ForeignKey("portal_entities.Office", models.PROTECT, verbose_name=_("ufficio"), related_name="+")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("in carico a"), null=True, related_name="+"
    )
    protocol = models.OneToOneField(
        "portal_registry.ProtocolEntry", models.PROTECT, verbose_name=_("protocollo"), related_name="+"
    )
    snapshot = models.JSONField(_("domanda come presentata"), encoder=DjangoJSONEncoder)
    snapshot_sha256 = models.CharField(_("impronta della domanda"), max_length=64)
    submitted_at = models.DateTimeField(_("presentata il"))
    term_days = models.PositiveSmallIntegerField(_("termine in giorni"))
    due_on = models.DateField(_("decisione entro"), null=True)
    closed_at = models.DateTimeField(_("conclusa il"), null=True)

    class Meta:
        verbose_name = _("pratica")
        verbose_name_plural = _("pratiche")
        ordering = ["-submitted_at", "-pk"]
        indexes = [
            models.Index(fields=["office", "due_on"], condition=Q(state__in=sorted(OPEN)), name="case_open_queue"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=sorted(OPEN)) | Q(closed_at__isnull=False), name="case_closed_has_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def source(self) -> str:
        """How other rooms (billing, messages, documents) refer to this case."""
        return f"case:{self.uuid}"

    @property
    def applicant(self) -> Any:
        """Whose case it is: the company, or the person."""
        return self.applicant_company or self.applicant_person


class CitizenRequest(EntityModel):
    """Something the office asked the applicant: an integration, or observations on a refusal notice."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="requests")
    kind = models.CharField(_("tipo"), max_length=16, choices=labels(RequestKind, REQUEST_LABELS))
    text = models.TextField(_("testo"))
    due_on = models.DateField(_("entro il"))
    made_at = models.DateTimeField(_("inviata il"))
    made_by = models.CharField(_("autore"), max_length=150)
    answered_at = models.DateTimeField(_("risposta il"), null=True)
    answer = models.TextField(_("risposta"), blank=True)
    closed_at = models.DateTimeField(_("chiusa il"), null=True)

    class Meta:
        verbose_name = _("richiesta al cittadino")
        verbose_name_plural = _("richieste al cittadino")
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(closed_at__isnull=True), name="citizen_request_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


class Attachment(models.Model):
    """A file the applicant gave: on a draft at first, then on the case."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entity = models.ForeignKey("portal_entities.Entity", models.PROTECT, null=True, related_name="+")
    draft = models.ForeignKey(Draft, models.CASCADE, null=True, related_name="attachments")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="attachments")
    request = models.ForeignKey(CitizenRequest, models.PROTECT, null=True, related_name="attachments")
    field = models.SlugField(_("campo"), max_length=40)
    label = models.CharField(_("descrizione"), max_length=140)
    file = models.OneToOneField("portal_documents.StoredFile", models.PROTECT, related_name="+")

    objects = EntityManager()

    class Meta:
        verbose_name = _("allegato")
        verbose_name_plural = _("allegati")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(draft__isnull=False) | Q(case__isnull=False, entity__isnull=False),
                name="attachment_has_a_place",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class CaseNote(EntityModel):
    """An internal note: never shown to the applicant."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("testo"))
    created_at = models.DateTimeField(_("scritta il"))

    class Meta:
        verbose_name = _("nota interna")
        verbose_name_plural = _("note interne")
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Decision(EntityModel):
    """The decision of the office: granted with prescriptions, or refused with reasons."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="decision")
    granted = models.BooleanField(_("accolta"))
    reasons = models.TextField(_("motivazione"), blank=True)
    prescriptions = models.JSONField(_("prescrizioni"), default=list)
    decided_by = models.CharField(_("adottata da"), max_length=150)
    decided_at = models.DateTimeField(_("adottata il"))

    class Meta:
        verbose_name = _("decisione")
        verbose_name_plural = _("decisioni")
        constraints = [
            models.CheckConstraint(condition=Q(granted=True) | ~Q(reasons=""), name="refusal_has_reasons"),
        ]

    def __str__(self) -> str:
        return f"{self.case} {'+' if self.granted else '-'}"


class LegalTerm(models.Model):
    """A term in days that a norm sets for every procedure, with its dates of validity and its source.

    A row that nobody confirmed is shown to the office and not used (house rule 7: law is data).
    """

    code = models.SlugField(_("termine"), max_length=40)
    days = models.PositiveSmallIntegerField(_("giorni"))
    valid_from = models.DateField(_("in vigore dal"))
    valid_to = models.DateField(_("in vigore fino al"), null=True, blank=True)
    source = models.CharField(_("fonte"), max_length=200)
    confirmed_by = models.CharField(_("confermato da"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("termine di legge")
        verbose_name_plural = _("termini di legge")
        ordering = ["code", "-valid_from"]
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="legal_term_once_a_date")]

    def __str__(self) -> str:
        return f"{self.code}: {self.days}"
