"""pagoPA's biz-events service in the demonstration: the copy of any receipt of the PSP, also of those not delivered."""

import json
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from lxml import etree

from payments.sandbox import receipts
from payments.sandbox.node import PSP
from payments.sandbox.platform import Problem, product
from portal.kernel.money import decimal_from_cents
from portal.operations.sandbox.store import Value


@product("bizevents", "GET")
def receipt(request: HttpRequest, entity: str, iur: str, iuv: str) -> HttpResponse:
    """`GET /organizations/{ec}/receipts/{iur}/paymentoptions/{iuv}`."""
    payment = receipts.payment_of(iur)
    known = payment is not None and payment["iuv"] == iuv
    if payment is None or not known or entity not in _bodies(payment):
        raise Problem(404, "Not Found", "No receipt has been found for this organization")
    return JsonResponse(document(payment))


def document(payment: Value) -> dict[str, Any]:
    """The receipt of a payment as the service writes it."""
    return {
        "receiptId": payment["receipt_id"],
        "noticeNumber": payment["nav"],
        "fiscalCode": payment["entity"],
        "outcome": "OK",
        "creditorReferenceId": payment["iuv"],
        "paymentAmount": _euro(payment["amount_cents"]),
        "description": payment.get("description") or "Pagamento",
        "companyName": payment.get("company") or "Ente",
        "debtor": _debtor(payment.get("debtor", "")),
        "transferList": [_transfer(row) for row in payment["transfers"]],
        "idPSP": payment["psp"]["id"],
        "pspCompanyName": payment["psp"]["name"],
        "idChannel": PSP["channel"],
        "paymentMethod": "creditCard",
        "fee": 0,
        "paymentDateTimeFormatted": payment["paid_at"],
        "applicationDate": payment["paid_at"][:10],
        "transferDate": payment["paid_at"][:10],
    }


def _transfer(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "idTransfer": row["id"],
        "transferAmount": _euro(row["amount_cents"]),
        "fiscalCodePA": row["fiscal_code"],
        "iban": row.get("iban") or "",
        "mbdAttachment": row.get("stamp") or "",
        "remittanceInformation": row.get("remittance") or "Pagamento",
        "transferCategory": row.get("category") or "9/0000000AA/",
    }


def _bodies(payment: Value) -> set[str]:
    return {payment["entity"], *(row["fiscal_code"] for row in payment["transfers"])}


def _euro(cents: int) -> float:
    """A JSON number, as the service writes amounts."""
    return json.loads(str(Decimal(decimal_from_cents(cents))))  # type: ignore[no-any-return]


def _debtor(xml: str) -> dict[str, str]:
    """Who owed it, from the node's own words."""
    unknown = {"entityUniqueIdentifierType": "F", "entityUniqueIdentifierValue": "ANONIMO", "fullName": "Pagatore"}
    if not xml:
        return unknown
    root = etree.fromstring(xml)
    found = {etree.QName(node).localname: node.text or "" for node in root.iter(etree.Element)}
    return {name: found.get(name) or value for name, value in unknown.items()}
