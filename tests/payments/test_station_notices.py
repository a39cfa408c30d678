"""Verify and activation: what the station answers about a notice, over its real address."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scopes_disabled

from payments.domain.codes import PROBE_NAV
from payments.models import CreditorEntity, DebtKind, NodeCall, PaymentOption, Position, StationLink, Transfer
from portal import clock
from portal.audit.actor import Actor
from portal.billing.services import cancel_charge
from portal.entities.models import Entity
from tests.payments.node_messages import Receipt, To, get, post, send, verify

STRANGE_NAV = "301000000000999999"


def test_verify_tells_amount_due_date_and_body(notice):
    answer = post(verify(notice.nav))
    option = "paymentList/paymentOptionDescription"
    assert (answer.status, answer.outcome) == (200, "OK")
    assert answer.text(f"{option}/amount") == "48.00"
    assert answer.text(f"{option}/options") == "EQ"
    assert answer.text(f"{option}/dueDate") == "2027-06-30"
    assert answer.text(f"{option}/allCCP") == "true"
    assert answer.text("paymentDescription") == "Autorizzazione al trasporto eccezionale"
    assert answer.text("fiscalCodePA") == "80000410508"
    assert answer.text("companyName") == "Provincia di Pisa"


def test_verify_is_one_read_query_and_no_session(notice):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        post(verify(notice.nav))
    reads = [query["sql"] for query in queries if query["sql"].lstrip().startswith(("SELECT", "WITH"))]
    writes = [query["sql"] for query in queries if "INSERT" in query["sql"]]
    assert len(reads) == 1
    assert ["payments_nodecall" in sql for sql in writes] == [True]  # the journal, after the answer


def test_characters_that_xml_has_not_are_left_out_of_the_answers(notice):
    with scopes_disabled():
        Position.objects.update(description="Transito\x0b eccezionale", debtor_name="Mario\x08 Rossi")
    assert post(verify(notice.nav)).text("paymentDescription") == "Transito eccezionale"
    assert post(get(notice.nav)).text("data/debtor/fullName") == "Mario Rossi"


def test_activation_tells_the_transfers_and_the_debtor(notice):
    answer = post(get(notice.nav))
    assert answer.outcome == "OK"
    assert answer.text("data/creditorReferenceId") == notice.iuv
    assert answer.text("data/paymentAmount") == "48.00"
    assert answer.text("data/companyName") == "Provincia di Pisa"
    assert answer.text("data/debtor/fullName") == "Mario Rossi"
    assert answer.text("data/debtor/e-mail") == "mario.rossi@posta.example"
    rows = answer.body.findall("data/transferList/transfer")
    assert [row.findtext("transferAmount") for row in rows] == ["32.00", "16.00"]
    assert {row.findtext("IBAN") for row in rows} == {"IT60X0542811101000000123456"}
    assert {row.findtext("metadata") for row in rows} == {None}


def test_the_first_form_of_activation_has_no_company_in_the_transfers(notice):
    answer = post(get(notice.nav, v2=False))
    assert answer.outcome == "OK"
    assert answer.text("data/transferList/transfer/companyName") is None


def test_at_the_post_office_the_postal_account_is_given(notice):
    answer = post(get(notice.nav, transfer_type="POSTAL"))
    assert answer.text("data/transferList/transfer/IBAN") == "IT46Y0760114000000000111111"


def test_the_backing_postal_account_goes_in_the_metadata(notice):
    answer = post(get(notice.nav, transfer_type="PAGOPA"))
    assert answer.text("data/transferList/transfer/IBAN") == "IT60X0542811101000000123456"
    assert answer.text("data/transferList/transfer/metadata/mapEntry/key") == "IBANAPPOGGIO"
    assert answer.text("data/transferList/transfer/metadata/mapEntry/value") == "IT46Y0760114000000000111111"


def test_the_first_form_has_no_backing_account_but_takes_the_postal_one(notice):
    kinds = {"PAGOPA": "IT60X0542811101000000123456", "POSTAL": "IT46Y0760114000000000111111"}
    for kind, iban in kinds.items():
        rows = post(get(notice.nav, v2=False, transfer_type=kind)).body.findall("data/transferList/transfer")
        assert [(row.findtext("IBAN"), row.find("metadata")) for row in rows] == [(iban, None)] * 2


@pytest.mark.parametrize("v2", [True, False])
@pytest.mark.parametrize("without", [(), (1,), (2,), (1, 2)])
def test_all_ccp_says_that_every_transfer_has_a_postal_account_and_post_gets_those_there_are(notice, v2, without):
    bank, postal = "IT60X0542811101000000123456", "IT46Y0760114000000000111111"
    with scopes_disabled():
        Transfer.objects.filter(seq__in=without).update(postal_iban="")
    told = post(verify(notice.nav)).text("paymentList/paymentOptionDescription/allCCP")
    assert told == ("false" if without else "true")
    answer = post(get(notice.nav, v2=v2, transfer_type="POSTAL"))
    rows = answer.body.findall("data/transferList/transfer")
    assert answer.outcome == "OK"
    assert [row.findtext("IBAN") for row in rows] == [bank if seq in without else postal for seq in (1, 2)]


def test_without_a_due_date_verify_is_silent_and_activation_says_today(pisa, charged):
    notice = charged(pisa, due_on=None)
    assert post(verify(notice.nav)).text("paymentList/paymentOptionDescription/dueDate") is None
    assert post(get(notice.nav)).text("data/dueDate") == clock.today().isoformat()


def test_an_address_the_node_would_refuse_is_left_out(pisa, charged):
    from portal.billing.socket import Payer

    notice = charged(pisa, payer=Payer("G", "01234567897", "Trasporti & Figli <srl>", "o'neill@posta.example"))
    answer = post(get(notice.nav))
    assert answer.outcome == "OK"
    assert answer.text("data/debtor/e-mail") is None
    assert answer.text("data/debtor/fullName") == "Trasporti & Figli <srl>"


def test_the_probe_is_answered_before_any_other_check(db):
    answer = post(verify(PROBE_NAV, to=To("99999999999", "x", "y")))
    assert (answer.status, answer.fault) == (200, "PAA_PAGAMENTO_SCONOSCIUTO")


@pytest.mark.parametrize(
    ("to", "fault"),
    [
        (To(entity="99999999999"), "PAA_ID_DOMINIO_ERRATO"),
        (To(entity="99999999999", broker="x", station="y"), "PAA_ID_DOMINIO_ERRATO"),
        (To(broker="80016450480"), "PAA_ID_INTERMEDIARIO_ERRATO"),
        (To(broker="80016450480", station="altra"), "PAA_ID_INTERMEDIARIO_ERRATO"),
        (To(station="80000410508_99"), "PAA_STAZIONE_INT_ERRATA"),
        (To(station="80016450480_01"), "PAA_STAZIONE_INT_ERRATA"),
    ],
)
@pytest.mark.parametrize("message", [verify, get])
def test_body_broker_and_station_are_checked_in_the_official_order(notice, firenze, message, to, fault):
    assert post(message(notice.nav, to=to)).fault == fault


def test_a_notice_of_another_body_does_not_exist(notice, firenze):
    to = To("80016450480", "80016450480", "80016450480_01")
    assert post(verify(notice.nav, to=to)).fault == "PAA_PAGAMENTO_SCONOSCIUTO"


def test_the_body_of_the_qr_must_be_the_body_of_the_head(notice, firenze):
    assert post(verify(notice.nav, entity="80016450480")).fault == "PAA_ID_DOMINIO_ERRATO"


def test_an_inactive_link_serves_nobody(notice, every_entity):
    StationLink.objects.update(active=False)
    assert post(verify(notice.nav)).fault == "PAA_ID_INTERMEDIARIO_ERRATO"


def test_a_number_nobody_issued_is_unknown(notice):
    assert post(verify(STRANGE_NAV)).fault == "PAA_PAGAMENTO_SCONOSCIUTO"


def test_a_paid_notice_is_a_duplicate(notice):
    assert post(send(Receipt(notice.nav))).outcome == "OK"
    assert post(verify(notice.nav)).fault == "PAA_PAGAMENTO_DUPLICATO"
    assert post(get(notice.nav)).fault == "PAA_PAGAMENTO_DUPLICATO"


def test_a_cancelled_notice_says_so(notice, every_entity):
    cancel_charge(charge_id=notice.option.position.charge_id, actor=Actor.system("prova"))
    assert post(verify(notice.nav)).fault == "PAA_PAGAMENTO_ANNULLATO"


def test_an_expired_notice_says_so_only_when_it_switches_off(pisa, charged, every_entity):
    notice = charged(pisa, due_on=clock.today() - timedelta(days=1))
    assert post(verify(notice.nav)).outcome == "OK"
    PaymentOption.objects.update(refused_after_due=True)
    assert post(verify(notice.nav)).fault == "PAA_PAGAMENTO_SCADUTO"


def test_a_notice_is_unknown_before_its_first_day(notice, every_entity):
    PaymentOption.objects.update(valid_from=clock.today() + timedelta(days=1))
    assert post(verify(notice.nav)).fault == "PAA_PAGAMENTO_SCONOSCIUTO"


def test_a_kind_with_its_own_account_is_never_sent_to_the_common_postal_one(pisa, charged, every_entity):
    DebtKind.objects.filter(entity=pisa, code="TE_BOLLO").update(iban="IT07X0542811101000000654321")
    notice = charged(pisa)
    answer = post(get(notice.nav, transfer_type="POSTAL"))
    rows = answer.body.findall("data/transferList/transfer")
    assert [row.findtext("IBAN") for row in rows] == ["IT07X0542811101000000654321", "IT46Y0760114000000000111111"]
    assert post(verify(notice.nav)).text("paymentList/paymentOptionDescription/allCCP") == "false"


def test_faults_speak_italian_and_name_who_answers(notice):
    answer = post(verify(STRANGE_NAV))
    assert answer.text("fault/faultString") == "Il pagamento in attesa risulta sconosciuto all'ente creditore."
    assert answer.text("fault/id") == "80000410508"


def test_an_answer_our_own_schema_refuses_becomes_a_system_fault(notice, every_entity):
    Entity.objects.filter(pk=notice.entity_id).update(name="")
    answer = post(get(notice.nav))
    assert (answer.status, answer.fault) == (200, "PAA_SYSTEM_ERROR")


def test_the_journal_keeps_codes_and_times_but_nobody_s_name(notice):
    post(verify(notice.nav))
    post(verify(STRANGE_NAV))
    calls = list(NodeCall.objects.order_by("pk").values())
    found = [(call["outcome"], call["fault_code"]) for call in calls]
    assert found == [("OK", ""), ("KO", "PAA_PAGAMENTO_SCONOSCIUTO")]
    assert calls[0]["entity_id"] == notice.entity_id
    assert calls[0]["duration_us"] > 0
    assert "Rossi" not in str(calls)


def test_one_body_never_answers_with_the_transfers_of_another(notice, firenze, charged):
    other = charged(firenze, source="case:2")
    to = To("80016450480", "80016450480", "80016450480_01")
    answer = post(get(other.nav, to=to))
    assert answer.text("data/transferList/transfer/fiscalCodePA") == "80016450480"
    with scopes_disabled():
        assert Transfer.objects.filter(entity=notice.entity).count() == 2
        assert CreditorEntity.objects.count() == 2


def test_dates_are_plain_days(pisa, charged):
    notice = charged(pisa, due_on=date(2027, 1, 1))
    assert post(get(notice.nav)).text("data/dueDate") == "2027-01-01"
