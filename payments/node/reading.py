"""From validated elements to dataclasses. Amounts become cents here, once."""

from base64 import b64decode
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from lxml import etree

from payments.node.messages import (
    DemandRequest,
    Head,
    NoticeRequest,
    Operation,
    ReceiptRequest,
    ReceivedReceipt,
    ReceivedTransfer,
)
from portal import clock
from portal.kernel.money import cents_from_decimal

D = TypeVar("D", bound=date)


def notice_request(operation: Operation, element: etree._Element) -> NoticeRequest:
    """Verify and activation requests."""
    return NoticeRequest(
        operation=operation,
        head=_head(element),
        entity=_text(element, "qrCode/fiscalCode"),
        nav=_text(element, "qrCode/noticeNumber"),
        transfer_type=element.findtext("transferType"),
    )


def demand_request(operation: Operation, element: etree._Element) -> DemandRequest:
    """The request for a debt that does not exist yet."""
    return DemandRequest(
        operation=operation,
        head=_head(element),
        service=_text(element, "idServizio"),
        subject=_text(element, "idSoggettoServizio"),
        data=b64decode(_text(element, "datiSpecificiServizioRequest")),
    )


def receipt_request(operation: Operation, element: etree._Element) -> ReceiptRequest:
    """Delivery of a receipt, in both forms. Raises ValueError for dates the calendar does not have."""
    node = element.find("receipt")
    assert node is not None  # the schema says so
    fee = node.findtext("fee")
    receipt = ReceivedReceipt(
        receipt_id=_text(node, "receiptId"),
        nav=_text(node, "noticeNumber"),
        issuer=_text(node, "fiscalCode"),
        outcome=_text(node, "outcome"),
        iuv=_text(node, "creditorReferenceId"),
        cents=_cents(_text(node, "paymentAmount")),
        fee_cents=None if fee is None else _cents(fee),
        psp_id=_text(node, "idPSP"),
        psp_name=_text(node, "PSPCompanyName"),
        channel=_text(node, "idChannel"),
        payment_method=node.findtext("paymentMethod") or "",
        paid_at=_moment(node.findtext("paymentDateTime")),
        applied_on=_day(node.findtext("applicationDate")),
        transferred_on=_day(node.findtext("transferDate")),
        stand_in=(node.findtext("standIn") or "").strip() in ("true", "1"),
        transfers=tuple(_transfer(row) for row in node.iterfind("transferList/transfer")),
        payment_note=node.findtext("paymentNote") or "",
        metadata=tuple((_text(entry, "key"), _text(entry, "value")) for entry in node.iterfind("metadata/mapEntry")),
    )
    if not receipt.receipt_id:
        raise ValueError("receiptId is empty")
    return ReceiptRequest(operation=operation, head=_head(element), receipt=receipt)


def _head(element: etree._Element) -> Head:
    return Head(_text(element, "idPA"), _text(element, "idBrokerPA"), _text(element, "idStation"))


def _transfer(row: etree._Element) -> ReceivedTransfer:
    iban = row.findtext("IBAN")
    return ReceivedTransfer(
        seq=int(_text(row, "idTransfer")),
        cents=_cents(_text(row, "transferAmount")),
        entity=_text(row, "fiscalCodePA"),
        iban=iban or "",
        is_stamp=iban is None,
        remittance=_text(row, "remittanceInformation"),
        category=_text(row, "transferCategory"),
        stamp=b64decode(_text(row, "MBDAttachment")),
    )


def _text(element: etree._Element, path: str) -> str:
    return element.findtext(path) or ""


def _cents(text: str) -> int:
    return cents_from_decimal(Decimal(text.strip()))


def _day(text: str | None) -> date | None:
    """An xsd:date; a zone, which some senders add, does not move the day."""
    return None if text is None else _plausible(date.fromisoformat(text.strip()[:10]))


def _moment(text: str | None) -> datetime | None:
    """An xsd:dateTime; without a zone it is Italian time."""
    if text is None:
        return None
    moment = _plausible(datetime.fromisoformat(text.strip()))
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=clock.ROME)


def _plausible(day: D) -> D:
    """Days at the ends of the calendar cannot be moved to another zone, nor kept by every program."""
    if not 2000 <= day.year < 3000:
        raise ValueError("a day that no payment has")
    return day
