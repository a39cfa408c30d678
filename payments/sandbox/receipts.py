"""Receipts as the node writes them, and the PSP's own memory of what was paid."""

import secrets
from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from payments.sandbox.node import PSP, Activated
from payments.sandbox.stamps import Stamp
from portal import clock
from portal.kernel.money import decimal_from_cents
from portal.operations.sandbox.store import Store, Value

COLLECTION = "payments"


def new_receipt_id() -> str:
    """An identifier as the node makes them: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def payment_record(*, entity: str, nav: str, activated: Activated, receipt_id: str) -> Value:
    """What the PSP remembers of a payment; the settlement of the day reads it."""
    return {
        "entity": entity,
        "nav": nav,
        "iuv": activated.iuv,
        "receipt_id": receipt_id,
        "amount_cents": activated.cents,
        "transfers": activated.transfers,
        "psp": {"id": PSP["id"], "name": PSP["name"]},
        "paid_at": clock.now().isoformat(timespec="seconds"),
        "description": _text(activated.data, "description"),
        "company": _text(activated.data, "companyName"),
        "debtor": _debtor_xml(activated.data),
        "delivered": False,
    }


def receipt_xml(payment: Value) -> str:
    """The `receipt` element of paSendRTV2 for a payment of the store."""
    paid_at = datetime.fromisoformat(payment["paid_at"])
    day = paid_at.astimezone(clock.ROME).date().isoformat()
    transfers = "".join(_transfer_xml(row) for row in payment["transfers"])
    return (
        f"<receipt><receiptId>{payment['receipt_id']}</receiptId><noticeNumber>{payment['nav']}</noticeNumber>"
        f"<fiscalCode>{payment['entity']}</fiscalCode><outcome>OK</outcome>"
        f"<creditorReferenceId>{payment['iuv']}</creditorReferenceId>"
        f"<paymentAmount>{decimal_from_cents(payment['amount_cents'])}</paymentAmount>"
        f"<description>{escape(payment['description'])}</description>"
        f"<companyName>{escape(payment['company'])}</companyName>{payment['debtor']}"
        f"<transferList>{transfers}</transferList>"
        f"<idPSP>{PSP['id']}</idPSP><PSPCompanyName>{PSP['name']}</PSPCompanyName>"
        f"<idChannel>{PSP['channel']}</idChannel><channelDescription>sportello</channelDescription>"
        f"<paymentMethod>creditCard</paymentMethod><fee>0.00</fee>"
        f"<paymentDateTime>{paid_at.isoformat()}</paymentDateTime>"
        f"<applicationDate>{day}</applicationDate><transferDate>{day}</transferDate>"
        f"{'<standIn>true</standIn>' if payment.get('stand_in') else ''}</receipt>"
    )


def unknown_payment(*, entity: str, nav: str, iban: str) -> Value:
    """A payment of a notice that nobody issued, as Stand-In mistakes or other systems may produce."""
    transfer = {
        "id": 1,
        "amount_cents": 1234,
        "fiscal_code": entity,
        "iban": iban,
        "remittance": "Pagamento di prova senza avviso",
        "category": "9/0101100IM/",
    }
    unknown = "<debtor><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType>"
    unknown += "<entityUniqueIdentifierValue>ANONIMO</entityUniqueIdentifierValue></uniqueIdentifier>"
    return {
        "entity": entity,
        "nav": nav,
        "iuv": nav[1:],
        "receipt_id": new_receipt_id(),
        "amount_cents": 1234,
        "transfers": [transfer],
        "psp": {"id": PSP["id"], "name": PSP["name"]},
        "paid_at": clock.now().isoformat(timespec="seconds"),
        "description": "Pagamento di prova",
        "company": "Ente di prova",
        "debtor": unknown + "<fullName>Pagatore di prova</fullName></debtor>",
        "delivered": False,
    }


def remember(payment: Value) -> None:
    """Write the payment in the store, in place of what was there."""
    store = Store()
    store.update(COLLECTION, payment["receipt_id"], lambda old: (old or {}) | payment)


def mark_delivered(receipt_id: str) -> None:
    """The station has said OK to the receipt."""
    Store().update(COLLECTION, receipt_id, lambda old: (old or {}) | {"delivered": True})


def payment_of(receipt_id: str) -> Value | None:
    """A payment of the store."""
    return Store().get(COLLECTION, receipt_id)


def payments() -> list[Value]:
    """Every payment, the newest first."""
    return sorted((value for _, value in Store().list(COLLECTION)), key=lambda row: str(row["paid_at"]), reverse=True)


def _transfer_xml(row: dict[str, Any]) -> str:
    return (
        f"<transfer><idTransfer>{row['id']}</idTransfer>"
        f"<transferAmount>{decimal_from_cents(row['amount_cents'])}</transferAmount>"
        f"<fiscalCodePA>{row['fiscal_code']}</fiscalCodePA>{_account_or_stamp(row)}"
        f"<remittanceInformation>{escape(row['remittance'])}</remittanceInformation>"
        f"<transferCategory>{escape(row['category'])}</transferCategory></transfer>"
    )


def _account_or_stamp(row: dict[str, Any]) -> str:
    """Where the money went, or the stamp that was bought with it."""
    if not row.get("stamp"):
        return f"<IBAN>{escape(row['iban'])}</IBAN>"
    bought = Stamp(
        digest=b64decode(row["stamp"]),
        amount=str(decimal_from_cents(row["amount_cents"])),
        iubd=f"{secrets.randbelow(10**14):014d}",
        bought_at=f"{clock.now():%Y-%m-%dT%H:%M:%S}",
    )
    return f"<MBDAttachment>{b64encode(bought.signed()).decode()}</MBDAttachment>"


def _text(data: etree._Element | None, name: str) -> str:
    return data.findtext(name, "") if data is not None else ""


def _debtor_xml(data: etree._Element | None) -> str:
    debtor = data.find("debtor") if data is not None else None
    if debtor is None:
        return ""
    etree.cleanup_namespaces(debtor)
    return etree.tostring(debtor, encoding="unicode", with_tail=False)
