"""A receipt that a flow reports and that never came: asked of pagoPA over the wire, kept as every receipt is."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.urls import reverse

from payments.models import QuarantinedMessage, Receipt, ReceiptCase
from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.formats.biz_receipt import UnreadableReceipt, read_biz_receipt
from payments.reconciliation.models import FlowLine, ReceiptRequest
from payments.reconciliation.services.receipt_requests import (
    CannotAsk,
    receipt_ask,
    receipt_fetch,
    receipts_ask_daily,
)
from payments.sandbox.biz_events import document
from payments.sandbox.flows import PAYMENTS
from payments.sandbox.platform import fail_next
from portal import clock
from portal.operations.sandbox.server import sandbox_server
from portal.operations.sandbox.store import Store
from portal.outbox.models import OutboxMessage
from portal.outbox.services import carry_due
from tests.payments.reconciliation.books import ACTOR
from tests.payments.reconciliation.builders import line
from tests.payments.reconciliation.test_work import desk, staff

IUR = "RT-0001"


@pytest.fixture(scope="module")
def wire() -> Iterator[str]:
    """A running sandbox: the receipts of the PSP live in a process of their own."""
    server = sandbox_server("127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def missing(kept, owed, settings, wire) -> FlowLine:
    """A line of 48,00 euro whose receipt never came, and the PSP that remembers the payment."""
    settings.SANDBOX_BASE_URL = wire
    notice = owed()
    kept.flow([line(notice.iuv, IUR, 4800)])
    kept.run()
    return FlowLine.objects.get()


def payment(row: FlowLine, **changes) -> dict:
    iban = "IT60X0542811101000000123456"
    code = row.entity.fiscal_code
    return {
        "iuv": row.iuv, "nav": f"3{row.iuv}", "receipt_id": row.iur, "entity": code, "amount_cents": row.cents,
        "transfers": [{"id": 1, "fiscal_code": code, "amount_cents": row.cents, "iban": iban}],
        "psp": {"id": "BPPIITRRXXX", "name": "Poste di prova"}, "paid_at": "2026-11-11T10:00:00+01:00",
    } | changes  # fmt: skip


def remembered(row: FlowLine, **changes) -> None:
    Store().put(PAYMENTS, row.iur, payment(row, **changes))


def ask(row: FlowLine, user=None) -> ReceiptRequest:
    user_id = user.pk if user else None
    return receipt_ask(entity=row.entity, line_id=row.pk, user_id=user_id, actor=ACTOR)


def test_the_receipt_comes_over_the_wire_settles_its_notice_and_closes_the_verdict(kept, missing, pisa):
    remembered(missing)
    anna = staff(pisa, "anna")
    page = reverse("admin:payments_reconciliation_ask_receipt", args=[kept.standing(Code.FLOW_WITHOUT_RECEIPT)[0].pk])
    assert desk(anna).post(page).status_code == 302
    carry_due()
    kept_receipt = Receipt.objects.get(receipt_id=IUR)
    assert (kept_receipt.amount_cents, kept_receipt.operation) == (4800, "bizEvents")
    assert json.loads(bytes(kept_receipt.raw))["receiptId"] == IUR
    assert ReceiptCase.objects.get(receipt=kept_receipt).settles
    assert ReceiptRequest.objects.get().state == "arrived"
    assert not kept.standing(Code.FLOW_WITHOUT_RECEIPT)
    with pytest.raises(CannotAsk):
        ask(missing)


def test_asking_twice_asks_once_and_fetching_twice_keeps_once(missing):
    remembered(missing)
    request = ask(missing)
    with pytest.raises(CannotAsk):
        ask(missing)
    receipt_fetch(request_id=request.pk)
    receipt_fetch(request_id=request.pk)
    assert Receipt.objects.count() == 1


def test_a_receipt_that_pagopa_has_not_is_told_in_words_and_may_be_asked_again(missing):
    request = receipt_fetch(request_id=ask(missing).pk)
    assert (request.state, "pagoPA non ha la ricevuta" in request.error) == ("unknown", True)
    assert ask(missing).pk != request.pk


@pytest.mark.parametrize(("status", "state"), [(503, "waiting"), (429, "waiting"), (401, "waiting"), (400, "failed")])
def test_who_does_not_answer_is_asked_again_and_who_refuses_is_not(missing, status, state):
    remembered(missing)
    fail_next("bizevents", status=status)
    ask(missing)
    carry_due()
    request = ReceiptRequest.objects.get()
    assert (request.state, bool(request.error)) == (state, True)
    assert OutboxMessage.objects.get().state == ("pending" if state == "waiting" else "failed")
    assert not Receipt.objects.exists()


def test_after_a_failure_the_outbox_tries_again(missing, time_machine):
    remembered(missing)
    fail_next("bizevents", status=503)
    ask(missing)
    carry_due()
    time_machine.move_to(clock.now() + timedelta(minutes=2))
    carry_due()
    assert ReceiptRequest.objects.get().state == "arrived"


@pytest.mark.parametrize("text", ["{", "[]", '{"receiptId": "x"}', '"' + "x" * 100 + '"', "\\u00ff"])
def test_an_answer_that_is_no_receipt_is_kept_and_told(missing, text):
    fail_next("bizevents", status=200, text=text)
    request = receipt_fetch(request_id=ask(missing).pk)
    assert request.state == "failed"
    assert bytes(QuarantinedMessage.objects.get().raw) == text.encode()


@pytest.mark.parametrize("other", [{"receipt_id": "RT-9"}, {"iuv": "01000000000009999", "nav": "301000000000009999"}])
def test_another_receipt_is_kept_and_this_one_is_still_missing(missing, other):
    fail_next("bizevents", status=200, text=json.dumps(document(payment(missing, **other))))
    request = receipt_fetch(request_id=ask(missing).pk)
    assert request.state == "failed"
    assert Receipt.objects.count() == 1


def test_the_receipt_of_another_body_goes_to_quarantine(missing):
    transfers = [{"id": 1, "fiscal_code": "80000000028", "amount_cents": 4800}]
    body = payment(missing, entity="80000000028", transfers=transfers)
    fail_next("bizevents", status=200, text=json.dumps(document(body)))
    assert receipt_fetch(request_id=ask(missing).pk).state == "failed"
    assert not Receipt.objects.exists()
    assert QuarantinedMessage.objects.get().reason == "entity"


def test_without_an_address_nobody_is_asked(missing, settings):
    settings.SANDBOX_BASE_URL = ""
    with pytest.raises(CannotAsk):
        ask(missing)


def test_the_portal_asks_by_itself_once_a_day_and_only_for_so_many_days(missing, settings, time_machine):
    assert receipts_ask_daily(entity=missing.entity) == 0
    settings.RECEIPTS_ASKED_FOR_DAYS = 2
    for asked in (1, 1, 0):
        assert receipts_ask_daily(entity=missing.entity) == asked
        carry_due()
        assert receipts_ask_daily(entity=missing.entity) == 0  # today already
        time_machine.move_to(clock.now() + timedelta(days=1))


CASES = [
    ("paymentAmount", "molto"), ("paymentAmount", 1.005), ("paymentAmount", -1), ("paymentAmount", None),
    ("transferList", []), ("transferList", "x"), ("transferList", [{}] * 6), ("receiptId", ""), ("receiptId", "\0"),
    ("noticeNumber", "3" * 19), ("applicationDate", "domani"), ("paymentDateTimeFormatted", "ieri"),
    ("receiptId", "\ud800"), ("paymentMethod", "\0"), ("paymentMethod", "\ud800"),
    ("metadata", [{"key": "a", "value": "\0"}]), ("metadata", [{"key": "\0", "value": "a"}]),
    ("transferList", [{"iban": "\0", "transferAmount": 1, "fiscalCodePA": "80000000010", "remittanceInformation": "x",
                       "transferCategory": "x"}]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), CASES)
def test_a_receipt_with_a_field_that_cannot_be_is_not_read(pisa, name, value):
    row = FlowLine(entity=pisa, iuv="01000000000000001", iur=IUR, cents=4800)
    body = document(payment(row))
    assert read_biz_receipt(json.dumps(body).encode()).cents == 4800
    with pytest.raises(UnreadableReceipt):
        read_biz_receipt(json.dumps(body | {name: value}).encode())


def test_the_fee_of_the_notification_comes_along(pisa):
    body = document(payment(FlowLine(entity=pisa, iuv="01000000000000001", iur=IUR, cents=4800)))
    body["metadata"] = [{"key": "NOTIFICATION_FEE", "value": "200"}]
    assert read_biz_receipt(json.dumps(body).encode()).metadata == (("NOTIFICATION_FEE", "200"),)
