"""A receipt as pagoPA's biz-events service writes it (JSON, `CtReceiptModelResponse`). Pure.

Fields and their names are those of the published description; that amounts are euro with two decimals, and that an
instant without an offset is of Rome, is from memory and to be confirmed.
"""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from payments.node.messages import ReceivedReceipt, ReceivedTransfer
from portal import clock

_MOST_CENTS = 99_999_999_999
Body = Mapping[str, Any]
T = TypeVar("T")


class UnreadableReceipt(ValueError):
    """Not a receipt; it is kept all the same, for somebody to look at."""


def read_biz_receipt(content: bytes) -> ReceivedReceipt:
    """The receipt, with the fields we work with. Raises UnreadableReceipt."""
    try:
        body = json.loads(content.decode("utf-8"), parse_float=Decimal)
        return _receipt(body)
    except UnreadableReceipt:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as error:
        raise UnreadableReceipt(f"not a receipt of biz-events: {type(error).__name__}") from error


def _receipt(body: Body) -> ReceivedReceipt:
    transfers = body["transferList"]
    if not isinstance(transfers, list) or not 1 <= len(transfers) <= 5:
        raise UnreadableReceipt("transferList")
    return ReceivedReceipt(
        receipt_id=_text(body, "receiptId", 255),
        nav=_text(body, "noticeNumber", 18),
        issuer=_text(body, "fiscalCode", 11),
        outcome=_text(body, "outcome", 2),
        iuv=_text(body, "creditorReferenceId", 35),
        cents=_cents(body["paymentAmount"]),
        fee_cents=_cents(body["fee"]) if body.get("fee") is not None else None,
        psp_id=_text(body, "idPSP", 35),
        psp_name=_text(body, "pspCompanyName", 70),
        channel=_text(body, "idChannel", 35),
        payment_method=_plain(body.get("paymentMethod"), 35),
        paid_at=_instant(body.get("paymentDateTimeFormatted")) or _instant(body.get("paymentDateTime")),
        applied_on=_maybe(date.fromisoformat, body.get("applicationDate")),
        transferred_on=_maybe(date.fromisoformat, body.get("transferDate")),
        stand_in=False,
        transfers=tuple(_transfer(row, place) for place, row in enumerate(transfers, start=1)),
        metadata=_metadata(body.get("metadata")),
    )


def _transfer(row: Body, place: int) -> ReceivedTransfer:
    stamp = _stamp(row.get("mbdAttachment"))
    seq = row.get("idTransfer") or place
    if not isinstance(seq, int) or not 1 <= seq <= 5:
        raise UnreadableReceipt("idTransfer")
    return ReceivedTransfer(
        seq=seq,
        cents=_cents(row["transferAmount"]),
        entity=_text(row, "fiscalCodePA", 11),
        iban="" if stamp else _plain(row.get("iban"), 35),
        is_stamp=bool(stamp),
        remittance=_text(row, "remittanceInformation", 140),
        category=_text(row, "transferCategory", 140),
        stamp=stamp,
    )


def _text(body: Body, name: str, most: int) -> str:
    value = body[name]
    if not isinstance(value, str) or not value or len(value) > most:
        raise UnreadableReceipt(name)
    return _plain(value, most)


def _plain(value: Any, most: int) -> str:
    """A text that can be kept: neither a NUL nor half a character."""
    text = str(value or "")[:most]
    if b"\0" in text.encode():
        raise UnreadableReceipt("NUL")
    return text


def _cents(value: Any) -> int:
    """Euro as a number or a text; never a float."""
    cents = Decimal(str(value)) * 100
    if cents != cents.to_integral_value() or not 0 <= cents <= _MOST_CENTS:
        raise UnreadableReceipt("amount")
    return int(cents)


def _instant(value: Any) -> datetime | None:
    found = _maybe(datetime.fromisoformat, value)
    return found.replace(tzinfo=clock.ROME) if found is not None and found.tzinfo is None else found


def _maybe(read: Callable[[str], T], value: Any) -> T | None:
    return read(value) if isinstance(value, str) and value else None


def _stamp(value: Any) -> bytes:
    try:
        return b64decode(value, validate=True) if isinstance(value, str) and value else b""
    except Base64Error as error:
        raise UnreadableReceipt("mbdAttachment") from error


def _metadata(rows: Any) -> tuple[tuple[str, str], ...]:
    """What was said beside the payment: the fee of a notification, for instance."""
    if not isinstance(rows, list):
        return ()
    return tuple((_plain(row["key"], 140), _plain(row["value"], 140)) for row in rows[:15] if isinstance(row, dict))
