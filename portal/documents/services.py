"""Writes of the room: keep an upload, make an act."""

from hashlib import sha256

from django.core.files.base import ContentFile, File
from django.db import transaction
from django_scopes import scopes_disabled

from portal import clock
from portal.audit.actor import Actor
from portal.audit.services import record
from portal.documents.domain.uploads import UploadRules, check_upload, safe_name
from portal.documents.models import Document, StoredFile, new_token
from portal.entities.models import Entity
from portal.people.models import Company, Person

HEAD = 8192


def store_upload(*, upload: "File[bytes]", rules: UploadRules) -> StoredFile:
    """Keep a file somebody uploaded. Raises DomainError when it is empty, too large or of a type not allowed."""
    upload.seek(0)
    content_type = check_upload(head=upload.read(HEAD), size=upload.size, rules=rules)
    upload.seek(0)
    digest = sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return StoredFile.objects.create(
        file=File(upload, name="upload"),
        name=safe_name(upload.name or "", content_type=content_type),
        content_type=content_type,
        size=upload.size,
        sha256=digest.hexdigest(),
        created_at=clock.now(),
    )


def store_bytes(*, content: bytes, name: str, content_type: str) -> StoredFile:
    """Keep bytes that the system itself made or received."""
    return StoredFile.objects.create(
        file=ContentFile(content, name="content"),
        name=name,
        content_type=content_type,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        created_at=clock.now(),
    )


@transaction.atomic
def document_create(
    *,
    entity: Entity,
    kind: str,
    title: str,
    content: bytes,
    filename: str,
    source: str,
    actor: Actor,
    holder_person: Person | None = None,
    holder_company: Company | None = None,
    number: str = "",
    verify_token: str | None = None,
) -> Document:
    """Keep a PDF the body made, for its holder. `verify_token` is given when it is printed inside the PDF."""
    document = Document.objects.create(
        entity=entity,
        kind=kind,
        number=number,
        title=title,
        file=store_bytes(content=content, name=filename, content_type="application/pdf"),
        source=source,
        holder_person=holder_person,
        holder_company=holder_company,
        created_at=clock.now(),
        verify_token=verify_token or new_token(),
    )
    record("document.created", subject=document, actor=actor, data={"kind": kind, "sha256": document.file.sha256})
    return document


def move_documents(old: Person, new: Person) -> None:
    """Documents of a person pass to who they turned out to be; the papers themselves do not change."""
    with scopes_disabled():
        Document.objects.filter(holder_person=old).update(holder_person=new)
