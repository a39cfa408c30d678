"""Stored files and acts. Files live on private storage and are served only by views that check who asks."""

import secrets
import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.entities.models import EntityModel


def file_path(instance: "StoredFile", filename: str) -> str:
    """An opaque path: names typed by people never reach the disk."""
    key = instance.key.hex
    return f"{key[:2]}/{key[2:4]}/{key}"


def new_token() -> str:
    """160 random bits, safe in a URL: the code of the public verification page."""
    return secrets.token_urlsafe(20)


class StoredFile(models.Model):
    """Bytes with their fingerprint. It belongs to whoever points at it (an attachment, a document)."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(_("file"), upload_to=file_path, max_length=120)
    name = models.CharField(_("nome"), max_length=100)
    content_type = models.CharField(_("tipo"), max_length=80)
    size = models.PositiveIntegerField(_("dimensione in byte"))
    sha256 = models.CharField(_("impronta SHA-256"), max_length=64)
    created_at = models.DateTimeField(_("caricato il"))

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("file")

    def __str__(self) -> str:
        return self.name


class Document(EntityModel):
    """An act or certificate made by the body: receipt, notice, permit. `kind` names who can tell its status now."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("tipo"), max_length=60)
    number = models.CharField(_("numero"), max_length=40, blank=True)
    title = models.CharField(_("titolo"), max_length=140)
    file = models.OneToOneField(StoredFile, models.PROTECT, verbose_name=_("file"), related_name="document")
    source = models.CharField(_("origine"), max_length=80)
    holder_person = models.ForeignKey(
        "portal_people.Person", models.PROTECT, verbose_name=_("intestatario (persona)"), null=True, related_name="+"
    )
    holder_company = models.ForeignKey(
        "portal_people.Company", models.PROTECT, verbose_name=_("intestatario (impresa)"), null=True, related_name="+"
    )
    verify_token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField(_("creato il"))

    class Meta:
        verbose_name = _("documento")
        verbose_name_plural = _("documenti")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["source"], name="document_source")]

    def __str__(self) -> str:
        return f"{self.title} {self.number}".strip()
