"""Scenarios of messages that are wrong: each has its answer, and what looks like a receipt is never lost."""

from collections.abc import Callable

from payments.sandbox import node, receipts
from payments.sandbox.node import ENVELOPE, NODE_NS, Exchange
from payments.sandbox.scenarios.stage import HOME, Stage

SYNTAX = "PAA_SINTASSI_XSD"
TOO_MUCH = 5 * 1024 * 1024
BAD_FIELDS = (
    ("numero di 17 cifre", "<noticeNumber>{nav}</noticeNumber>", "<noticeNumber>{short}</noticeNumber>"),
    ("ente di 12 cifre", "<fiscalCode>{entity}</fiscalCode>", "<fiscalCode>{entity}0</fiscalCode>"),
    ("ente vuoto", "<idPA>{entity}</idPA>", "<idPA></idPA>"),
    ("stazione troppo lunga", "<idStation>{station}</idStation>", "<idStation>" + "9" * 36 + "</idStation>"),
)


def unreadable(stage: Stage) -> None:
    """Bodies that name no operation of ours: a SOAP fault, and nothing kept."""
    envelope = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{body}</s:Body></s:Envelope>'
    bomb = '<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;&b;">]>'
    for title, message in (
        ("tagliato a metà", "<s:Envelope><s:Body><paVerify"),
        ("con un DOCTYPE", bomb + envelope.format(body="<a>&c;</a>")),
        ("operazione sconosciuta", envelope.format(body="<paSconosciuta/>")),
        ("due operazioni insieme", envelope.format(body="<a/><b/>")),
        ("non è XML", "nulla di leggibile"),
    ):
        stage.step(title, _raw(message), status=400, outcome="", fault="soapenv:Client")
    stage.step("cinque megabyte", _raw("x" * TOO_MUCH), status=413, outcome="", fault="soapenv:Client")


def bad_fields(stage: Stage) -> None:
    """One field out of its pattern: the fault of syntax."""
    (nav,) = stage.notice()
    good = _verify_message(stage, nav)
    names = {"nav": nav, "short": nav[:-1], "entity": HOME.fiscal_code, "station": stage.head.station}
    for title, right, wrong in BAD_FIELDS:
        message = good.replace(right.format(**names), wrong.format(**names))
        stage.step(title, _raw(message), nav=nav, outcome="KO", fault=SYNTAX)


def malformed_receipt(stage: Stage) -> None:
    """A receipt with a field that is not one is kept as it came: it may be the only trace of a payment."""
    (nav,) = stage.notice()
    receipt = receipts.receipt_xml(stage.payment(nav)).replace("<outcome>OK</outcome>", "<outcome>FORSE</outcome>")
    stage.step(
        "esito inventato",
        lambda: node.send_receipt(head=stage.head, receipt=receipt),
        nav=nav,
        outcome="KO",
        fault=SYNTAX,
        quarantined=1,
        state="published",
    )


def refused_by_the_bank(stage: Stage) -> None:
    """A receipt that says the payment failed: kept, and nothing is settled."""
    (nav,) = stage.notice()
    receipt = receipts.receipt_xml(stage.payment(nav)).replace("<outcome>OK</outcome>", "<outcome>KO</outcome>")
    stage.step(
        "esito KO",
        lambda: node.send_receipt(head=stage.head, receipt=receipt),
        nav=nav,
        receipts=1,
        to_review=1,
        state="published",
    )


def other_spellings(stage: Stage) -> None:
    """The same message with other prefixes, a default namespace, another encoding: all good."""
    (nav,) = stage.notice()
    good = _verify_message(stage, nav)
    default = good.replace("paf:paVerifyPaymentNoticeReq", "paVerifyPaymentNoticeReq")
    default = default.replace("<paVerifyPaymentNoticeReq>", f'<paVerifyPaymentNoticeReq xmlns="{NODE_NS}">')
    for name in ("idPA", "idBrokerPA", "idStation", "qrCode"):
        default = default.replace(f"<{name}>", f'<{name} xmlns="">')
    for title, message in (
        ("altri prefissi", good.replace("soapenv", "S").replace("paf", "ns2").encode()),
        ("spazio dei nomi predefinito", default.encode()),
        ("UTF-16", good.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")),
        ("commenti e a capo", good.replace("<soapenv:Body>", "<soapenv:Body><!-- nodo -->\n\t").encode()),
    ):
        stage.step(title, _raw(message), nav=nav)


def _verify_message(stage: Stage, nav: str) -> str:
    qr = f"<qrCode><fiscalCode>{HOME.fiscal_code}</fiscalCode><noticeNumber>{nav}</noticeNumber></qrCode>"
    body = f"<paf:paVerifyPaymentNoticeReq>{stage.head.xml()}{qr}</paf:paVerifyPaymentNoticeReq>"
    return ENVELOPE.format(ns=NODE_NS, body=body)


def _raw(message: str | bytes) -> Callable[[], Exchange]:
    return lambda: node.send("paVerifyPaymentNotice", message)[0]
