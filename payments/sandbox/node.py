"""The node of the demonstration: it calls the station over HTTP, as the true one would, and reads the answers.

Written on its own, without the station's code, so that each of the two checks the other.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

import requests
from django.conf import settings
from lxml import etree

from payments.demo import creditor

NODE_NS = "http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"
ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:paf="{ns}">'
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)
PSP = {"id": "ABI99999", "name": "PSP di prova", "channel": "99999000011_01"}
TIMEOUT_SECONDS = (3, 15)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call, both messages as they travelled. `status` 0 means that nobody answered."""

    operation: str
    request: str
    response: str
    status: int
    outcome: str
    fault: str = ""
    fault_text: str = ""

    @property
    def ok(self) -> bool:
        """Whether the station said OK."""
        return self.outcome == "OK"


@dataclass(frozen=True, slots=True)
class Head:
    """How the node addresses a body; the counter may spoil it on purpose."""

    entity: str
    broker: str
    station: str

    def xml(self) -> str:
        """The first three elements of every request."""
        return (
            f"<idPA>{escape(self.entity)}</idPA><idBrokerPA>{escape(self.broker)}</idBrokerPA>"
            f"<idStation>{escape(self.station)}</idStation>"
        )


@dataclass(frozen=True, slots=True)
class Verified:
    """What the counter shows before it takes the money."""

    cents: int
    description: str
    company: str
    due_on: str


@dataclass(frozen=True, slots=True)
class Activated:
    """What the station wants to be paid: `data` is its element, kept to be sent back in the receipt."""

    iuv: str
    cents: int
    transfers: list[dict[str, Any]] = field(default_factory=list)
    data: etree._Element | None = None


def head_of(entity: str, nav: str = "") -> Head:
    """The route of a body, or of one of its numbers; an unknown body is addressed by its own code."""
    known = creditor(entity)
    return Head(entity, entity, known.station_of(nav) if known else f"{entity}_01")


def verify(*, head: Head, entity: str, nav: str) -> tuple[Exchange, Verified | None]:
    """paVerifyPaymentNotice."""
    body = f"<paf:paVerifyPaymentNoticeReq>{head.xml()}{_qr(entity, nav)}</paf:paVerifyPaymentNoticeReq>"
    exchange, answer = call("paVerifyPaymentNotice", body)
    if answer is None or not exchange.ok:
        return exchange, None
    option = "paymentList/paymentOptionDescription"
    return exchange, Verified(
        cents=_cents(answer.findtext(f"{option}/amount")),
        description=answer.findtext("paymentDescription", ""),
        company=answer.findtext("companyName", ""),
        due_on=answer.findtext(f"{option}/dueDate", ""),
    )


def activate(
    *, head: Head, entity: str, nav: str, note: str = "", kind: str = "", first: bool = False
) -> tuple[Exchange, Activated | None]:
    """paGetPaymentV2, or paGetPayment when `first`. `note` is the cart's id, `kind` the transfer type."""
    message = activation(head=head, entity=entity, nav=nav, note=note, kind=kind, first=first)
    exchange, answer = send("paGetPayment" if first else "paGetPaymentV2", message)
    return exchange, activated_by(answer) if answer is not None and exchange.ok else None


def activation(*, head: Head, entity: str, nav: str, note: str = "", kind: str = "", first: bool = False) -> str:
    """The message that `activate` sends."""
    extra = f"<paymentNote>{escape(note)}</paymentNote>" if note else ""
    extra += f"<transferType>{kind}</transferType>" if kind else ""
    element = "paGetPaymentReq" if first else "paGetPaymentV2Request"
    body = f"<paf:{element}>{head.xml()}{_qr(entity, nav)}{extra}</paf:{element}>"
    return ENVELOPE.format(ns=NODE_NS, body=body)


def activated_by(answer: etree._Element) -> Activated | None:
    """What an answer of the station wants to be paid; None when it says nothing of it."""
    data = answer.find("data")
    if data is None:
        return None
    return Activated(
        iuv=data.findtext("creditorReferenceId", ""),
        cents=_cents(data.findtext("paymentAmount")),
        transfers=[_transfer(row) for row in data.iterfind("transferList/transfer")],
        data=data,
    )


def send_receipt(*, head: Head, receipt: str, first: bool = False, patience: float | None = None) -> Exchange:
    """paSendRTV2, or paSendRT when `first`, with a receipt of receipts.py. `patience`: seconds the node waits."""
    operation = "paSendRT" if first else "paSendRTV2"
    return send(operation, receipt_message(head=head, receipt=receipt, first=first), patience=patience)[0]


def receipt_message(*, head: Head, receipt: str, first: bool = False) -> str:
    """The message that `send_receipt` sends."""
    element = "paSendRTReq" if first else "paSendRTV2Request"
    return ENVELOPE.format(ns=NODE_NS, body=f"<paf:{element}>{head.xml()}{receipt}</paf:{element}>")


def call(operation: str, body: str) -> tuple[Exchange, etree._Element | None]:
    """Send a body element and read the outcome. A station that does not answer is an exchange with status 0."""
    return send(operation, ENVELOPE.format(ns=NODE_NS, body=body))


def send(
    operation: str, message: str | bytes, *, patience: float | None = None
) -> tuple[Exchange, etree._Element | None]:
    """Send a message as it is, right or wrong."""
    content = message.encode() if isinstance(message, str) else message
    text = content.decode("utf-8", "replace")
    timeout = (TIMEOUT_SECONDS[0], patience or TIMEOUT_SECONDS[1])
    url = f"{settings.PORTAL_BASE_URL}/pagopa/node"
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": operation}
    try:
        answer = requests.post(url, data=content, headers=headers, timeout=timeout)
    except requests.RequestException:
        return Exchange(operation, text, "", 0, "", "", "La stazione non risponde."), None
    return _exchange(operation, text, answer)


def _exchange(operation: str, message: str, answer: requests.Response) -> tuple[Exchange, etree._Element | None]:
    root = _parsed(answer.content)
    content = root.find("{*}Body/*") if root is not None else None
    outcome = content.findtext("outcome", "") if content is not None else ""
    fault, text = "", ""
    if content is not None:
        fault = content.findtext("fault/faultCode", "") or content.findtext("faultcode", "")
        text = content.findtext("fault/faultString", "") or content.findtext("faultstring", "")
    return Exchange(operation, message, pretty(answer.content), answer.status_code, outcome, fault, text), content


def pretty(content: bytes) -> str:
    """A message as people can read it."""
    root = _parsed(content)
    if root is None:
        return content.decode("utf-8", "replace")
    return etree.tostring(root, pretty_print=True, encoding="unicode")


def _parsed(content: bytes) -> etree._Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_blank_text=True)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return None


def _qr(entity: str, nav: str) -> str:
    return f"<qrCode><fiscalCode>{escape(entity)}</fiscalCode><noticeNumber>{escape(nav)}</noticeNumber></qrCode>"


def _transfer(row: etree._Element) -> dict[str, Any]:
    return {
        "id": int(row.findtext("idTransfer", "1")),
        "amount_cents": _cents(row.findtext("transferAmount")),
        "fiscal_code": row.findtext("fiscalCodePA", ""),
        "iban": row.findtext("IBAN", ""),
        "stamp": row.findtext("richiestaMarcaDaBollo/hashDocumento", ""),
        "remittance": row.findtext("remittanceInformation", ""),
        "category": row.findtext("transferCategory", ""),
    }


def _cents(text: str | None) -> int:
    return int(Decimal(text or "0") * 100)
