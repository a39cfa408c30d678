"""IRIS, by our own contract: positions and receipts over the wire, and what a wrong answer does."""

import pytest
from django_scopes import scope
from lxml import etree

from payments.domain.states import State
from payments.models import Position, ProviderExport, Receipt, ReceiptCase
from payments.providers import iris_xml, services
from payments.providers.iris_xml import Operation, Sender, UnreadableAnswer
from payments.providers.receipts import pull_receipts
from payments.providers.registry import link_of
from payments.sandbox import iris
from payments.sandbox.platform import fail_next
from portal import clock
from portal.kernel.errors import GatewayError
from tests.payments import provider_positions as some
from tests.payments.provider_sandbox import again, change, published, sandbox

__all__ = ["published", "sandbox"]
S = ProviderExport.State
WHO = Sender("80000410508", "SIL_PISA", "m1", clock.now())


def deliver(export: ProviderExport) -> ProviderExport:
    with scope(entity=export.entity):
        services.deliver(export_id=export.pk)
    return again(export)


def test_a_position_is_inserted_replaced_and_removed(published):
    export = deliver(published("iris"))
    assert export.state == S.PUBLISHED
    (debt,) = iris.debts()
    assert [part["cents"] for part in debt["parts"]] == [4800]
    change(export, debtor_name="Maria Bianchi")
    assert deliver(export).state == S.PUBLISHED
    assert iris.debts()[0]["debtor_name"] == "Maria Bianchi"
    change(export, state=State.CANCELLED, cancelled_at=clock.now())
    assert deliver(export).state == S.WITHDRAWN
    assert deliver(export).state == S.WITHDRAWN
    assert iris.debts() == []


def test_a_suspended_position_is_taken_away_and_comes_back(published):
    export = deliver(published("iris"))
    change(export, suspended_at=clock.now(), suspension="ricorso")
    assert deliver(export).state == S.HELD
    assert iris.debts() == []
    change(export, suspended_at=None, suspension="")
    assert deliver(export).state == S.PUBLISHED


def test_a_payment_at_the_region_settles_the_position(published, settled_charges):
    export = deliver(published("iris"))
    with scope(entity=export.entity):
        link = link_of(export.position)
        assert pull_receipts(link=link) == 0
        iris.pay(iris.debts()[0]["parts"][0]["iuv"])
        assert [pull_receipts(link=link), pull_receipts(link=link)] == [1, 0]
        assert Position.objects.get(pk=export.position_id).state == State.PAID
        assert Receipt.objects.get().amount_cents == 4800
        assert ReceiptCase.objects.get().settles


def test_removing_what_was_paid_is_told_to_the_office(published):
    export = deliver(published("iris"))
    iris.pay(iris.debts()[0]["parts"][0]["iuv"])
    assert deliver(export).state == S.PUBLISHED
    change(export, state=State.CANCELLED, cancelled_at=clock.now())
    with pytest.raises(GatewayError) as refused:
        deliver(export)
    assert refused.value.permanent
    assert "PAGATA" in again(export).last_error


def test_the_wrong_password_is_refused(published, monkeypatch):
    export = published("iris")
    monkeypatch.setenv(f"IRIS_LOGIN_{export.entity.fiscal_code}", "sil:sbagliata")
    with pytest.raises(GatewayError) as refused:
        deliver(export)
    assert not refused.value.permanent
    assert "401" in again(export).last_error


@pytest.mark.parametrize("text", ["not xml", "<a/>", "<!DOCTYPE a><a/>", '{"esito": "ok"}'])
def test_an_answer_that_cannot_be_read_is_asked_again(published, text):
    export = published("iris")
    fail_next("iris", status=200, text=text)
    with pytest.raises(GatewayError) as refused:
        deliver(export)
    assert not refused.value.permanent
    assert deliver(export).state == S.PUBLISHED


def test_messages_name_body_system_kind_and_amounts():
    root = etree.fromstring(iris_xml.alignment(some.PLAIN, Operation.INSERT, WHO))
    debt = root.find(".//{*}Pendenza")
    assert (debt.get("TipoPendenza"), debt.get("TipoOperazione")) == ("TE_ISTRUTTORIA", "Insert")
    assert root.findtext(".//{*}TRT/{*}Sender/{*}SenderSys") == "SIL_PISA"
    assert root.findtext(".//{*}DettaglioPagamento/{*}Importo") == "48.00"
    assert root.findtext(".//{*}TipoPagamento") == "Pagamento Unico"
    assert root.find(".//{*}UpdateStatus") is None


def test_a_removal_carries_no_amount():
    root = etree.fromstring(iris_xml.alignment(some.PLAIN, Operation.DELETE, WHO))
    assert root.find(".//{*}InfoPagamento") is None


@pytest.mark.parametrize("text", ["<a", "<a/>", "<!DOCTYPE a []><a/>"])
def test_readers_refuse_what_is_no_answer(text):
    for read in (iris_xml.read_outcome, iris_xml.read_states):
        with pytest.raises(UnreadableAnswer):
            read(text.encode())


def test_a_receipt_that_is_not_base64_is_refused():
    message = (
        "<e xmlns:b='x'><b:Body><b:IdpVerificaStatoPagamenti.Esito><b:InformazioniPagamento><b:IdPagamento>1"
        "</b:IdPagamento><b:Ricevuta>***</b:Ricevuta></b:InformazioniPagamento></b:IdpVerificaStatoPagamenti.Esito>"
        "</b:Body></e>"
    )
    with pytest.raises(UnreadableAnswer):
        iris_xml.read_states(message.encode())


def test_the_receipt_of_what_was_paid_there_and_cancelled_here_comes_all_the_same(published):
    export = deliver(published("iris"))
    iris.pay(iris.debts()[0]["parts"][0]["iuv"])
    change(export, state=State.CANCELLED, cancelled_at=clock.now())
    with pytest.raises(GatewayError):
        deliver(export)
    with scope(entity=export.entity):
        assert [pull_receipts(link=link_of(export.position)) for _again in range(2)] == [1, 0]
        assert "cancelled" in ReceiptCase.objects.get().anomalies
