"""Receipts: kept first, judged after, never refused because we disagree."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import OperationalError, connection, connections
from django_scopes import scopes_disabled

from payments.domain.codes import PROBE_NAV
from payments.domain.judgement import Anomaly, judge
from payments.domain.states import State
from payments.models import (
    Instalment,
    PaymentOption,
    Position,
    QuarantinedMessage,
    Receipt,
    ReceiptCase,
    ReceiptTransfer,
)
from payments.models.receipts import CaseState
from payments.node import delivery
from payments.services import receipts as service
from payments.services.positions import position_suspend
from portal import clock
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.billing.models import Charge
from portal.billing.selectors import total_cents
from portal.billing.services import cancel_charge
from portal.kernel.errors import DomainError
from portal.outbox.services import carry_due
from tests.payments.node_messages import Receipt as Message
from tests.payments.node_messages import To, get, post, send, verify

pytestmark = pytest.mark.usefixtures("every_entity")


def only_case() -> ReceiptCase:
    return ReceiptCase.objects.select_related("receipt").get()


@pytest.mark.parametrize("v2", [True, False])
def test_a_receipt_pays_the_notice_settles_the_charge_and_tells_the_service(notice, settled_charges, v2):
    assert post(send(Message(notice.nav), v2=v2)).outcome == "OK"

    position, charge = Position.objects.get(), Charge.objects.get()
    assert (position.state, charge.state) == (State.PAID, "settled")
    assert position.paid_at == charge.settled_at
    assert position.paid_at.isoformat() == "2026-11-22T09:00:00+00:00"  # no zone means Italian time
    assert charge.receipt_reference == "a" * 32
    assert (only_case().state, only_case().settles, only_case().anomalies) == (CaseState.MATCHED, True, [])
    carry_due()
    assert settled_charges == [charge.pk]


def test_the_receipt_keeps_its_fields_its_transfers_and_the_raw_message(notice):
    message = send(Message(notice.nav, extra="<standIn>true</standIn>"))
    post(message)
    receipt = Receipt.objects.get()
    assert (receipt.amount_cents, receipt.fee_cents, receipt.psp_id) == (4800, 150, "ABI99999")
    assert receipt.stand_in
    assert bytes(receipt.raw) == message.encode()
    rows = receipt.transfers.values_list("seq", "amount_cents", "beneficiary_fiscal_code")
    assert list(rows) == [(1, 3200, "80000410508"), (2, 1600, "80000410508")]


def test_the_same_receipt_twice_is_ok_and_counts_once(notice, settled_charges):
    for _ in range(3):
        assert post(send(Message(notice.nav))).outcome == "OK"
    assert (Receipt.objects.count(), ReceiptTransfer.objects.count(), ReceiptCase.objects.count()) == (1, 2, 1)
    assert not QuarantinedMessage.objects.exists()
    carry_due()
    assert len(settled_charges) == 1


def test_the_same_receipt_with_another_amount_is_kept_aside(notice):
    post(send(Message(notice.nav)))
    assert post(send(Message(notice.nav, amount="49.00"))).outcome == "OK"
    assert Receipt.objects.get().amount_cents == 4800
    assert QuarantinedMessage.objects.get().reason == QuarantinedMessage.Reason.DIFFERENT


SHARES = Message("").transfers


@pytest.mark.parametrize(
    "transfers",
    [
        ((1, "31.00", *SHARES[0][2:]), (2, "17.00", *SHARES[1][2:])),
        ((1, "32.00", "80016450480", SHARES[0][3]), SHARES[1]),
        ((1, "32.00", "80000410508", "IT07X0542811101000000654321"), SHARES[1]),
        ((1, "48.00", "80000410508", SHARES[0][3]),),
        (SHARES[0], (2, "16.00", "80000410508", b"<marca/>")),
    ],
    ids=["amounts", "beneficiary", "account", "number", "stamp"],
)
def test_the_same_receipt_with_other_transfers_is_kept_aside_and_answered_ok(notice, transfers):
    post(send(Message(notice.nav)))
    other = send(Message(notice.nav, transfers=transfers))
    for _ in range(2):
        assert post(other).outcome == "OK"
    kept = QuarantinedMessage.objects.get()
    assert (kept.reason, kept.detail, kept.entity_id) == ("different", "versamenti", notice.entity_id)
    assert (bytes(kept.raw), kept.size) == (other.encode(), len(other))
    assert list(ReceiptTransfer.objects.values_list("amount_cents", flat=True)) == [3200, 1600]
    assert (only_case().state, ReceiptCase.objects.count()) == (CaseState.MATCHED, 1)


def test_another_stamp_under_the_name_of_a_kept_receipt_is_kept_aside(notice):
    stamps = [((1, "48.00", "80000410508", document),) for document in (b"<prima/>", b"<seconda/>")]
    for transfers in (stamps[0], stamps[0], stamps[1]):
        assert post(send(Message(notice.nav, transfers=transfers))).outcome == "OK"
    assert QuarantinedMessage.objects.get().detail == "versamenti"


def test_the_same_receipt_in_the_two_forms_and_with_its_transfers_in_another_order_is_the_same(notice):
    post(send(Message(notice.nav)))
    for message in (send(Message(notice.nav), v2=False), send(Message(notice.nav, transfers=SHARES[::-1]))):
        assert post(message).outcome == "OK"
    assert (Receipt.objects.count(), QuarantinedMessage.objects.count()) == (1, 0)


def test_a_second_payment_is_kept_and_queued_for_a_refund(notice):
    post(send(Message(notice.nav)))
    assert post(send(Message(notice.nav, receipt_id="b" * 32))).outcome == "OK"
    second = ReceiptCase.objects.get(receipt__receipt_id="b" * 32)
    assert (second.state, second.settles) == (CaseState.TO_REVIEW, False)
    assert second.anomalies == [Anomaly.SECOND_PAYMENT]
    assert Charge.objects.get().receipt_reference == "a" * 32


def test_a_receipt_for_a_notice_nobody_issued_is_kept_and_queued(notice):
    assert post(send(Message("301000000000999999"))).outcome == "OK"
    assert (only_case().state, only_case().anomalies) == (CaseState.TO_REVIEW, [Anomaly.UNKNOWN_NOTICE])
    assert only_case().instalment is None


def test_a_receipt_of_a_cancelled_notice_is_kept_and_the_charge_stays_cancelled(notice):
    charge = Charge.objects.get()
    cancel_charge(charge_id=charge.pk, actor=Actor.system("prova"))
    assert post(send(Message(notice.nav))).outcome == "OK"
    charge.refresh_from_db()
    assert (charge.state, Position.objects.get().state) == ("cancelled", State.CANCELLED)
    assert only_case().anomalies == [Anomaly.CANCELLED]


@pytest.mark.parametrize(
    ("amount", "anomaly", "state"),
    [("47.99", Anomaly.AMOUNT_SHORT, State.PUBLISHED), ("48.01", Anomaly.AMOUNT_OVER, State.PAID)],
)
def test_too_little_does_not_settle_and_too_much_does_but_both_are_queued(notice, amount, anomaly, state):
    assert post(send(Message(notice.nav, amount=amount))).outcome == "OK"
    assert Position.objects.get().state == state
    assert (only_case().state, only_case().anomalies) == (CaseState.TO_REVIEW, [anomaly])


def test_our_share_of_another_body_s_notice_is_kept_even_if_the_number_looks_like_ours(notice):
    assert post(send(Message(notice.nav, entity="01199250158"))).outcome == "OK"
    assert only_case().anomalies == [Anomaly.OTHER_ISSUER]
    assert Position.objects.get().state == State.PUBLISHED


def test_a_negative_outcome_is_kept_and_pays_nothing(notice):
    assert post(send(Message(notice.nav, outcome="KO"))).outcome == "OK"
    assert Position.objects.get().state == State.PUBLISHED
    assert only_case().anomalies == [Anomaly.OUTCOME_KO]


def test_the_alive_number_is_a_receipt_like_any_other_for_our_body(notice):
    """Evidence comes before everything: only for a body that is not ours it is answered as a probe."""
    assert post(send(Message(PROBE_NAV))).outcome == "OK"
    assert only_case().anomalies == [Anomaly.UNKNOWN_NOTICE]
    message = send(Message(PROBE_NAV), to=To(entity="99999999999"))
    assert post(message).fault == "PAA_PAGAMENTO_SCONOSCIUTO"
    assert bytes(QuarantinedMessage.objects.get().raw) == message.encode()


def _suspended(notice):
    position_suspend(position_id=notice.option.position_id, reason="ricorso", actor=Actor.system("prova"))


def _draft(notice):
    Position.objects.update(state=State.DRAFT)


def _expired(notice):
    Instalment.objects.update(due_on=clock.today() - timedelta(days=100))
    PaymentOption.objects.update(refused_after_due=True)


def _cancelled(notice):
    cancel_charge(charge_id=notice.option.position.charge_id, actor=Actor.system("prova"))


def _published(notice):
    assert notice.option.position.state == State.PUBLISHED


@pytest.mark.parametrize("state", [_published, _suspended, _draft, _expired, _cancelled])
@pytest.mark.parametrize("amount", ["0.00", "0.01", "999999999.99"])
def test_whatever_the_state_and_the_amount_a_receipt_is_kept_and_answered_ok(notice, state, amount):
    state(notice)
    answer = post(send(Message(notice.nav, amount=amount)))
    assert (answer.status, answer.outcome) == (200, "OK")
    assert (Receipt.objects.count(), QuarantinedMessage.objects.count()) == (1, 0)
    assert only_case().state == CaseState.TO_REVIEW


def test_the_largest_amount_there_is_pays_and_is_written_on_the_charge(notice):
    post(send(Message(notice.nav, amount="999999999.99")))
    charge = Charge.objects.get()
    assert (only_case().settles, charge.state, charge.final_cents) == (True, "settled", 99_999_999_999)
    assert total_cents(Charge.objects.all()) == 99_999_999_999


def test_a_receipt_that_cannot_be_judged_is_kept_answered_ok_and_stops_no_other(notice, monkeypatch, caplog):
    def hopeless(paid, due):
        if due is None:
            raise DomainError("prova", "Non si può.")
        return judge(paid, due)

    monkeypatch.setattr(service, "judge", hopeless)
    assert post(send(Message("3" + "0" * 15 + "03", receipt_id="b" * 32))).outcome == "OK"
    with monkeypatch.context() as away:
        away.setattr(service, "judge", lambda paid, due: (_ for _ in ()).throw(OperationalError("away")))
        assert post(send(Message(notice.nav))).status == 503
    assert service.receipts_judge_waiting() == 1
    states = ReceiptCase.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [CaseState.ARRIVED, CaseState.MATCHED]
    assert "could not be judged" in caplog.text


@pytest.mark.parametrize(
    ("to", "fault", "reason"),
    [
        (To(entity="99999999999"), "PAA_ID_DOMINIO_ERRATO", "entity"),
        (To(broker="99999999999"), "PAA_ID_INTERMEDIARIO_ERRATO", "broker"),
        (To(station="99999999999_01"), "PAA_STAZIONE_INT_ERRATA", "station"),
    ],
)
def test_a_receipt_that_is_not_for_us_is_kept_in_quarantine_and_answered_with_the_fault(notice, to, fault, reason):
    message = send(Message(notice.nav), to=to)
    assert post(message).fault == fault
    kept = QuarantinedMessage.objects.get()
    assert (kept.reason, bytes(kept.raw)) == (reason, message.encode())
    assert kept.entity_id == (None if reason == "entity" else notice.entity_id)
    assert not Receipt.objects.exists()
    assert Position.objects.get().state == State.PUBLISHED


def test_a_receipt_that_breaks_the_schema_is_kept_raw_once(notice):
    message = send(Message(notice.nav, amount="48.0"))
    for _ in range(2):
        assert post(message).fault == "PAA_SINTASSI_XSD"
    assert bytes(QuarantinedMessage.objects.get().raw) == message.encode()


def test_a_receipt_that_breaks_the_schema_is_kept_whatever_its_encoding(notice):
    message = send(Message(notice.nav, amount="48.0")).replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    assert post(message).fault == "PAA_SINTASSI_XSD"
    assert bytes(QuarantinedMessage.objects.get().raw) == message


def test_what_breaks_the_schema_is_named_without_repeating_it(notice):
    answer = post(send(Message(notice.nav)).replace("RSSMRA60D20F205R", "RSSMRA60D20F205R-oltre"))
    assert answer.fault == "PAA_SINTASSI_XSD"
    assert "entityUniqueIdentifierValue" in answer.text("fault/description")
    assert b"RSSMRA" not in answer.content
    assert "RSSMRA" not in QuarantinedMessage.objects.get().detail


def test_a_receipt_with_an_impossible_instant_is_kept_raw(notice):
    answer = post(send(Message(notice.nav, paid_at="12026-11-22T10:00:00")))
    assert answer.fault == "PAA_SINTASSI_EXTRAXSD"
    assert QuarantinedMessage.objects.count() == 1


def test_a_very_long_receipt_id_is_kept_by_its_fingerprint(notice):
    assert post(send(Message(notice.nav, receipt_id="x" * 5000))).outcome == "OK"
    assert Receipt.objects.get().receipt_id.startswith("sha256:")


def test_when_the_database_is_away_the_node_is_asked_to_come_back(notice, monkeypatch):
    def away(**kwargs):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(delivery, "receipt_store", away)
    response = post(send(Message(notice.nav)))
    assert (response.status, response.content) == (503, b"")


def test_a_receipt_kept_while_judging_broke_is_judged_when_it_comes_again_or_by_the_sweep(notice, monkeypatch):
    def broken(paid, due):
        raise OperationalError("server closed the connection")

    with monkeypatch.context() as patch:
        patch.setattr(service, "judge", broken)
        assert post(send(Message(notice.nav))).status == 503
    assert only_case().state == CaseState.ARRIVED
    assert service.receipts_judge_waiting() == 1
    assert only_case().state == CaseState.MATCHED
    assert service.receipts_judge_waiting() == 0


@pytest.mark.parametrize("statement", ["UPDATE payments_receipt SET nav = '1'", "DELETE FROM payments_receipt"])
def test_the_database_itself_refuses_to_touch_a_receipt(notice, statement):
    post(send(Message(notice.nav)))
    with pytest.raises(Exception, match="evidence"), connection.cursor() as cursor:
        cursor.execute(statement)


def _at_once(jobs):
    """Run the jobs in threads that start together; their results."""
    results, gate = [], Barrier(len(jobs))

    def run(job):
        gate.wait()
        try:
            results.append(job())
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_twenty_deliveries_of_one_receipt_at_once_pay_once(notice, settled_charges):
    message = send(Message(notice.nav))
    answers = _at_once([lambda: post(message)] * 20)
    assert {answer.outcome for answer in answers} == {"OK"}
    assert (Receipt.objects.count(), ReceiptCase.objects.count()) == (1, 1)
    assert Position.objects.get().state == State.PAID
    carry_due()
    assert len(settled_charges) == 1


def test_a_day_no_payment_has_is_kept_raw(notice):
    for day in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        assert post(send(Message(notice.nav, paid_at=day))).fault == "PAA_SINTASSI_EXTRAXSD"
    assert (Receipt.objects.count(), QuarantinedMessage.objects.count()) == (0, 2)


def test_a_malformed_receipt_while_the_database_is_away_is_asked_for_again(notice, monkeypatch):
    def away(**kwargs):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(delivery, "receipt_quarantine", away)
    response = post(send(Message(notice.nav)).encode()[:-30])
    assert (response.status, response.content) == (503, b"")


@pytest.mark.django_db(transaction=True)
def test_fifty_payments_of_one_notice_at_once_are_all_kept_and_pay_once(notice, settled_charges):
    messages = [send(Message(notice.nav, receipt_id=f"{number:032}")) for number in range(50)]
    answers = _at_once([lambda message=message: post(message) for message in messages])
    assert [(answer.status, answer.outcome) for answer in answers] == [(200, "OK")] * 50
    assert Receipt.objects.filter(nav=notice.nav).count() == 50
    assert ReceiptCase.objects.filter(settles=True).count() == 1
    assert ReceiptCase.objects.filter(anomalies__contains=[Anomaly.SECOND_PAYMENT]).count() == 49
    paid = Event.objects.filter(action="payments.position_moved", data__after=State.PAID)
    assert (paid.count(), Position.objects.get().state) == (1, State.PAID)
    carry_due()
    assert len(settled_charges) == 1


@pytest.mark.django_db(transaction=True)
def test_a_receipt_and_a_cancellation_at_once_leave_one_truth(notice):
    charge = Charge.objects.get()

    def cancel():
        with scopes_disabled():
            try:
                cancel_charge(charge_id=charge.pk, actor=Actor.system("prova"))
            except DomainError as error:
                return type(error).__name__
        return "cancelled"

    results = _at_once([lambda: post(send(Message(notice.nav))).outcome, cancel])
    charge.refresh_from_db()
    position = Position.objects.get()
    assert "OK" in results
    assert (charge.state, position.state) in {("settled", "paid"), ("cancelled", "cancelled")}


def test_verify_and_activation_change_nothing(notice):
    before = Instalment.objects.values().get(), Position.objects.values().get()
    post(verify(notice.nav))
    post(get(notice.nav))
    assert (Instalment.objects.values().get(), Position.objects.values().get()) == before
