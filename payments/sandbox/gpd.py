"""The archive of debt positions of the demonstration: what it takes, what it refuses, and who pays there.

Written on its own, without the code that speaks to it, so that each of the two checks the other.
"""

import re
import secrets
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from payments.sandbox import receipts
from payments.sandbox.node import PSP
from payments.sandbox.platform import Problem
from portal import clock
from portal.operations.sandbox.store import Store, Value

POSITIONS = "gpd_positions"
RECEIPTS = "gpd_receipts"
# PagoPA's own tax code and station: it answers the node in the place of the body.
BROKER, STATION = "15376371009", "15376371009_01"
UPDATABLE = frozenset({"DRAFT", "PUBLISHED", "VALID", "UNPAYABLE"})
PAYABLE = frozenset({"VALID", "PARTIALLY_PAID"})
_CODE = re.compile(r"[\w-]+")
_IBAN = re.compile(r"[A-Za-z0-9]{1,35}")


def create(entity: str, body: Value, *, publish: bool) -> Value:
    """A new position. Raises Problem: 400 for a wrong one, 409 when identifier or numbers are taken."""
    position = _read(entity, body, publish=publish)
    store = Store()
    if _find(store, entity, position["iupd"]) is not None:
        raise Problem(409, "EXISTING DEBT POSITION", f"iupd {position['iupd']}")
    _numbers_are_free(store, position)
    return _write(store, position)


def replace(entity: str, iupd: str, body: Value, *, publish: bool) -> Value:
    """A position written over. Raises Problem: 404 when it is not there, 409 when it changes no more."""
    if body.get("iupd") != iupd:
        raise Problem(400, "BAD REQUEST", "iupd of the path and of the body differ")
    store = Store()
    old = position_of(entity, iupd)
    if old["status"] not in UPDATABLE:
        raise Problem(409, "EXISTING DEBT POSITION STATUS", f"status {old['status']}")
    position = _read(entity, body, publish=publish)
    _numbers_are_free(store, position)
    return _write(store, position)


def publish(entity: str, iupd: str) -> Value:
    """A draft becomes payable. Raises Problem."""
    position = position_of(entity, iupd)
    if position["status"] != "DRAFT":
        raise Problem(409, "EXISTING DEBT POSITION STATUS", f"status {position['status']}")
    return _write(Store(), position | {"status": _published(position["body"])})


def invalidate(entity: str, iupd: str) -> Value:
    """A published position is taken back. Raises Problem."""
    position = position_of(entity, iupd)
    if position["status"] not in {"PUBLISHED", "VALID"}:
        raise Problem(409, "EXISTING DEBT POSITION STATUS", f"status {position['status']}")
    return _write(Store(), position | {"status": "INVALID"})


def delete(entity: str, iupd: str) -> None:
    """A position goes away, unless somebody paid. Raises Problem."""
    position = position_of(entity, iupd)
    if position["status"] in {"PARTIALLY_PAID", "PAID", "REPORTED"}:
        raise Problem(409, "EXISTING DEBT POSITION STATUS", f"status {position['status']}")
    Store().delete(POSITIONS, _key(entity, iupd))


def position_of(entity: str, iupd: str) -> Value:
    """A position. Raises Problem 404."""
    found = _find(Store(), entity, iupd)
    if found is None:
        raise Problem(404, "DEBT POSITION NOT FOUND", "no position of the body with that iupd")
    return found


def positions() -> list[Value]:
    """Every position, the newest first."""
    rows = [value for _, value in Store().list(POSITIONS)]
    return sorted(rows, key=lambda row: str(row["inserted"]), reverse=True)


def pay(entity: str, nav: str) -> Value:
    """Somebody pays a notice: the receipt is kept here, for the body to fetch. Raises Problem."""
    for position in positions():
        part = next((row for row in position["parts"] if position["entity"] == entity and row["nav"] == nav), None)
        if part is not None:
            return _paid(position, part)
    raise Problem(404, "NOTICE NOT FOUND")


def receipts_of(entity: str, *, since: str, segregation_codes: list[str]) -> list[Value]:
    """The receipts of a body from a day on."""
    rows = [row for _, row in Store().list(RECEIPTS) if row["entity"] == entity and row["paid_at"][:10] >= since]
    return [row for row in rows if not segregation_codes or row["iuv"][:2] in segregation_codes]


def receipt_of(entity: str, iuv: str) -> Value:
    """A receipt. Raises Problem 404."""
    found = Store().get(RECEIPTS, _key(entity, iuv))
    if found is None:
        raise Problem(404, "RECEIPT NOT FOUND")
    return found


def document(payment: Value) -> str:
    """A receipt as the archive hands it out: the node's message without envelope and namespace, with a capital P."""
    head = f"<idPA>{payment['entity']}</idPA><idBrokerPA>{BROKER}</idBrokerPA><idStation>{STATION}</idStation>"
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f"<PaSendRTV2Request>{head}{receipts.receipt_xml(payment)}</PaSendRTV2Request>"
    )


def _paid(position: Value, part: Value) -> Value:
    if position["status"] not in PAYABLE or part["paid"]:
        raise Problem(409, "NOT PAYABLE", f"status {position['status']}")
    body, debtor = position["body"], position["debtor"]
    payment = {
        "entity": position["entity"],
        "nav": part["nav"],
        "iuv": part["iuv"],
        "receipt_id": secrets.token_hex(16),
        "amount_cents": part["amount"],
        "transfers": [_transfer(position["entity"], row) for row in part["transfer"]],
        "psp": {"id": PSP["id"], "name": PSP["name"]},
        "paid_at": clock.now().isoformat(timespec="seconds"),
        "description": part["description"],
        "company": body["companyName"],
        "debtor": debtor_xml(debtor),
        "delivered": True,
    }
    store = Store()
    receipts.remember(payment)
    store.put(RECEIPTS, _key(position["entity"], part["iuv"]), payment)
    parts = [row | {"paid": row["paid"] or row["nav"] == part["nav"]} for row in position["parts"]]
    same = [row for row in parts if row["option"] == part["option"]]
    status = "PAID" if all(row["paid"] for row in same) else "PARTIALLY_PAID"
    _write(store, position | {"parts": parts, "status": status})
    return payment


def _transfer(entity: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": int(row["idTransfer"]),
        "amount_cents": row["amount"],
        "fiscal_code": row.get("organizationFiscalCode", entity),
        "iban": row.get("iban", ""),
        "remittance": row["remittanceInformation"],
        "category": row["category"],
    }


def debtor_xml(debtor: dict[str, Any]) -> str:
    """The debtor as receipts write it."""
    identifier = (
        f"<entityUniqueIdentifierType>{debtor['type']}</entityUniqueIdentifierType>"
        f"<entityUniqueIdentifierValue>{escape(debtor['fiscalCode'])}</entityUniqueIdentifierValue>"
    )
    name = escape(debtor["fullName"])
    return f"<debtor><uniqueIdentifier>{identifier}</uniqueIdentifier><fullName>{name}</fullName></debtor>"


def _read(entity: str, body: Value, *, publish: bool) -> Value:
    """A body of v1 (with the debtor at the top) or of v3. Raises Problem 400."""
    try:
        return _normal(entity, body, publish=publish)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Problem(400, "BAD REQUEST", f"{type(error).__name__}: {error}"[:200]) from error


def _normal(entity: str, body: Value, *, publish: bool) -> Value:
    options = body["paymentOption"]
    if not _CODE.fullmatch(body["iupd"]) or not 1 <= len(body["companyName"]) <= 140 or not 1 <= len(options) <= 100:
        raise ValueError("iupd, companyName or paymentOption")
    version = 3 if "installments" in options[0] else 1
    debtor = options[0]["debtor"] if version == 3 else body
    if debtor["type"] not in {"F", "G"} or not debtor["fiscalCode"] or not debtor["fullName"]:
        raise ValueError("debtor")
    parts = [
        _part(row, option=index if version == 3 or row["isPartialPayment"] is False else -1, publish=publish)
        for index, option in enumerate(options)
        for row in (option["installments"] if version == 3 else [option])
    ]
    return {
        "entity": entity,
        "iupd": body["iupd"],
        "status": _published(body) if publish else "DRAFT",
        "inserted": clock.now().isoformat(),
        "debtor": {name: debtor[name] for name in ("type", "fiscalCode", "fullName")},
        "parts": parts,
        "body": body,
    }


def _part(row: dict[str, Any], *, option: int, publish: bool) -> Value:
    if type(row["amount"]) is not int or row["amount"] < 1 or not 1 <= len(row["description"]) <= 140:
        raise ValueError("amount or description")
    due = datetime.fromisoformat(row["dueDate"])
    if publish and due < clock.now():
        raise ValueError("dueDate is in the past")
    transfers = row["transfer"]
    if not 1 <= len(transfers) <= 5 or sum(transfer["amount"] for transfer in transfers) != row["amount"]:
        raise ValueError("transfers: from 1 to 5, and their sum is the amount")
    for transfer in transfers:
        if bool(transfer.get("iban")) == bool(transfer.get("stamp")) or not transfer["category"]:
            raise ValueError("iban or stamp, and a category")
        if transfer.get("iban") and not _IBAN.fullmatch(transfer["iban"]):
            raise ValueError("iban")
    return {
        "iuv": row["iuv"],
        "nav": row.get("nav") or f"3{row['iuv']}",
        "amount": row["amount"],
        "description": row["description"],
        "transfer": transfers,
        "option": option,
        "paid": False,
    }


def _published(body: Value) -> str:
    dates = [body.get("validityDate")]
    if "installments" in body["paymentOption"][0]:
        dates = [option.get("validityDate") for option in body["paymentOption"]]
    return "PUBLISHED" if all(dates) else "VALID"


def _numbers_are_free(store: Store, position: Value) -> None:
    mine = {part["nav"] for part in position["parts"]}
    if len(mine) != len(position["parts"]):
        raise Problem(400, "BAD REQUEST", "the same number twice")
    for _, other in store.list(POSITIONS):
        if other["entity"] == position["entity"] and other["iupd"] != position["iupd"]:
            taken = mine & {part["nav"] for part in other["parts"]}
            if taken:
                raise Problem(409, "EXISTING NUMBER", f"nav {taken.pop()} belongs to another position")


def _find(store: Store, entity: str, iupd: str) -> Value | None:
    return store.get(POSITIONS, _key(entity, iupd)) if _CODE.fullmatch(iupd) else None


def _write(store: Store, position: Value) -> Value:
    store.put(POSITIONS, _key(position["entity"], position["iupd"]), position)
    return position


def _key(entity: str, name: str) -> str:
    return f"{entity} {name}"
