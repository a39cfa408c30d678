"""The two papers of a position: the notice before it is paid, the receipt after. Each is made once and kept."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django_scopes import scope

from payments import events
from payments.domain.codes import grouped
from payments.domain.states import OPEN
from payments.models import Instalment, Notice, Position, ReceiptCase
from payments.models.positions import UNKNOWN_DEBTOR
from payments.notices.content import (
    DEPARTMENT,
    ENTITY,
    HOLDER,
    INFO,
    NAME,
    NoticeContent,
    Postal,
    Slip,
    sentence_case,
)
from payments.notices.pdf import LAYOUT, notice_pdf
from portal import clock
from portal.documents.models import Document
from portal.documents.pdf import render_pdf
from portal.documents.services import document_create
from portal.people.models import Company, Person

NOTICE_KIND = "payments.notice"
RECEIPT_KIND = "payments.receipt"


@transaction.atomic
def notice_document(
    *, position_id: int, entity_id: int, press: Callable[[NoticeContent], bytes] = notice_pdf
) -> Document | None:
    """The notice, printed now if nobody has yet; None when a position that was never printed can't be paid.

    `press` prints it: campaigns have a faster one.
    """
    with scope(entity=entity_id):
        # Two requests at once wait here, and the second finds the paper.
        position = _locked(position_id)
        notice = Notice.objects.select_related("document__file").filter(position=position).first()
        if notice is not None:
            return notice.document
        if position.state not in OPEN:
            return None
        instalment = Instalment.objects.get(option__position=position)
        document = document_create(
            entity=position.entity,
            kind=NOTICE_KIND,
            number=instalment.nav,
            title=f"Avviso di pagamento {grouped(instalment.nav)}",
            content=press(notice_content(instalment)),
            filename=f"avviso-{instalment.nav}.pdf",
            source=f"position:{position.pk}",
            actor=events.PAYMENTS,
            **_holder(position),
        )
        notice = Notice.objects.create(
            entity=position.entity, position=position, document=document, layout=LAYOUT, created_at=clock.now()
        )
        events.notice_printed(notice)
        return document


def notice_content(instalment: Instalment) -> NoticeContent:
    """The fields of the notice of an instalment; needs its scope."""
    position, creditor = instalment.option.position, instalment.creditor
    entity = creditor.entity
    known = position.debtor_fiscal_code != UNKNOWN_DEBTOR
    postal = None
    if creditor.has_postal_slip:
        holder = (creditor.postal_holder or entity.name)[:HOLDER]
        postal = Postal(creditor.postal_account, holder, creditor.postal_authorisation)
    return NoticeContent(
        single=Slip(instalment.nav, instalment.amount_cents, instalment.due_on),
        subject=sentence_case(position.description),
        entity_name=entity.name[:ENTITY],
        entity_code=entity.fiscal_code,
        department=(position.office_name or creditor.department)[:DEPARTMENT],
        info=creditor.info[:INFO],
        cbill=creditor.cbill_code,
        pays_on_site=creditor.pays_on_site,
        debtor_name=position.debtor_name[:NAME],
        debtor_code=position.debtor_fiscal_code.upper() if known else "",
        postal=postal,
    )


@transaction.atomic
def receipt_document(*, instalment_id: int, entity_id: int) -> Document | None:
    """The payer's receipt of an instalment, printed now if nobody has yet; None when nothing settled it."""
    with scope(entity=entity_id):
        position = _locked(Instalment.objects.values_list("option__position", flat=True).get(pk=instalment_id))
        case = (
            ReceiptCase.objects.filter(instalment=instalment_id, settles=True)
            .select_related("receipt", "instalment")
            .first()
        )
        if case is None:
            return None
        source = f"receipt:{case.receipt_id}"
        found = Document.objects.select_related("file").filter(kind=RECEIPT_KIND, source=source).first()
        if found is not None:
            return found
        return document_create(
            entity=position.entity,
            kind=RECEIPT_KIND,
            number=case.receipt.receipt_id[:40],
            title=f"Ricevuta di pagamento {grouped(case.receipt.nav)}",
            content=render_pdf("payments/receipts/receipt.html", _receipt_context(position, case)),
            filename=f"ricevuta-{case.receipt.nav}.pdf",
            source=source,
            actor=events.PAYMENTS,
            **_holder(position),
        )


def _receipt_context(position: Position, case: ReceiptCase) -> dict[str, Any]:
    return {
        "position": position,
        "receipt": case.receipt,
        "instalment": case.instalment,
        "transfers": list(case.receipt.transfers.all()),
        "nav": grouped(case.receipt.nav),
    }


def _locked(position_id: int) -> Position:
    return (
        Position.objects.select_for_update(of=("self",))
        .select_related("entity", "creditor__entity")
        .get(pk=position_id)
    )


def _holder(position: Position) -> dict[str, Any]:
    """Whose papers these are: the company or the person with the debtor's tax code, if they use the portal."""
    code = position.debtor_fiscal_code
    if code == UNKNOWN_DEBTOR:
        return {}
    company = Company.objects.filter(fiscal_code=code).first()
    if company is not None:
        return {"holder_company": company}
    return {"holder_person": Person.objects.filter(fiscal_code=code).first()}
