"""The PSPs and the node of the demonstration, after the payment: the day is closed, flows are published and credited.

`close_day` plays one settlement: the unsettled payments become one flow for each PSP and account of the body, each
flow one transfer, and the treasurer writes the journal of the day.
"""

import json
import re
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django_scopes import scopes_disabled

from payments.sandbox import treasurer
from payments.sandbox.treasurer import Credit
from portal import clock
from portal.entities.models import Entity
from portal.kernel.money import decimal_from_cents
from portal.operations.sandbox.store import Store, Value

PAYMENTS = "payments"
FLOWS = "reporting_flows"
COUNTERS = "reporting_counters"
WRONG_BY_CENTS = 100
_NOT_IN_IUF = re.compile(r"[^A-Za-z0-9]")
_EURO = re.compile(r'"EUR:(-?[0-9]+\.[0-9]{2})"')
_closing = threading.Lock()
Group = tuple[str, str, str, str]  # body, PSP id, PSP name, account


class Fault(StrEnum):
    """What can go wrong on purpose."""

    NONE = "none"
    WRONG_AMOUNT = "wrong_amount"
    MISSING_TRANSFER = "missing_transfer"


@dataclass(slots=True)
class ClosedDay:
    """What closing the day made: identifiers of flows and names of journals."""

    flows: list[str] = field(default_factory=list)
    journals: list[str] = field(default_factory=list)


def close_day(store: Store, *, fault: Fault = Fault.NONE) -> ClosedDay:
    """Settle every unsettled payment, once. A fault spoils the first transfer of the day."""
    with _closing:
        return _close_day(store, fault)


def _close_day(store: Store, fault: Fault) -> ClosedDay:
    done = ClosedDay()
    pending = [(key, payment) for key, payment in store.list(PAYMENTS) if not payment.get("settled")]
    groups: defaultdict[Group, list[tuple[Value, Value]]] = defaultdict(list)
    for _key, payment in pending:
        psp = payment["psp"]
        for transfer in payment["transfers"]:
            if transfer.get("iban"):  # a digital stamp goes to the Revenue Agency, outside the flows
                groups[transfer["fiscal_code"], psp["id"], psp["name"], transfer["iban"]].append((payment, transfer))
    credits_: defaultdict[str, list[Credit]] = defaultdict(list)
    settled: dict[str, str] = {}
    bodies = _served(store)
    names = {entity.fiscal_code: entity.name for entity in bodies}
    for group, items in sorted(groups.items()):
        flow = _publish(store, group, items, body_name=names.get(group[0], group[0]))
        done.flows.append(flow["fdr"])
        settled |= {payment["receipt_id"]: flow["fdr"] for payment, _transfer in items}
        credit = _credit(flow, fault if len(done.flows) == 1 else Fault.NONE)
        if credit is not None:
            credits_[group[0]].append(credit)
    for key, payment in pending:
        _mark_settled(store, key, settled.get(payment["receipt_id"]))
    for entity in bodies:
        path = treasurer.write_journal(store, entity=entity, credits_=credits_[entity.fiscal_code])
        done.journals.append(path.name)
    return done


def _mark_settled(store: Store, key: str, iuf: str | None) -> None:
    store.update(PAYMENTS, key, lambda payment: (payment or {}) | {"settled": iuf})


def unsettled(store: Store) -> list[Value]:
    """Payments that no flow has reported yet."""
    return [payment for _key, payment in store.list(PAYMENTS) if not payment.get("settled")]


def _served(store: Store) -> list[Entity]:
    """Bodies that ever received a payment here: each has its journal, also on a day without credits."""
    codes = {item["fiscal_code"] for _key, payment in store.list(PAYMENTS) for item in payment["transfers"]}
    with scopes_disabled():
        return list(Entity.objects.filter(fiscal_code__in=codes).order_by("pk"))


def _publish(store: Store, group: Group, items: list[tuple[Value, Value]], *, body_name: str) -> Value:
    body, psp_id, psp_name, _iban = group
    now = clock.now()
    number = store.update(COUNTERS, "flow", lambda value: {"last": (value or {"last": 0})["last"] + 1})["last"]
    iuf = f"{clock.today().isoformat()}{_NOT_IN_IUF.sub('', psp_id)[:11]}-{number:08d}"
    flow = {
        "fdr": iuf,
        "revision": 1,
        "pspId": psp_id,
        "pspName": psp_name,
        "organizationId": body,
        "organizationName": body_name,
        "regulation": f"TRN{clock.today():%Y%m%d}{number:08d}",
        "regulationDate": clock.today().isoformat(),
        "published": f"{now:%Y-%m-%dT%H:%M:%S.%fZ}",
        "cents": sum(transfer["amount_cents"] for _payment, transfer in items),
        "payments": [line(seq, payment, transfer) for seq, (payment, transfer) in enumerate(items, start=1)],
    }
    store.put(FLOWS, iuf, flow)
    return flow


def line(seq: int, payment: Value, transfer: Value) -> Value:
    """A payment as a flow reports it."""
    return {
        "index": seq,
        "iuv": payment["iuv"],
        "iur": payment["receipt_id"],
        "idTransfer": transfer["id"],
        "pay": _number(transfer["amount_cents"]),
        "payStatus": "EXECUTED",
        "payDate": payment["paid_at"],
    }


def _credit(flow: Value, fault: Fault) -> Credit | None:
    if fault is Fault.MISSING_TRANSFER:
        return None
    cents = flow["cents"] - (WRONG_BY_CENTS if fault is Fault.WRONG_AMOUNT else 0)
    remittance = f"/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{flow['fdr']}"
    return Credit(cents, remittance, flow["regulation"], flow["pspName"])


def published(store: Store, *, body: str, after: str, page: int, size: int) -> str:
    """One page of the list of flows of a body, as the API answers it. `after` is an instant, or empty."""
    found = [flow for _key, flow in store.list(FLOWS) if flow["organizationId"] == body and flow["published"] > after]
    found.sort(key=lambda flow: flow["published"])
    entries = [
        {name: flow[name] for name in ("fdr", "pspId", "revision", "published")} | {"flowDate": flow["published"]}
        for flow in found
    ]
    return _page(entries, page, size)


def flow_of(store: Store, *, body: str, iuf: str, revision: int, psp_id: str) -> Value | None:
    """A published flow, None when there is none with that name."""
    flow = store.get(FLOWS, iuf)
    if flow is None or (flow["organizationId"], flow["revision"], flow["pspId"]) != (body, revision, psp_id):
        return None
    return flow


def header(flow: Value) -> str:
    """The header of a flow, as the API answers it."""
    count, total = len(flow["payments"]), _number(flow["cents"])
    return _json(
        {name: flow[name] for name in ("fdr", "revision", "regulation", "regulationDate", "published")}
        | {
            "status": "PUBLISHED",
            "fdrDate": flow["published"],
            "created": flow["published"],
            "updated": flow["published"],
            "bicCodePouringBank": "PROVITRRXXX",
            "sender": {
                "type": "LEGAL_PERSON",
                "id": flow["pspId"],
                "pspId": flow["pspId"],
                "pspName": flow["pspName"],
                "pspBrokerId": flow["pspId"],
                "channelId": f"{flow['pspId']}_01",
            },
            "receiver": {
                "id": flow["organizationId"],
                "organizationId": flow["organizationId"],
                "organizationName": flow["organizationName"],
            },
            "totPayments": count,
            "sumPayments": total,
            "computedTotPayments": count,
            "computedSumPayments": total,
        }
    )


def payments_page(flow: Value, *, page: int, size: int) -> str:
    """One page of the payments of a flow, as the API answers it."""
    return _page(flow["payments"], page, size)


def _page(items: list[dict[str, Any]], page: int, size: int) -> str:
    chosen = items[(page - 1) * size : page * size]
    pages = -(-len(items) // size)
    return _json(
        {
            "metadata": {"pageSize": len(chosen), "pageNumber": page, "totPage": pages},
            "count": len(chosen),
            "data": chosen,
        }
    )


def _number(cents: int) -> str:
    """An amount that `_json` writes as a number with its two decimals, without passing through a float."""
    return f"EUR:{decimal_from_cents(cents)}"


def _json(body: dict[str, Any]) -> str:
    return _EURO.sub(r"\1", json.dumps(body))
