"""The end of the day in the sandbox, over the wire, until the books of the body agree."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import RequestFactory

from payments.models import Receipt
from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.gateways.reporting_flows import ReportingFlowsClient
from payments.reconciliation.models import EvidenceReading, Match, ReportingFlow, TreasuryJournal
from payments.reconciliation.selectors.dossier import dossier
from payments.reconciliation.selectors.outcomes import VerdictRow, verdict_rows
from payments.reconciliation.services.matching import reconcile
from payments.reconciliation.services.pulling import pull_flows, pull_journals
from payments.sandbox import settlement_views
from payments.sandbox.flows import PAYMENTS, Fault, close_day, unsettled
from portal import clock
from portal.operations.sandbox.server import sandbox_server
from portal.operations.sandbox.store import Store
from tests.payments.reconciliation.builders import receipt

IBAN = "IT60X0542811101000000123456"


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def sandbox(pisa) -> Iterator[str]:
    """The address of the flows' API of a running sandbox."""
    server = sandbox_server("127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/psp/fdr"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def pay(pisa, store) -> Callable[..., None]:
    """A payment at the counter, with its receipt at the station."""

    def run(number: int, cents: int, *, iban: str = IBAN) -> None:
        iuv, iur = f"01{number:015d}", f"RT-{number}"
        now = clock.now()
        receipt(pisa, iuv, iur, cents, paid_at=now)
        transfer = {"id": 1, "fiscal_code": pisa.fiscal_code, "amount_cents": cents, "iban": iban}
        payment = {
            "iuv": iuv,
            "nav": f"3{iuv}",
            "receipt_id": iur,
            "entity": pisa.fiscal_code,
            "amount_cents": cents,
            "transfers": [transfer],
            "psp": {"id": "AGID_01", "name": "PSP di prova"},
            "paid_at": now.isoformat(),
        }
        store.put(PAYMENTS, iur, payment)

    return run


def _money(entity, receipt_id: int) -> VerdictRow:
    """The verdict on the money of a receipt; no position is made here."""
    found = dossier(entity_ids=[entity.pk], receipt_id=receipt_id)
    found.verdicts = [row for row in found.verdicts if row.code is not Code.NO_POSITION]
    return found.main


@pytest.fixture
def settle(pisa, sandbox, actor, time_machine) -> Callable[..., dict[str, VerdictRow]]:
    """Take everything the outside published, match, now or some days later, and tell the outcomes by receipt."""

    def run(days: int = 0) -> dict[str, VerdictRow]:
        with ReportingFlowsClient(sandbox) as client:
            pull_flows(entity=pisa, client=client)
        pull_journals(entity=pisa)
        if days:
            time_machine.move_to(clock.now() + timedelta(days=days))
        reconcile(entity=pisa, actor=actor)
        return {row.receipt_id: _money(pisa, row.pk) for row in Receipt.objects.all()}

    return run


def test_the_payments_of_the_day_are_reconciled(store, pay, settle):
    pay(1, 4590)
    pay(2, 10_00)
    done = close_day(store)
    outcomes = settle()
    assert {row.code for row in outcomes.values()} == {Code.RECONCILED}
    assert outcomes["RT-1"].verdict.facts["iuf"] in done.flows
    assert ReportingFlow.objects.get().declared_cents == 5590
    assert set(EvidenceReading.objects.values_list("state", flat=True)) == {"read"}
    assert unsettled(store) == []


def test_days_follow_one_another_with_chained_balances(store, pay, settle):
    pay(1, 4590)
    close_day(store)
    settle()
    pay(2, 1000)
    close_day(store)
    outcomes = settle()
    assert {row.code for row in outcomes.values()} == {Code.RECONCILED}
    first, second = TreasuryJournal.objects.order_by("pk")
    assert first.closing_cents == second.opening_cents
    assert Match.objects.count() == 4


def test_a_payment_to_two_accounts_is_two_flows_and_two_transfers(store, pay, settle):
    pay(1, 4590)
    pay(2, 1000, iban="IT60X0542811101000000999999")
    assert len(close_day(store).flows) == 2
    assert {row.code for row in settle().values()} == {Code.RECONCILED}


def test_a_transfer_of_the_wrong_amount_is_told(store, pay, settle):
    pay(1, 4590)
    close_day(store, fault=Fault.WRONG_AMOUNT)
    row = settle(days=9)["RT-1"]
    assert row.code is Code.TREASURY_AMOUNT_DIFFERS
    assert "mancano 1,00" in row.reason.replace("\N{NO-BREAK SPACE}", " ")


def test_a_missing_transfer_leaves_the_flow_waiting(store, pay, settle):
    pay(1, 4590)
    close_day(store, fault=Fault.MISSING_TRANSFER)
    assert settle()["RT-1"].code is Code.REPORTED


def test_the_other_movements_of_the_day_are_no_anomaly(pisa, store, pay, settle):
    pay(1, 4590)
    close_day(store)
    settle()
    codes = {row.code for row in verdict_rows(entity_ids=[pisa.pk])}
    assert codes == {Code.RECONCILED, Code.NO_POSITION, Code.TREASURY_NOT_PAGOPA}


def test_a_payment_whose_receipt_never_came_is_shown(pisa, store, pay, settle):
    pay(1, 4590)
    value = store.get(PAYMENTS, "RT-1")
    store.put(PAYMENTS, "RT-PERSA", value | {"receipt_id": "RT-PERSA"})
    close_day(store)
    settle(days=9)
    (row,) = verdict_rows(entity_ids=[pisa.pk], codes=[Code.FLOW_WITHOUT_RECEIPT])
    assert row.verdict.line.iur == "RT-PERSA"


def test_closing_an_empty_day_publishes_no_flow(pisa, store):
    done = close_day(store)
    assert (done.flows, done.journals) == ([], [])


def test_the_page_shows_what_waits_and_closes_the_day(pisa, store, pay):
    pay(1, 4590)
    factory = RequestFactory()
    page = settlement_views.day(factory.get("/psp/giornata/")).content.decode()
    assert "45,90" in page
    closed = settlement_views.day(factory.post("/psp/giornata/", {"fault": "none"})).content.decode()
    assert "Giornata chiusa" in closed
    assert settlement_views.day(factory.post("/psp/giornata/", {"fault": "altro"})).status_code == 400
    assert unsettled(store) == []


@pytest.mark.parametrize("query", [{"page": "0"}, {"page": "x"}, {"size": "5000"}, {"publishedGt": "ieri"}])
def test_the_api_refuses_a_wrong_question(pisa, query):
    answer = settlement_views.flow_list(RequestFactory().get("/", query), pisa.fiscal_code)
    assert answer.status_code == 400


def test_pages_of_the_api_are_cut_as_asked(pisa, store, pay):
    for number in range(5):
        pay(number, 1000 + number)
    (iuf,) = close_day(store).flows
    seen = []
    for page in ("1", "2", "3"):
        request = RequestFactory().get("/", {"page": page, "size": "2"})
        answer = settlement_views.flow_payments(request, pisa.fiscal_code, iuf, 1, "AGID_01")
        seen.append(answer.content.decode().count('"iur"'))
    assert seen == [2, 2, 1]
