"""The counter and the checkout of the demonstration, against the station over real HTTP."""

import json
import threading

import pytest
import requests

from payments.models import Position, QuarantinedMessage, Receipt, ReceiptCase
from payments.models.receipts import CaseState
from payments.sandbox import counter, node, receipts
from portal.operations.sandbox.server import sandbox_server
from portal.operations.sandbox.store import Store
from tests.standards import STANDARDS, need

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("every_entity", "wired")]
ENTITY = "80000410508"


@pytest.fixture
def wired(settings, tmp_path, live_server):
    """The counter calls the station of this test and remembers in this test's folder."""
    settings.DATA_DIR = tmp_path
    settings.PORTAL_BASE_URL = live_server.url


@pytest.fixture
def sandbox(settings, wired):
    """The sandbox process, on a port of its own."""
    server = sandbox_server("127.0.0.1", 0)
    settings.SANDBOX_BASE_URL = f"http://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_verify_shows_what_the_station_says(notice):
    exchange, verified = node.verify(head=node.head_of(ENTITY), entity=ENTITY, nav=notice.nav)
    assert exchange.ok
    assert (verified.cents, verified.company, verified.due_on) == (4800, "Provincia di Pisa", "2027-06-30")


def test_paying_moves_the_position_and_is_remembered_for_the_settlement(notice):
    exchanges, payment = counter.pay(entity=ENTITY, nav=notice.nav)
    assert [(row.operation, row.ok) for row in exchanges] == [("paGetPaymentV2", True), ("paSendRTV2", True)]
    assert Position.objects.get().state == "paid"
    assert ReceiptCase.objects.get().state == CaseState.MATCHED
    ((key, kept),) = Store().list("payments")
    assert key == kept["receipt_id"] == payment["receipt_id"]
    assert (kept["iuv"], kept["entity"], kept["amount_cents"], kept["delivered"]) == (notice.iuv, ENTITY, 4800, True)
    assert [(row["id"], row["amount_cents"], row["fiscal_code"]) for row in kept["transfers"]] == [
        (1, 3200, ENTITY),
        (2, 1600, ENTITY),
    ]
    assert kept["psp"] == {"id": "ABI99999", "name": "PSP di prova"}


def test_a_paid_notice_cannot_be_paid_at_the_counter(notice):
    counter.pay(entity=ENTITY, nav=notice.nav)
    exchanges, payment = counter.pay(entity=ENTITY, nav=notice.nav)
    assert (payment, exchanges[-1].fault) == (None, "PAA_PAGAMENTO_DUPLICATO")


def test_the_receipt_sent_again_changes_nothing(notice):
    _, payment = counter.pay(entity=ENTITY, nav=notice.nav)
    assert counter.deliver(payment).ok
    assert Receipt.objects.count() == 1


def test_a_second_payment_ends_in_the_queue(notice):
    _, payment = counter.pay(entity=ENTITY, nav=notice.nav)
    assert counter.pay_twice(payment).ok
    assert ReceiptCase.objects.get(state=CaseState.TO_REVIEW).anomalies == ["second_payment"]
    assert len(receipts.payments()) == 2


@pytest.mark.parametrize(
    ("what", "fault", "ok"),
    [
        ("avviso-sconosciuto", "", True),
        ("stazione", "PAA_STAZIONE_INT_ERRATA", False),
        ("ente", "PAA_ID_DOMINIO_ERRATO", False),
        ("malformato", "soapenv:Client", False),
    ],
)
def test_mistakes_on_purpose_get_the_answer_of_the_protocol(notice, what, fault, ok):
    exchange = counter.MISTAKES[what][1](ENTITY)
    assert (exchange.ok, exchange.fault) == (ok, fault)
    if what == "avviso-sconosciuto":
        assert ReceiptCase.objects.get().anomalies == ["unknown_notice"]
    assert not QuarantinedMessage.objects.exists()


def test_when_the_portal_is_down_the_money_is_remembered_and_the_receipt_waits(notice, settings):
    exchange, activated = node.activate(head=node.head_of(ENTITY), entity=ENTITY, nav=notice.nav)
    assert exchange.ok
    payment = receipts.payment_record(entity=ENTITY, nav=notice.nav, activated=activated, receipt_id="c" * 32)
    receipts.remember(payment)
    alive, settings.PORTAL_BASE_URL = settings.PORTAL_BASE_URL, "http://127.0.0.1:1"
    assert counter.deliver(payment).status == 0
    assert receipts.payment_of("c" * 32)["delivered"] is False
    settings.PORTAL_BASE_URL = alive
    assert counter.deliver(payment).ok
    assert receipts.payment_of("c" * 32)["delivered"] is True
    assert Position.objects.get().state == "paid"


def test_a_person_pays_at_the_counter_page_by_page(notice, sandbox):
    desk = requests.get(f"{sandbox}/psp/", timeout=10)
    assert "Sportello PSP di prova" in desk.text
    typed = {"nav": f"{notice.nav[:4]} {notice.nav[4:]}", "entity": ENTITY}
    checked = requests.post(f"{sandbox}/psp/verifica/", data=typed, timeout=10)
    assert "48,00" in checked.text
    assert "paVerifyPaymentNoticeRes" in checked.text
    paid = requests.post(f"{sandbox}/psp/paga/", data={"nav": notice.nav, "entity": ENTITY}, timeout=10)
    assert "Pagamento eseguito." in paid.text
    assert "paSendRTV2: OK" in paid.text
    (payment,) = receipts.payments()
    for what in ("ricevuta", "pagamento"):
        again = requests.post(f"{sandbox}/psp/pagamenti/{payment['receipt_id']}/{what}/", timeout=10)
        assert "paSendRTV2: OK" in again.text
    assert "Invia di nuovo la ricevuta" in requests.get(f"{sandbox}/psp/", timeout=10).text
    wrong = requests.post(f"{sandbox}/psp/prove/stazione/", timeout=10)
    assert "PAA_STAZIONE_INT_ERRATA" in wrong.text


def test_the_text_of_the_qr_is_enough(notice, sandbox):
    scanned = {"qr": f"PAGOPA|002|{notice.nav}|{ENTITY}|4800"}
    assert "48,00" in requests.post(f"{sandbox}/psp/verifica/", data=scanned, timeout=10).text


@pytest.mark.parametrize(
    "typed",
    [{}, {"nav": "123"}, {"nav": "301000000000000142", "entity": ENTITY}, {"qr": "http://x"}, {"nav": "3" * 40}],
)
def test_a_wrong_number_is_explained(sandbox, typed):
    response = requests.post(f"{sandbox}/psp/verifica/", data=typed, timeout=10)
    assert response.status_code == 422
    assert 'role="alert"' in response.text


@pytest.mark.parametrize("path", ["prove/niente/", "pagamenti/niente/ricevuta/", "checkout/c/niente/paga/"])
def test_what_is_not_there_is_not_found(sandbox, path):
    assert requests.post(f"{sandbox}/psp/{path}", timeout=10).status_code == 404


def cart(notice, **changes):
    item = {
        "noticeNumber": notice.nav,
        "fiscalCode": ENTITY,
        "amount": 4800,
        "companyName": "Provincia di Pisa",
        "description": "Prova",
    }
    urls = {name: f"http://portale.example/{name}" for name in ("returnOkUrl", "returnCancelUrl", "returnErrorUrl")}
    return {"paymentNotices": [item | changes], "returnUrls": urls, "idCart": "carrello"}


def test_the_checkout_takes_a_cart_and_comes_back(notice, sandbox):
    made = requests.post(f"{sandbox}/psp/checkout/carts", json=cart(notice), timeout=10, allow_redirects=False)
    assert made.status_code == 302
    page = made.headers["Location"]
    assert "48,00" in requests.get(page, timeout=10).text
    back = requests.post(f"{page}annulla/", timeout=10, allow_redirects=False)
    assert back.headers["Location"] == "http://portale.example/returnCancelUrl"
    back = requests.post(f"{page}paga/", timeout=10, allow_redirects=False)
    assert back.headers["Location"] == "http://portale.example/returnOkUrl"
    assert Position.objects.get().state == "paid"
    again = requests.post(f"{page}paga/", timeout=10, allow_redirects=False)
    assert again.headers["Location"] == "http://portale.example/returnErrorUrl"


@pytest.mark.parametrize(
    "changes",
    [{"amount": 0}, {"amount": 48.0}, {"noticeNumber": "1"}, {"fiscalCode": ""}, {"description": ""}],
)
def test_a_cart_that_breaks_the_contract_is_refused(notice, sandbox, changes):
    made = requests.post(f"{sandbox}/psp/checkout/carts", json=cart(notice, **changes), timeout=10)
    assert made.status_code == 400


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"paymentNotices": []}'])
def test_what_is_not_a_cart_is_refused(sandbox, body):
    assert requests.post(f"{sandbox}/psp/checkout/carts", data=body, timeout=10).status_code == 400


def test_the_portal_s_cart_has_the_fields_of_the_official_contract(notice):
    path = need(STANDARDS / "pagopa" / "openapi" / "checkout_v2.json")
    schemas = json.loads(path.read_text(encoding="utf-8"))["components"]["schemas"]
    text = json.dumps(schemas)
    for name in (
        cart(notice)["paymentNotices"][0].keys() | cart(notice)["returnUrls"].keys() | {"idCart", "emailNotice"}
    ):
        assert f'"{name}"' in text
