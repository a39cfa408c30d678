"""Receipts that PagoPA's archive and IRIS took for us: fetched once, kept as they are, judged like all others."""

import re
from datetime import timedelta

import pytest
from django_scopes import scope

from payments.domain.states import State
from payments.models import Position, ProviderExport, QuarantinedMessage, Receipt, ReceiptCase, ReceiptPull
from payments.node.messages import Operation
from payments.node.soap import NODE_NS
from payments.providers import services
from payments.providers.base import Capability, FetchedReceipt
from payments.providers.receipts import _take, pull_receipts
from payments.providers.receipts_xml import UnreadableReceipt, read_receipt
from payments.providers.registry import link_of, provider_for
from payments.sandbox import gpd
from payments.sandbox.platform import fail_next
from portal import clock
from portal.kernel.errors import GatewayError
from portal.operations.sandbox.store import Store
from tests.payments.provider_sandbox import published, sandbox, use

__all__ = ["published", "sandbox"]


@pytest.fixture
def paid(published):
    """A notice published in the archive and paid there; its receipt waits."""

    def make(source: str = "case:1") -> ProviderExport:
        export = published(source=source)
        with scope(entity=export.entity):
            services.deliver(export_id=export.pk)
        nav = next(row["parts"][0]["nav"] for row in gpd.positions() if export.position.charge.uuid.hex in row["iupd"])
        gpd.pay(export.entity.fiscal_code, nav)
        return export

    return make


def pull(export: ProviderExport) -> int:
    with scope(entity=export.entity):
        link = link_of(export.position)
        assert link is not None
        return pull_receipts(link=link)


def test_a_receipt_of_the_archive_settles_the_position(paid, settled_charges):
    export = paid()
    assert pull(export) == 1
    with scope(entity=export.entity):
        receipt = Receipt.objects.get()
        assert ReceiptCase.objects.get().anomalies == []
        assert Position.objects.get(pk=export.position_id).state == State.PAID
        assert ReceiptPull.objects.get().taken_until == clock.today()
    assert bytes(receipt.raw).decode() == gpd.document(gpd.receipt_of(export.entity.fiscal_code, receipt.iuv))
    assert receipt.amount_cents == 4800


def test_the_same_receipt_is_taken_once(paid):
    export = paid()
    assert [pull(export), pull(export)] == [1, 0]
    with scope(entity=export.entity):
        assert Receipt.objects.count() == 1


def test_a_receipt_that_the_station_already_has_is_kept_once(paid):
    export = paid()
    pull(export)
    with scope(entity=export.entity):
        document = gpd.document(gpd.receipt_of(export.entity.fiscal_code, Receipt.objects.get().iuv))
        link = link_of(export.position)
        assert _take(link, FetchedReceipt("x", document.encode()))
        assert Receipt.objects.count() == 1


def test_many_receipts_come_page_by_page(paid, monkeypatch):
    monkeypatch.setattr("payments.gateways.gpd.PAGE_SIZE", 2)
    exports = [paid(f"case:{number}") for number in range(5)]
    assert pull(exports[0]) == 5


def test_nothing_paid_is_no_error(published):
    export = published()
    assert pull(export) == 0


def test_after_a_failure_the_day_does_not_move(paid):
    export = paid()
    fail_next("receipt", status=500)
    with pytest.raises(GatewayError):
        pull(export)
    with scope(entity=export.entity):
        row = ReceiptPull.objects.get()
        assert (row.taken_until, row.succeeded_at) == (None, None)
        assert "HTTP 500" in row.error
    assert pull(export) == 1


def test_a_receipt_that_is_refused_stops_no_other_and_is_asked_for_again(paid):
    first, _second = paid("case:1"), paid("case:2")
    fail_next("receipt", status=404)
    with pytest.raises(GatewayError):
        pull(first)
    with scope(entity=first.entity):
        assert Receipt.objects.count() == 1
        assert ReceiptPull.objects.get().taken_until is None
    assert pull(first) == 1


@pytest.mark.parametrize(
    "text",
    ["<html>", "[]", '{"totalPages": "2", "results": []}', '{"totalPages": 1, "results": [{"iuv": "../x"}]}'],
)
def test_a_list_that_nobody_described_is_asked_again(paid, text):
    export = paid()
    fail_next("receipts", status=200, text=text)
    with pytest.raises(GatewayError) as refused:
        pull(export)
    assert not refused.value.permanent


@pytest.mark.parametrize(
    "text",
    [
        "not xml",
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><PaSendRTV2Request>&b;</PaSendRTV2Request>',
        "<PaSendRTV2Request><receipt/></PaSendRTV2Request>",
        "<altro/>",
    ],
)
def test_a_receipt_that_cannot_be_read_is_kept_and_told(paid, text):
    export = paid()
    fail_next("receipt", status=200, text=text)
    assert pull(export) == 0
    row = QuarantinedMessage.objects.get()
    assert (row.reason, bytes(row.raw).decode(), row.entity_id) == ("malformed", text, export.entity_id)
    with scope(entity=export.entity):
        assert "quarantena" in ReceiptPull.objects.get().error
        assert not Receipt.objects.exists()


def test_a_receipt_of_another_body_is_put_aside(paid):
    export = paid()
    nav = gpd.positions()[0]["parts"][0]["nav"]
    document = gpd.document(gpd.receipt_of(export.entity.fiscal_code, nav[1:]))
    other = re.sub(r"<idPA>\d+</idPA>", "<idPA>80016450480</idPA>", document)
    fail_next("receipt", status=200, text=other)
    assert pull(export) == 0
    assert QuarantinedMessage.objects.get().reason == "entity"


@pytest.mark.parametrize("form", [f"<ns:{{name}} xmlns:ns='{NODE_NS}'>", "<{name}>"])
def test_receipts_are_read_with_and_without_their_namespace(paid, form):
    export = paid()
    nav = gpd.positions()[0]["parts"][0]["nav"]
    text = gpd.document(gpd.receipt_of(export.entity.fiscal_code, nav[1:])).split("\n", 1)[1]
    opened = form.format(name="paSendRTV2Request")
    closed = "</ns:paSendRTV2Request>" if "ns:" in form else "</paSendRTV2Request>"
    text = text.replace("<PaSendRTV2Request>", opened).replace("</PaSendRTV2Request>", closed)
    request = read_receipt(text.encode())
    assert (request.operation, request.nav, request.receipt.cents) == (Operation.SEND_V2, nav, 4800)


def test_a_doctype_in_another_encoding_is_refused():
    with pytest.raises(UnreadableReceipt):
        read_receipt("<!DOCTYPE a><paSendRTReq/>".encode("utf-16"))


def test_our_own_station_has_no_receipts_to_fetch(pisa, charged, sandbox):
    position = charged(pisa).option.position
    with scope(entity=pisa):
        link = link_of(position)
        assert Capability.RECEIPTS not in provider_for(link).capabilities
        assert pull_receipts(link=link) == 0
        assert not ReceiptPull.objects.exists()


def test_receipts_of_days_already_taken_are_asked_for_again_for_a_while(paid, time_machine):
    export = paid()
    pull(export)
    _, value = Store().list(gpd.RECEIPTS)[0]
    time_machine.move_to(clock.now() + timedelta(days=2))
    Store().put(gpd.RECEIPTS, f"{export.entity.fiscal_code} 01999999999999999", value | {"iuv": "01999999999999999"})
    assert pull(export) == 1


def test_two_ways_of_the_same_link_are_told_apart(pisa):
    with scope(entity=pisa):
        kinds = {provider: type(provider_for(use(pisa, provider))).__name__ for provider in ("node", "gpd", "iris")}
    assert kinds == {"node": "NodeProvider", "gpd": "GpdProvider", "iris": "IrisProvider"}
