"""Writes on a draft: open, save, attach, throw away. Nothing here judges the answers."""

from typing import Any

from django.core.files.base import File
from django.db import transaction

from portal import clock
from portal.cases.models import Attachment, CitizenRequest, Draft
from portal.cases.selectors import draft_attachments
from portal.documents.domain.uploads import UploadRules
from portal.documents.services import store_upload
from portal.kernel.errors import DomainError
from portal.people.acting import Acting

MOST_ATTACHMENTS = 20


def draft_open(*, acting: Acting, service: str) -> Draft:
    """The open draft of a service for whom the person acts; made when there is none (one per service).

    Raises OutsideTheMandate when the mandate does not reach the service.
    """
    acting.require(service)
    now = clock.now()
    who = {"service": service, "person": acting.person, "company": acting.company}
    Draft.objects.bulk_create([Draft(**who, created_at=now, saved_at=now)], ignore_conflicts=True)
    return Draft.objects.get(**who, case__isnull=True)


def without_nul(value: Any) -> Any:
    """Answers without NUL characters, which no table can keep and no person types."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {key: without_nul(each) for key, each in value.items()}
    if isinstance(value, list):
        return [without_nul(each) for each in value]
    return value


@transaction.atomic
def draft_save(*, draft: Draft, step: str, answers: dict[str, Any]) -> Draft:
    """Keep the answers of a step as they are, also incomplete. Other steps stay. Raises DomainError once submitted."""
    row = _lock_open(draft)
    row.data = {**row.data, step: without_nul(answers)}
    row.step, row.saved_at = step, clock.now()
    row.save(update_fields=["data", "step", "saved_at"])
    return row


@transaction.atomic
def draft_discard(*, draft: Draft) -> None:
    """Throw a draft away, with its attachments."""
    row = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if row.case_id is not None:
        raise DomainError("already_submitted", "La domanda è già stata presentata: puoi ritirarla dalla pratica.")
    for attachment in draft_attachments(row):
        _drop(attachment)
    row.delete()


@transaction.atomic
def draft_attach(*, draft: Draft, field: str, label: str, upload: "File[bytes]", rules: UploadRules) -> Attachment:
    """Add a file to a draft. Raises DomainError when the file is refused, there are too many, or it was submitted."""
    _lock_open(draft)
    if draft_attachments(draft).count() >= MOST_ATTACHMENTS:
        raise DomainError("too_many_files", "Puoi allegare al massimo %(most)s file.", most=MOST_ATTACHMENTS)
    stored = store_upload(upload=upload, rules=rules)
    return Attachment.objects.create(draft=draft, field=field, label=label[:140], file=stored)


@transaction.atomic
def draft_detach(*, draft: Draft, attachment: Attachment) -> None:
    """Remove a file from a draft. Raises DomainError once it was submitted: then it is part of the case."""
    _lock_open(draft)
    _drop(attachment)


def _lock_open(draft: Draft) -> Draft:
    """The draft, locked and still open: of two tabs, one may have sent it or thrown it away."""
    row = Draft.objects.select_for_update(of=("self",)).filter(pk=draft.pk).first()
    if row is None:
        raise DomainError("draft_gone", "La bozza non c'è più: è stata eliminata in un'altra finestra.")
    if row.case_id is not None:
        raise DomainError("already_submitted", "La domanda è già stata presentata e non si può più modificare.")
    return row


def _drop(attachment: Attachment) -> None:
    stored = attachment.file
    attachment.delete()
    stored.delete()
    transaction.on_commit(lambda: stored.file.storage.delete(stored.file.name or ""))


def request_attach(
    *, request: CitizenRequest, field: str, label: str, upload: "File[bytes]", rules: UploadRules
) -> Attachment:
    """Add a file to an answer. Raises DomainError when the file is refused."""
    stored = store_upload(upload=upload, rules=rules)
    return Attachment.objects.create(
        case_id=request.case_id,
        entity_id=request.entity_id,
        request=request,
        field=field,
        label=label[:140],
        file=stored,
    )
