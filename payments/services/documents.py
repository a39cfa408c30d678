"""The two papers of a position: the notice before it is paid, the receipt after. Each is made once and kept."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django_scopes import scope

from payments import events
from payments.domain.codes import grouped
from payments.domain.states import OPEN, SETTLED
from payments.models import Instalment, Notice, PaymentOption, Position, ReceiptCase, Transfer
from payments.models.positions import UNKNOWN_DEBTOR
from payments.notices.content import (
    ADDRESS,
    DEPARTMENT,
    ENTITY,
    HOLDER,
    INFO,
    NAME,
    NoticeContent,
    Postal,
    Slip,
    fitting,
    sentence_case,
)
from payments.notices.errors import NoticeError
from payments.notices.layouts import layout_of
from payments.notices.pdf import notice_pdf
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
        rows = _to_pay(numbers_of([position.pk]))
        if not rows or any(row.stamp for row in rows):
            return None
        content = _content(position, rows)
        nav = content.first.nav
        document = document_create(
            entity=position.entity,
            kind=NOTICE_KIND,
            number=nav,
            title=f"Avviso di pagamento {grouped(nav)}",
            content=press(content),
            filename=f"avviso-{nav}.pdf",
            source=f"position:{position.pk}",
            actor=events.PAYMENTS,
            **_holder(position),
        )
        notice = Notice.objects.create(
            entity=position.entity,
            position=position,
            document=document,
            layout=layout_of(content).name,
            created_at=clock.now(),
        )
        events.notice_printed(notice)
        return document


def notice_content(position: Position, numbers: Iterable[Any] | None = None) -> NoticeContent:
    """What the notice of a position says; needs its scope. Raises NoticeError when there is nothing to print.

    A digital stamp is sold on line only: it has no notice. `numbers` are those of the position, if already at hand.
    """
    rows = _to_pay(numbers_of([position.pk]) if numbers is None else numbers)
    if not rows or any(row.stamp for row in rows):
        raise NoticeError("no_notice", "Per questa posizione non si stampa un avviso.")
    return _content(position, rows)


def _content(position: Position, rows: list[Any]) -> NoticeContent:
    """Two ways of paying all at once are the two amounts of a fine; otherwise a whole amount, instalments or both."""
    whole = [row for row in rows if row.option.kind == PaymentOption.Kind.SINGLE]
    plan = [row for row in rows if row.option.kind == PaymentOption.Kind.PLAN]
    if len(whole) == 2:
        discounted, reduced = sorted(whole, key=lambda row: (row.amount_cents, row.pk))
        return NoticeContent(fine=(_slip(discounted), _slip(reduced)), **_parties(position))
    return NoticeContent(
        single=_slip(whole[0]) if whole else None,
        instalments=tuple(_slip(row, row.number) for row in plan),
        **_parties(position),
    )


def numbers_of(position_ids: Iterable[int]) -> QuerySet[Instalment]:
    """The numbers of some positions, in the order of the paper. `stamp` says that one is a digital stamp."""
    stamps = Transfer.objects.filter(instalment=OuterRef("pk")).exclude(stamp_hash="")
    return (
        Instalment.objects.filter(option__position__in=list(position_ids))
        .select_related("option")
        .annotate(stamp=Exists(stamps))
        .order_by("option", "number")
    )


def _to_pay(numbers: Iterable[Any]) -> list[Any]:
    """The numbers that the paper shows: once a plan has begun, what is left of it; never what was withdrawn."""
    rows = [row for row in numbers if row.option.withdrawn_at is None]
    begun = {row.option_id for row in rows if row.paid_at is not None}
    return [row for row in rows if row.paid_at is None and (not begun or row.option_id in begun)]


def _slip(row: Instalment, ordinal: int = 0) -> Slip:
    return Slip(row.nav, row.amount_cents, row.due_on, ordinal)


def _parties(position: Position) -> dict[str, Any]:
    creditor, entity = position.creditor, position.creditor.entity
    known = position.debtor_fiscal_code != UNKNOWN_DEBTOR
    postal = None
    if creditor.has_postal_slip:
        holder = (creditor.postal_holder or entity.name)[:HOLDER]
        postal = Postal(creditor.postal_account, holder, creditor.postal_authorisation)
    return {
        "subject": sentence_case(position.description),
        "entity_name": fitting(entity.name, ENTITY),
        "entity_code": entity.fiscal_code,
        "department": fitting(position.office_name or creditor.department, DEPARTMENT),
        "info": fitting(creditor.info, INFO),
        "cbill": creditor.cbill_code,
        "pays_on_site": creditor.pays_on_site,
        "debtor_name": fitting(position.debtor_name, NAME),
        "debtor_code": position.debtor_fiscal_code.upper() if known else "",
        "debtor_address": fitting(position.debtor_address, ADDRESS),
        "postal": postal,
        "second_language": creditor.notice_language,
    }


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
        .select_related("entity", "creditor__entity", "charge")
        .get(pk=position_id)
    )


def _holder(position: Position) -> dict[str, Any]:
    """Whose papers these are: the company or the person with the debtor's tax code, if they use the portal. The notice
    that a stranger asked for is nobody's. A firm may have its owner's code: the kind of debtor tells them apart."""
    code = position.debtor_fiscal_code
    if code == UNKNOWN_DEBTOR or not (position.charge.listed or position.state in SETTLED):
        return {}
    if position.debtor_kind == "G":
        return {"holder_company": Company.objects.filter(fiscal_code=code).first()}
    return {"holder_person": Person.objects.filter(fiscal_code=code).first()}
