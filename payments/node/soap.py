"""SOAP 1.1 at the door: hostile bytes in, dataclasses out, and the way back.

Only the body decides the operation: callers send all sorts of SOAPAction. DTDs are refused, entities never resolved.
"""

import logging
from pathlib import Path

from lxml import etree

from payments.formats import xml
from payments.node import reading
from payments.node.faults import FAULT_TEXTS, FaultCode, StationFault, UnreadableMessage
from payments.node.messages import RECEIPTS, DemandRequest, NoticeRequest, Operation, ReceiptRequest

MAX_BYTES = 1024 * 1024
# A receipt may carry five digital stamps, and is the trace of a payment: it gets more room than a question.
MAX_RECEIPT_BYTES = 5 * MAX_BYTES
SOAP_NS = "http://schemas.xmlsoap.org/soap/envelope/"
NODE_NS = "http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"
SCHEMA_FILE = Path(__file__).parent / "schemas" / "paForNode.xsd"

# operation: (request element, answer element). The irregular endings are those of the specification.
ELEMENTS: dict[Operation, tuple[str, str]] = {
    Operation.VERIFY: ("paVerifyPaymentNoticeReq", "paVerifyPaymentNoticeRes"),
    Operation.GET: ("paGetPaymentReq", "paGetPaymentRes"),
    Operation.GET_V2: ("paGetPaymentV2Request", "paGetPaymentV2Response"),
    Operation.SEND: ("paSendRTReq", "paSendRTRes"),
    Operation.SEND_V2: ("paSendRTV2Request", "paSendRTV2Response"),
    Operation.DEMAND: ("paDemandPaymentNoticeRequest", "paDemandPaymentNoticeResponse"),
}
_BY_REQUEST = {f"{{{NODE_NS}}}{request}": operation for operation, (request, _) in ELEMENTS.items()}
logger = logging.getLogger(__name__)


def schema() -> etree.XMLSchema:
    """Our schema of the operations."""
    return xml.schema(SCHEMA_FILE)


def open_envelope(body: bytes) -> tuple[Operation, etree._Element]:
    """The operation and its element, not yet validated. Raises UnreadableMessage."""
    try:
        root = xml.parse(body)
    except xml.HostileXml as error:
        raise UnreadableMessage(str(error)) from error
    soap_body = root.find(f"{{{SOAP_NS}}}Body") if root.tag == f"{{{SOAP_NS}}}Envelope" else None
    if soap_body is None or len(soap_body) != 1:
        raise UnreadableMessage("not a SOAP 1.1 envelope with one body element")
    operation = _BY_REQUEST.get(str(soap_body[0].tag))
    if operation is None:
        raise UnreadableMessage("unknown operation")
    return operation, soap_body[0]


def read_request(operation: Operation, element: etree._Element) -> NoticeRequest | ReceiptRequest | DemandRequest:
    """Validate and turn into a dataclass. Raises StationFault (SYNTAX, USE)."""
    if operation in RECEIPTS:
        # Schema and prose of the specification spell it in two ways: both are taken.
        for spelled in element.iterfind("receipt/standin"):
            spelled.tag = "standIn"
    rules = schema()
    if not rules.validate(element):
        raise StationFault(FaultCode.SYNTAX, _where(rules))
    try:
        if operation in RECEIPTS:
            return reading.receipt_request(operation, element)
        if operation is Operation.DEMAND:
            return reading.demand_request(operation, element)
        return reading.notice_request(operation, element)
    except (ValueError, OverflowError) as error:
        raise StationFault(FaultCode.USE, str(error)[:200]) from error


def answer_element(operation: Operation, outcome: str) -> etree._Element:
    """The root of an answer, with its outcome."""
    root = etree.Element(f"{{{NODE_NS}}}{ELEMENTS[operation][1]}", nsmap={"pafn": NODE_NS})
    etree.SubElement(root, "outcome").text = outcome
    return root


def fault_answer(operation: Operation, fault: StationFault, *, emitter: str) -> bytes:
    """A KO answer. `emitter` is the fiscal code of who answers."""
    root = answer_element(operation, "KO")
    node = etree.SubElement(root, "fault")
    etree.SubElement(node, "faultCode").text = fault.code.value
    etree.SubElement(node, "faultString").text = FAULT_TEXTS[fault.code]
    etree.SubElement(node, "id").text = emitter
    if fault.detail:
        etree.SubElement(node, "description").text = fault.detail
    return _sealed(root)


def finished_answer(operation: Operation, root: etree._Element, *, emitter: str) -> bytes:
    """An OK answer as bytes; one that our own schema refuses becomes a system fault, because the node would too."""
    rules = schema()
    if rules.validate(root):
        return _sealed(root)
    logger.error("answer to %s is not valid: %s", operation.value, _where(rules))
    return fault_answer(operation, StationFault(FaultCode.SYSTEM), emitter=emitter)


def _where(rules: etree.XMLSchema) -> str:
    """What is not valid, without the validator's words: they repeat the value, a person's name included."""
    first = rules.error_log[0]
    return f"{first.path}: {first.type_name}"[:200]


def soap_fault(reason: str) -> bytes:
    """A SOAP fault of the client, for bodies that name no operation of ours."""
    fault = etree.Element(f"{{{SOAP_NS}}}Fault", nsmap={"soapenv": SOAP_NS})
    etree.SubElement(fault, "faultcode").text = "soapenv:Client"
    etree.SubElement(fault, "faultstring").text = reason
    return _sealed(fault)


def _sealed(content: etree._Element) -> bytes:
    envelope = etree.Element(f"{{{SOAP_NS}}}Envelope", nsmap={"soapenv": SOAP_NS})
    etree.SubElement(envelope, f"{{{SOAP_NS}}}Body").append(content)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
