"""Notices with a digital stamp: what the station asks the node for, and the stamps that receipts bring back."""

from hashlib import sha256

import pytest
from django.db import connection

from payments.domain.judgement import Anomaly
from payments.domain.stamps import StampFinding, StampState
from payments.domain.states import State
from payments.models import DebtKind, Position, Receipt, ReceiptCase, StampAttachment, StampCheck
from payments.models.receipts import CaseState
from payments.sandbox.stamps import DOCUMENT, Stamp, authority
from payments.services.stamps import stamp_check_again
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.billing.socket import ChargeLineDraft
from tests.payments.node_messages import Receipt as Message
from tests.payments.node_messages import get, post, send, verify

pytestmark = pytest.mark.usefixtures("every_entity")
IBAN = "IT60X0542811101000000123456"
PISA = "80000410508"


@pytest.fixture
def stamped(pisa, charged):
    """16,00 euro of stamp and 16,00 of fees."""
    DebtKind.objects.create(
        entity=pisa, code="BOLLO", description="Marca da bollo digitale", taxonomy_code="DEMO09TS", digital_stamp=True,
        valid_from="2026-01-01", source="prova", confirmed_by="prova",
    )  # fmt: skip
    lines = (
        ChargeLineDraft("istruttoria", "Oneri di istruttoria", 1600, "TE_ISTRUTTORIA"),
        ChargeLineDraft(
            "bollo", "Bollo", 1600, "BOLLO", stamp_digest=sha256(DOCUMENT).hexdigest(), stamp_province="PI"
        ),
    )
    return charged(pisa, lines=lines)


@pytest.fixture
def trusting(settings, tmp_path):
    (tmp_path / "authority.pem").write_bytes(authority().pem)
    settings.PAGOPA_STAMP_ANCHORS = str(tmp_path)


def receipt(notice, stamp, **changes):
    transfers = ((1, "16.00", PISA, IBAN), (2, "16.00", PISA, stamp))
    return send(Message(notice.nav, amount="32.00", transfers=transfers, **changes))


def test_the_second_form_of_activation_asks_for_the_stamp(stamped):
    answer = post(get(stamped.nav))
    rows = answer.body.findall("data/transferList/transfer")
    assert [row.findtext("IBAN") for row in rows] == [IBAN, None]
    asked = rows[1].find("richiestaMarcaDaBollo")
    assert {child.tag: child.text for child in asked} == {
        "hashDocumento": f"{stamped.transfers.get(seq=2).stamp_hash}",
        "tipoBollo": "01",
        "provinciaResidenza": "PI",
    }


def test_the_first_form_has_no_words_for_it(stamped):
    answer = post(get(stamped.nav, v2=False))
    assert (answer.status, answer.fault) == (200, "PAA_SEMANTICA")


def test_a_notice_with_a_stamp_is_not_all_postal(stamped):
    assert post(verify(stamped.nav)).text("paymentList/paymentOptionDescription/allCCP") == "false"
    rows = post(get(stamped.nav, transfer_type="POSTAL")).body.findall("data/transferList/transfer")
    assert [row.find("richiestaMarcaDaBollo") is not None for row in rows] == [False, True]
    assert rows[0].findtext("IBAN") == "IT46Y0760114000000000111111"


def test_a_good_stamp_of_a_known_signer_is_valid_and_kept_as_it_came(stamped, trusting):
    document = Stamp().signed()
    assert post(receipt(stamped, document)).outcome == "OK"
    kept = StampAttachment.objects.get()
    assert bytes(kept.raw) == document
    check = StampCheck.objects.get()
    assert (check.state, check.findings, check.iubd) == (StampState.VALID, [], "01234567890123")
    assert check.digest == sha256(DOCUMENT).hexdigest()
    assert ReceiptCase.objects.get().state == CaseState.MATCHED
    assert Position.objects.get().state == State.PAID


def test_without_trust_anchors_the_signature_is_not_verified_and_nobody_is_disturbed(stamped, settings):
    settings.SANDBOX_BASE_URL = ""
    assert post(receipt(stamped, Stamp().signed())).outcome == "OK"
    assert StampCheck.objects.get().get_state_display() == "firma non verificata"
    assert ReceiptCase.objects.get().state == CaseState.MATCHED


def test_the_demonstration_trusts_the_authority_of_its_sandbox(stamped):
    post(receipt(stamped, Stamp().signed()))
    assert StampCheck.objects.get().state == StampState.VALID


@pytest.mark.parametrize(
    ("stamp", "finding"),
    [
        (Stamp(digest=sha256(b"un altro documento").digest()).signed(), StampFinding.DIGEST),
        (Stamp(amount="2.00").signed(), StampFinding.AMOUNT),
        (Stamp().signed().replace(b"16.00", b"16.01"), StampFinding.SIGNATURE),
        (b"<marca/>", StampFinding.SCHEMA),
        (b"", StampFinding.UNREADABLE),
        (b"\x00\x01", StampFinding.UNREADABLE),
    ],
    ids=["digest", "amount", "signature", "schema", "empty", "binary"],
)
def test_a_bad_stamp_is_kept_the_money_is_taken_and_an_accountant_looks(stamped, trusting, stamp, finding):
    assert post(receipt(stamped, stamp)).outcome == "OK"
    assert bytes(StampAttachment.objects.get().raw) == stamp
    check = StampCheck.objects.get()
    assert check.state == StampState.INVALID
    assert finding in check.findings
    assert ReceiptCase.objects.get().anomalies == [Anomaly.STAMP]
    assert Position.objects.get().state == State.PAID


def test_one_stamp_cannot_serve_two_notices(stamped, charged, trusting):
    post(receipt(stamped, Stamp().signed()))
    post(receipt(stamped, Stamp().signed(), receipt_id="b" * 32))
    assert StampFinding.REUSED in StampCheck.objects.latest("pk").findings


def test_a_stamp_nobody_asked_for_is_said_so(notice, trusting):
    transfers = ((1, "32.00", PISA, IBAN), (2, "16.00", PISA, Stamp().signed()))
    assert post(send(Message(notice.nav, transfers=transfers))).outcome == "OK"
    assert StampCheck.objects.get().findings == [StampFinding.NOT_REQUESTED]


def test_the_share_of_another_body_s_notice_is_judged_by_its_document_only(stamped, trusting):
    assert post(receipt(stamped, Stamp().signed(), entity="01199250158")).outcome == "OK"
    assert StampCheck.objects.get().state == StampState.VALID
    assert ReceiptCase.objects.get().anomalies == [Anomaly.OTHER_ISSUER]


def test_the_same_receipt_again_checks_nothing_again(stamped):
    for _ in range(3):
        assert post(receipt(stamped, Stamp().signed())).outcome == "OK"
    assert (StampAttachment.objects.count(), StampCheck.objects.count()) == (1, 1)


def test_the_office_checks_again_when_the_anchors_arrive(stamped, settings, tmp_path):
    settings.SANDBOX_BASE_URL = ""
    post(receipt(stamped, Stamp().signed()))
    (tmp_path / "authority.pem").write_bytes(authority().pem)
    settings.PAGOPA_STAMP_ANCHORS = str(tmp_path)
    check = stamp_check_again(attachment_id=StampAttachment.objects.get().pk, actor=Actor.system("prova"))
    assert check.state == StampState.VALID
    assert [row.state for row in StampCheck.objects.order_by("pk")] == [StampState.UNVERIFIED, StampState.VALID]
    assert StampAttachment.objects.get().last_check == check
    assert Event.objects.get(action="payments.stamp_checked").data == {"state": "valid", "findings": []}


@pytest.mark.parametrize("table", ["payments_stampattachment", "payments_stampcheck"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_touch_a_stamp(stamped, table, statement):
    post(receipt(stamped, Stamp().signed()))
    with pytest.raises(Exception, match="evidence"), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_the_first_form_of_a_receipt_has_no_stamps_to_bring(stamped):
    message = send(Message(stamped.nav, amount="32.00", transfers=((1, "32.00", PISA, Stamp().signed()),)), v2=False)
    assert post(message).fault == "PAA_SINTASSI_XSD"


@pytest.mark.parametrize("content", [b"not a certificate", None])
def test_unreadable_anchors_are_an_error_of_the_installation(settings, tmp_path, content):
    from payments.checks import the_stamp_anchors_are_readable

    assert the_stamp_anchors_are_readable(None) == []
    settings.PAGOPA_STAMP_ANCHORS = str(tmp_path if content else tmp_path / "missing")
    if content:
        (tmp_path / "x.pem").write_bytes(content)
    assert [error.id for error in the_stamp_anchors_are_readable(None)] == ["payments.E002"]


def test_the_receipt_keeps_the_cart_and_the_metadata(notice):
    extra = "<metadata><mapEntry><key>chiave</key><value>valore</value></mapEntry></metadata><standin>true</standin>"
    assert post(send(Message(notice.nav, extra=extra))).outcome == "OK"
    row = Receipt.objects.get()
    assert (row.payment_note, row.metadata, row.stand_in) == ("carrello", {"chiave": "valore"}, True)
