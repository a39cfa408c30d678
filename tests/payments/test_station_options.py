"""The payment-options service: every way to pay a position, in the words of its published description."""

import json
from datetime import date, timedelta

import pytest
from django.db import OperationalError
from jsonschema import Draft4Validator

from payments.domain.codes import PROBE_NAV
from payments.models import DatedAmount, DebtKind, Instalment, NodeCall, PaymentOption, StationLink, Transfer
from payments.node import options_view
from payments.node.faults import FAULT_TEXTS, FaultCode
from payments.services.positions import position_suspend
from portal import clock
from portal.audit.actor import Actor
from portal.billing.services import cancel_charge
from portal.billing.socket import PlannedInstalment
from tests.payments.node_messages import PlainClient, Receipt, post, send
from tests.standards import STANDARDS, need

pytestmark = pytest.mark.usefixtures("every_entity")
PISA = "80000410508"
PLAN = (PlannedInstalment(1600, date(2027, 1, 31)), PlannedInstalment(3200, date(2027, 3, 31)))


def ask(nav, entity=PISA, **headers):
    path = f"/pagopa/payment-options/organizations/{entity}/notices/{nav}"
    return PlainClient(enforce_csrf_checks=True).post(path, b"", content_type="application/json", headers=headers)


def closed(schema):
    """A misspelt name must not pass: every object has only the properties described."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(value) for name, value in schema.items()}
    return found | ({"additionalProperties": False} if "properties" in schema else {})


@pytest.fixture(scope="module")
def official():
    """Checks a body against a schema of the official description."""
    document = json.loads(need(STANDARDS / "pagopa" / "openapi" / "orgs_payment_options.json").read_text())
    schemas = closed(document["components"]["schemas"])
    codes = {
        code.strip("* "): name.split()[0]
        for row in document["info"]["description"].splitlines()
        if row.count("|") == 2 and "ODP-" in row
        for code, _status, name in [row.split("|")]
    }

    def check(name, body):
        rules = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
        assert [error.message for error in Draft4Validator(rules).iter_errors(body)] == []

    check.codes = codes
    return check


@pytest.fixture
def planned(pisa, charged_many):
    """48,00 all at once, or 16,00 and 32,00."""
    charged_many(pisa, plan=PLAN)
    return list(Instalment.objects.order_by("pk"))


def test_a_single_notice_is_one_option_of_one_instalment(notice, official):
    response = ask(notice.nav)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    body = response.json()
    official("PaymentOptionsResponse", body)
    assert (body["organizationFiscalCode"], body["companyName"], body["standin"]) == (PISA, "Provincia di Pisa", False)
    (option,) = body["paymentOptions"]
    assert (option["amount"], option["status"], option["allCCP"]) == (4800, "PO_UNPAID", True)
    assert (option["dueDate"], option["numberOfInstallments"]) == ("2027-06-30T23:59:59", 1)
    (row,) = option["installments"]
    assert (row["nav"], row["iuv"], row["amount"]) == (notice.nav, notice.iuv, 4800)
    assert (row["status"], row["description"]) == ("POI_UNPAID", "Autorizzazione al trasporto eccezionale")


@pytest.mark.parametrize("place", [0, 1, 2])
def test_any_number_of_a_position_tells_every_way_to_pay(planned, official, place):
    body = ask(planned[place].nav).json()
    official("PaymentOptionsResponse", body)
    assert [option["numberOfInstallments"] for option in body["paymentOptions"]] == [1, 2]
    assert [option["amount"] for option in body["paymentOptions"]] == [4800, 4800]
    plan = body["paymentOptions"][1]
    assert [row["amount"] for row in plan["installments"]] == [1600, 3200]
    assert [row["description"] for row in plan["installments"]] == ["Rata 1 di 2", "Rata 2 di 2"]
    assert plan["dueDate"] == "2027-03-31T23:59:59"


def test_a_plan_begun_closes_the_other_option(planned, official):
    first = planned[1]
    rows = tuple((row.seq, f"{row.amount_cents / 100:.2f}", PISA, row.iban) for row in first.transfers.all())
    assert post(send(Receipt(first.nav, amount="16.00", transfers=rows))).outcome == "OK"
    for asked in planned:
        body = ask(asked.nav).json()
        official("PaymentOptionsResponse", body)
        assert [option["status"] for option in body["paymentOptions"]] == ["PO_INVALID", "PO_PARTIALLY_PAID"]
        assert [row["status"] for row in body["paymentOptions"][1]["installments"]] == ["POI_PAID", "POI_UNPAID"]


def test_the_amount_is_that_of_today(notice):
    DatedAmount.objects.create(
        entity=notice.entity, instalment=notice, valid_from=clock.today(), cents=9600, rule="prova"
    )
    (option,) = ask(notice.nav).json()["paymentOptions"]
    assert (option["amount"], option["installments"][0]["amount"]) == (9600, 9600)


def test_a_late_notice_still_welcome_says_so(pisa, charged):
    notice = charged(pisa, due_on=clock.today() - timedelta(days=1))
    (option,) = ask(notice.nav).json()["paymentOptions"]
    assert (option["status"], option["installments"][0]["status"]) == ("PO_EXPIRED_UNPAID", "POI_EXPIRED_UNPAID")


def test_without_a_due_date_the_last_payable_day_is_told(pisa, charged):
    DebtKind.objects.filter(entity=pisa).update(open_days=60)
    notice = charged(pisa, due_on=None)
    (option,) = ask(notice.nav).json()["paymentOptions"]
    assert option["dueDate"] == f"{clock.today() + timedelta(days=60)}T23:59:59"


def test_one_transfer_without_a_postal_account_is_enough(notice):
    Transfer.objects.filter(instalment=notice, seq=2).update(postal_iban="")
    assert ask(notice.nav).json()["paymentOptions"][0]["allCCP"] is False


def _pay(notice):
    post(send(Receipt(notice.nav)))


def _cancel(notice):
    cancel_charge(charge_id=notice.option.position.charge_id, actor=Actor.system("prova"))


def _suspend(notice):
    position_suspend(position_id=notice.option.position_id, reason="ricorso", actor=Actor.system("prova"))


def _expire(notice):
    Instalment.objects.filter(pk=notice.pk).update(due_on=clock.today() - timedelta(days=1))
    PaymentOption.objects.update(refused_after_due=True)


def _not_yet(notice):
    PaymentOption.objects.update(valid_from=clock.today() + timedelta(days=1))


def _no_station(notice):
    StationLink.objects.update(active=False)


@pytest.mark.parametrize(
    ("before", "status", "code", "fault"),
    [
        (_pay, 409, "ODP-108", "PAA_PAGAMENTO_DUPLICATO"),
        (_cancel, 422, "ODP-111", "PAA_PAGAMENTO_ANNULLATO"),
        (_suspend, 422, "ODP-111", "PAA_PAGAMENTO_ANNULLATO"),
        (_expire, 422, "ODP-110", "PAA_PAGAMENTO_SCADUTO"),
        (_not_yet, 404, "ODP-107", "PAA_PAGAMENTO_SCONOSCIUTO"),
        (_no_station, 400, "ODP-104", "PAA_ID_DOMINIO_ERRATO"),
    ],
)
def test_a_position_nobody_can_pay_says_why(notice, official, before, status, code, fault):
    before(notice)
    response = ask(notice.nav)
    official("ErrorResponse", response.json())
    assert (response.status_code, response.json()["appErrorCode"]) == (status, code)
    assert response.json()["errorMessage"].split()[0] == fault == official.codes[code]
    assert response.json()["httpStatusCode"] == status


@pytest.mark.parametrize(
    ("entity", "nav", "status", "code"),
    [
        (PISA, "301000000000999999", 404, "ODP-107"),
        ("99999999999", "301000000000004285", 400, "ODP-104"),
        ("99999999999", PROBE_NAV, 404, "ODP-107"),
        (PISA, "30100000000000428", 400, "ODP-101"),
        (PISA, "3010000000000042855", 400, "ODP-101"),
        (PISA, "30100000000000428A", 400, "ODP-101"),
        (PISA, "٣٠١٠٠٠٠٠٠٠٠٠٠٠٤٢٨٥", 400, "ODP-101"),
        ("8000041050", "301000000000004285", 400, "ODP-101"),
        ("' OR 1=1 --", "301000000000004285", 400, "ODP-101"),
    ],
)
def test_what_is_not_a_number_of_ours_gets_the_error_of_the_table(notice, official, entity, nav, status, code):
    response = ask(nav, entity)
    official("ErrorResponse", response.json())
    assert (response.status_code, response.json()["appErrorCode"]) == (status, code)


def test_a_notice_of_another_body_does_not_exist(notice, firenze):
    assert ask(notice.nav, "80016450480").status_code == 404


def test_every_error_we_may_give_is_in_the_official_table(official):
    for fault, (code, status) in options_view.ERRORS.items():
        assert official.codes[code] == options_view.NAMES.get(fault, fault.value)
        official("ErrorResponse", json.loads(options_view._error(FAULT_TEXTS[fault], status=status, code=code)))
    assert FaultCode.CANCELLED in options_view.ERRORS


def test_the_certificate_is_asked_for_here_too(notice, settings, official):
    settings.PAGOPA_CLIENT_FINGERPRINTS = ["AB:CD:EF"]
    assert ask(notice.nav, **{"X-Client-Fingerprint": "abcdef"}).status_code == 200
    refused = ask(notice.nav)
    official("ErrorResponse", refused.json())
    assert refused.status_code == 403


def test_a_database_that_is_away_is_a_system_error(notice, monkeypatch, official):
    def away(**kwargs):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(options_view.options, "payment_options", away)
    response = ask(notice.nav)
    official("ErrorResponse", response.json())
    assert (response.status_code, response.json()["appErrorCode"]) == (500, "ODP-103")


def test_a_large_body_is_not_read(notice):
    path = f"/pagopa/payment-options/organizations/{PISA}/notices/{notice.nav}"
    assert PlainClient().post(path, b" " * 20000, content_type="application/json").status_code == 400


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_the_service_is_called_by_post_only(db, method):
    assert getattr(PlainClient(), method)(f"/pagopa/payment-options/organizations/{PISA}/notices/1").status_code == 405


def test_the_journal_knows_these_calls_too(notice):
    ask(notice.nav)
    ask("x")
    calls = NodeCall.objects.order_by("pk").values_list("operation", "nav", "outcome", "fault_code", "status", "entity")
    assert list(calls) == [
        ("paVerifyPaymentOptions", notice.nav, "OK", "", 200, notice.entity_id),
        ("paVerifyPaymentOptions", "", "KO", "PAA_SINTASSI_XSD", 400, None),
    ]


def test_no_cookie_is_given(notice):
    assert not ask(notice.nav).cookies
