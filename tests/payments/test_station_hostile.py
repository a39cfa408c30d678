"""Hostile and broken messages: refused at the door, without a trace of a stack and without a token."""

import pytest
from django.test import Client
from django.urls import reverse

from payments.models import NodeCall, QuarantinedMessage
from payments.node.soap import MAX_BYTES
from tests.payments.node_messages import ENVELOPE, Receipt, To, post, send, verify

BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><lolz>&d;</lolz>"""
FILE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>"""
UTF16 = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY f "boom">]><x>&f;</x>'.encode("utf-16")
NAV = "301000000000004285"


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


def test_a_message_over_one_mebibyte_is_not_read(db):
    assert post(b" " * (MAX_BYTES + 1)).status == 413
    assert not QuarantinedMessage.objects.exists()


def test_a_message_that_declares_too_much_is_refused_before_it_is_read(db, client):
    answer = client.generic("POST", "/pagopa/node", b"<a/>", "text/xml", CONTENT_LENGTH=str(5 * 1024 * 1024))
    assert answer.status_code == 413
    assert b"message too large" in answer.content


def test_a_message_of_exactly_one_mebibyte_is(notice):
    message = verify(notice.nav).encode()
    assert post(message + b" " * (MAX_BYTES - len(message))).outcome == "OK"


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
