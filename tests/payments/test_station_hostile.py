"""Hostile and broken messages: refused at the door, without a trace of a stack and without a token."""

from hashlib import sha256

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scopes_disabled

from payments.models import NodeCall, QuarantinedMessage
from payments.models import Receipt as StoredReceipt
from payments.node.calls import HEAD_BYTES, limited_body
from payments.node.delivery import room_for
from payments.node.faults import OversizeMessage
from payments.node.soap import MAX_BYTES, MAX_RECEIPT_BYTES
from tests.payments.node_messages import ENVELOPE, PlainClient, Receipt, To, demand, get, post, qr, send, verify

OPERATIONS = {
    "verify": lambda nav, to: verify(nav, to=to),
    "get": lambda nav, to: get(nav, to=to, v2=False),
    "get_v2": lambda nav, to: get(nav, to=to),
    "send": lambda nav, to: send(Receipt(nav), to=to, v2=False),
    "send_v2": lambda nav, to: send(Receipt(nav), to=to),
    "demand": lambda nav, to: demand("<a/>", to=to),
}
BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><lolz>&d;</lolz>"""
FILE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>"""
UTF7 = b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x [+ADwAIQ-ENTITY f "boom"+AD4]+AD4<x>&f;</x>'
UTF16 = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY f "boom">]><x>&f;</x>'.encode("utf-16")
NAV = "301000000000004285"
SOAP_12 = (
    verify(NAV).replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope").encode()
)
TWO_BODIES = ENVELOPE.format(body="<paf:paVerifyPaymentNoticeReq/>" * 2).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<",
        b"\x00\x01\x02",
        b"{}",
        BOMB,
        FILE,
        UTF16,
        b"<a/>",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        ENVELOPE.format(body="").encode(),
        ENVELOPE.format(body="<paf:paDeleteEverything/>").encode(),
        ENVELOPE.format(body="<paVerifyPaymentNoticeReq/>").encode(),
        verify(NAV).encode()[:-20],
        SOAP_12,
        TWO_BODIES,
        ENVELOPE.replace("<soapenv:Header/>", "").replace("soapenv:Body", "soapenv:Corpo").format(body="").encode(),
        verify(NAV).replace(NAV, "è").encode("latin-1"),
        UTF7,
        verify(NAV).replace(NAV, "\x01").encode(),
        ENVELOPE.format(body="<a>" * 5000 + "</a>" * 5000).encode(),
        b"<a " + b" ".join(b'b%d=""' % number for number in range(20000)) + b"/>" + b"x",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_not_a_call_of_ours_gets_a_soap_fault(db, body):
    answer = post(body)
    assert answer.status == 400
    assert answer.body.findtext("faultcode") == "soapenv:Client"
    assert b"boom" not in answer.content
    assert b"root:" not in answer.content
    assert b"Traceback" not in answer.content


class Wire:
    """What a sender pours in: it counts what is taken, and has no end."""

    def __init__(self, head: bytes) -> None:
        self.head, self.taken = head, 0

    def read(self, size: int) -> bytes:
        self.taken += size
        return self.head.ljust(size)[:size]

    readline = read


def poured(rf, head: bytes, size: int):
    """A message that declares that size, and what it comes from."""
    wire = Wire(head)
    return rf.generic("POST", "/pagopa/node", CONTENT_LENGTH=str(size), **{"wsgi.input": wire}), wire


RECEIPT = b"<paf:paSendRTV2Request>"


@pytest.mark.parametrize(("head", "size"), [(b"", MAX_BYTES), (RECEIPT, MAX_BYTES + 1), (RECEIPT, MAX_RECEIPT_BYTES)])
def test_a_message_within_its_limit_is_read_whole(rf, head, size):
    request, wire = poured(rf, head, size)
    assert len(limited_body(request, limit=MAX_BYTES, more=room_for)) == wire.taken == size


@pytest.mark.parametrize(
    ("head", "size"), [(b"", MAX_BYTES + 1), (RECEIPT, MAX_RECEIPT_BYTES + 1), (b"", 10**15), (RECEIPT, 10**30)]
)
def test_of_a_message_that_declares_too_much_only_the_beginning_is_read(rf, head, size):
    request, wire = poured(rf, head, size)
    with pytest.raises(OversizeMessage) as refused:
        limited_body(request, limit=MAX_BYTES, more=room_for)
    assert (refused.value.size, refused.value.status) == (min(size, 2**63 - 1), 413)
    assert len(refused.value.head) == HEAD_BYTES
    assert wire.taken == HEAD_BYTES


@pytest.mark.parametrize("declared", ["", "-1", "molti"])
def test_a_message_that_does_not_say_how_long_it_is_counts_as_empty(db, client, declared):
    answer = client.generic("POST", "/pagopa/node", b"<a/>", "text/xml", CONTENT_LENGTH=declared)
    assert answer.status_code == 400


def test_a_question_of_five_mebibytes_is_refused_and_not_kept(db):
    answer = post(b" " * MAX_RECEIPT_BYTES)
    assert (answer.status, answer.body.findtext("faultstring")) == (413, "message too large")
    assert not QuarantinedMessage.objects.exists()
    assert NodeCall.objects.get().status == 413


def test_a_message_of_exactly_one_mebibyte_is_taken(notice):
    message = verify(notice.nav).encode()
    assert post(message + b" " * (MAX_BYTES - len(message))).outcome == "OK"


def test_a_receipt_may_be_of_five_mebibytes(notice):
    message = send(Receipt(notice.nav)).encode()
    message += b" " * (MAX_RECEIPT_BYTES - len(message))
    assert post(message).outcome == "OK"
    with scopes_disabled():
        assert len(StoredReceipt.objects.get().raw) == MAX_RECEIPT_BYTES


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16"])
def test_of_a_larger_receipt_the_beginning_the_size_and_the_hash_are_kept_once(notice, encoding):
    message = send(Receipt(notice.nav)).replace("UTF-8", encoding)
    message = message.replace("</receipt>", "</receipt>" + " " * MAX_RECEIPT_BYTES).encode(encoding)
    for _ in range(2):
        assert post(message).status == 413
    kept = QuarantinedMessage.objects.get()
    assert (kept.reason, kept.size, kept.entity) == ("oversize", len(message), None)
    assert bytes(kept.raw) == message[:HEAD_BYTES]
    assert kept.sha256 == sha256(message[:HEAD_BYTES]).hexdigest()
    assert notice.nav in bytes(kept.raw).decode(encoding, "ignore")
    with scopes_disabled():
        assert not StoredReceipt.objects.exists()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<idPA>80000410508</idPA>", ""),
        ("<idPA>80000410508</idPA>", "<idPA></idPA>"),
        ("<idPA>80000410508</idPA>", "<idPA>" + "8" * 36 + "</idPA>"),
        (NAV, "30100000000000428"),
        (NAV, "A01000000000004285"),
        ("</qrCode>", "</qrCode><extra/>"),
        ("<idPA>", '<idPA xmlns="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd">'),
    ],
)
def test_a_call_that_breaks_the_schema_gets_the_syntax_fault(db, old, new):
    message = verify(NAV)
    assert old in message
    answer = post(message.replace(old, new, 1))
    assert (answer.status, answer.fault) == (200, "PAA_SINTASSI_XSD")


def test_prefixes_comments_and_white_space_are_as_the_sender_likes(notice):
    message = verify(notice.nav).replace("paf:", "ns2:").replace("xmlns:paf", "xmlns:ns2")
    message = message.replace("<soapenv:Body>", "<!-- nota --><soapenv:Body>\n  <!-- nota -->\n")
    message = message.replace("<ns2:paVerifyPaymentNoticeReq>", '<ns2:paVerifyPaymentNoticeReq xmlns="">')
    assert post(message).outcome == "OK"


def test_the_default_namespace_is_as_good_as_a_prefix(notice):
    message = (
        '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>'
        '<paVerifyPaymentNoticeReq xmlns="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd">'
        f"{To().xml()}{qr(notice.nav)}</paVerifyPaymentNoticeReq></Body></Envelope>"
    )
    for name in ("idPA", "idBrokerPA", "idStation", "qrCode"):
        message = message.replace(f"<{name}>", f'<{name} xmlns="">')
    assert post(message).outcome == "OK"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1", "us-ascii"])
def test_the_encoding_is_what_the_message_says(notice, encoding):
    name = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "latin-1": "ISO-8859-1", "us-ascii": "US-ASCII"}[encoding]
    message = verify(notice.nav).replace('encoding="UTF-8"', f'encoding="{name}"')
    assert post(message.encode(encoding)).outcome == "OK"


@pytest.mark.parametrize("action", ["", "paSendRT", '"paVerifyPaymentNotice"', "x" * 4000])
def test_the_soap_action_decides_nothing(notice, action):
    assert post(verify(notice.nav), SOAPAction=action).outcome == "OK"


def test_a_schema_that_the_message_suggests_is_not_fetched(notice):
    hint = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x http://127.0.0.1:9/x.xsd"'
    message = verify(notice.nav).replace("<paf:paVerifyPaymentNoticeReq>", f"<paf:paVerifyPaymentNoticeReq {hint}>")
    assert post(message).outcome == "OK"


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("to", "fault"),
    [
        (To(entity="99999999999"), "PAA_ID_DOMINIO_ERRATO"),
        (To(broker="99999999999"), "PAA_ID_INTERMEDIARIO_ERRATO"),
        (To(station="99999999999_01"), "PAA_STAZIONE_INT_ERRATA"),
    ],
)
def test_wrong_body_broker_and_station_have_their_fault_in_every_operation(notice, operation, to, fault):
    answer = post(OPERATIONS[operation](notice.nav, to))
    assert (answer.status, answer.fault) == (200, fault)
    assert answer.text("fault/id") == to.entity


@pytest.mark.parametrize("operation", ["verify", "get", "get_v2"])
def test_the_probe_comes_before_the_body_in_every_operation_that_asks(db, operation):
    answer = post(OPERATIONS[operation]("0" * 18, To("99999999999", "x", "y")))
    assert (answer.status, answer.fault) == (200, "PAA_PAGAMENTO_SCONOSCIUTO")


def test_a_cut_receipt_is_kept_raw_because_it_may_be_the_only_trace(db):
    cut = send(Receipt(NAV)).encode()[:-30]
    assert post(cut).status == 400
    kept = QuarantinedMessage.objects.get()
    assert (kept.reason, bytes(kept.raw)) == ("malformed", cut)


def test_a_cut_verify_is_not_kept(db):
    post(verify(NAV).encode()[:-30])
    assert not QuarantinedMessage.objects.exists()


def test_the_journal_counts_broken_calls_too(db):
    post(b"<")
    call = NodeCall.objects.get()
    assert (call.status, call.operation, call.entity_id) == (400, "", None)


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_the_station_is_called_by_post_only(db, method):
    response = getattr(Client(), method)(reverse("payments:node"))
    assert response.status_code == 405


def test_no_cookie_is_ever_given_to_the_node(notice):
    response = Client().post("/pagopa/node", verify(notice.nav).encode(), content_type="text/xml")
    assert response.status_code == 200
    assert not response.cookies


@pytest.mark.parametrize(
    ("header", "status"),
    [("", 403), ("00", 403), ("ab:cd:ef", 200), ("AB:CD:EF", 200), ("abcdef", 200)],
)
def test_with_listed_certificates_only_the_node_is_answered(notice, settings, header, status):
    settings.PAGOPA_CLIENT_FINGERPRINTS = ["AB:CD:EF"]
    assert post(verify(notice.nav), **{"X-Client-Fingerprint": header}).status == status


def test_in_production_an_open_station_is_an_error_of_the_installation(settings):
    from payments.checks import the_node_is_recognised

    settings.PRODUCTION = True
    assert [error.id for error in the_node_is_recognised(None)] == ["payments.E001"]
    settings.PAGOPA_CLIENT_FINGERPRINTS = ["abcdef"]
    assert the_node_is_recognised(None) == []


def test_a_receipt_for_a_body_we_do_not_serve_is_kept_with_no_body(db):
    post(send(Receipt(NAV), to=To("99999999999", "99999999999", "x")))
    assert QuarantinedMessage.objects.get().entity is None


def test_a_mistake_of_ours_is_a_plain_500_that_the_node_tries_again(notice, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("Mario Rossi")

    monkeypatch.setattr("payments.node.answering.payable_notice", broken)
    client = PlainClient(raise_request_exception=False)
    response = client.post("/pagopa/node", verify(notice.nav).encode(), content_type="text/xml")
    assert response.status_code == 500
    assert b"Rossi" not in response.content
