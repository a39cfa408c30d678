"""The PDF receipt of submission."""

from portal import clock
from portal.audit.actor import Actor
from portal.cases.handlers import handler_of
from portal.cases.models import Attachment, Case
from portal.catalogue import cards
from portal.documents.models import Document
from portal.documents.pdf import render_pdf
from portal.documents.services import document_create
from portal.words import in_italian


def make_receipt(case: Case, *, kind: str) -> Document:
    """Render and keep the receipt: protocol number, term, answers as text, fingerprints of the attachments."""
    with in_italian():
        blocks = handler_of(case).describe(case)
    context = {
        "case": case,
        "card": cards.card(case.service),
        "blocks": blocks,
        "attachments": Attachment.objects.filter(case=case, request__isnull=True).select_related("file"),
        "made_at": clock.now(),
    }
    return document_create(
        entity=case.entity,
        kind=kind,
        title="Ricevuta di presentazione",
        number=case.code,
        content=render_pdf("portal/cases/receipt.html", context),
        filename=f"ricevuta-{case.code}.pdf",
        source=case.source,
        actor=Actor.system("cases"),
        holder_person=case.applicant_person,
        holder_company=case.applicant_company,
    )
