import re

from django.db.models import QuerySet
from django_scopes import scopes_disabled

from portal.documents.models import Document
from portal.people.acting import Acting
from portal.people.sources import within_scope

TOKEN = re.compile(r"[A-Za-z0-9_-]{10,40}")


def documents_of(acting: Acting) -> QuerySet[Document]:
    """Documents whose holder is the person, or the company they act for, within the mandate; the newest first."""
    with scopes_disabled():
        rows = Document.objects.select_related("file", "entity")
    if acting.company:
        return rows.filter(within_scope(acting), holder_company=acting.company)
    return rows.filter(holder_person=acting.person, holder_company__isnull=True)


def document_by_token(token: str) -> Document | None:
    """The document of a public verification code. What cannot be one of ours is not looked for."""
    if not TOKEN.fullmatch(token):
        return None
    with scopes_disabled():
        return Document.objects.select_related("entity", "file").filter(verify_token=token).first()
