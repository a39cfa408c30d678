"""Receipts that providers keep for us: the body of the node's paSendRT, with or without its namespace. Pure."""

from lxml import etree

from payments.node.faults import StationFault
from payments.node.messages import Operation, ReceiptRequest
from payments.node.soap import NODE_NS, read_request

# As the archive writes them, apart from capitals: it gives the second one a capital P.
_OPERATIONS = {
    "pasendrtreq": ("paSendRTReq", Operation.SEND),
    "pasendrtv2request": ("paSendRTV2Request", Operation.SEND_V2),
}


class UnreadableReceipt(ValueError):
    """Not a receipt; it is kept all the same, for somebody to look at."""


def read_receipt(content: bytes) -> ReceiptRequest:
    """The receipt, under the same rules as those that come to the station. Raises UnreadableReceipt."""
    root = _root(content)
    known = _OPERATIONS.get(etree.QName(root).localname.lower())
    if known is None:
        raise UnreadableReceipt("not a receipt of the node")
    for node in root.iter(etree.Element):
        node.tag = etree.QName(node).localname
    root.tag = f"{{{NODE_NS}}}{known[0]}"
    try:
        request = read_request(known[1], root)
    except StationFault as fault:
        raise UnreadableReceipt(fault.detail or fault.code.value) from fault
    assert isinstance(request, ReceiptRequest)
    return request


def _root(content: bytes) -> etree._Element:
    if b"<!DOCTYPE" in content:
        raise UnreadableReceipt("DOCTYPE refused")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableReceipt("not XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableReceipt("DOCTYPE refused")
    return root
