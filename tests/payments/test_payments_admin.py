"""The accountants' desk: own bodies only, evidence never changed, odd receipts closed with a note."""

import pytest
from django.apps import apps
from django.urls import reverse

from payments.models import CreditorEntity, DebtKind, NodeCall, ReceiptCase
from payments.models.receipts import CaseState
from portal import clock
from portal.audit.models import Event
from portal.entities.models import Role
from tests.factories.platform import make_staff
from tests.payments.node_messages import PlainClient, Receipt, post, send

pytestmark = pytest.mark.usefixtures("every_entity")
READ_ONLY = ["position", "instalment", "receipt", "receiptcase", "nodecall", "quarantinedmessage"]
SETTINGS = ["creditorentity", "broker", "station", "stationlink", "debtkind"]


def desk(entity, role=Role.ACCOUNTANT):
    client = PlainClient()
    client.force_login(make_staff(entity, role))
    return client


@pytest.fixture
def odd(notice):
    """A second payment that waits for somebody."""
    post(send(Receipt(notice.nav)))
    post(send(Receipt(notice.nav, receipt_id="b" * 32)))
    return ReceiptCase.objects.get(state=CaseState.TO_REVIEW)


def url(name, *args):
    return reverse(f"admin:payments_{name}", args=args)


@pytest.mark.parametrize("name", READ_ONLY + SETTINGS)
def test_the_accountant_reads_every_list_and_every_row_of_the_body(odd, name):
    client = desk(odd.entity)
    assert client.get(url(f"{name}_changelist")).status_code == 200
    model = apps.get_model("payments", name)
    for row in model.objects.all():
        assert client.get(url(f"{name}_change", row.pk)).status_code in {200, 302}


@pytest.mark.parametrize("name", READ_ONLY + SETTINGS)
def test_a_stranger_s_accountant_sees_nothing_of_this_body(odd, firenze, name):
    client = desk(firenze)
    model = apps.get_model("payments", name)
    rows = model.objects.filter(entity=odd.entity)
    listed = client.get(url(f"{name}_changelist"))
    assert listed.status_code == 200
    assert not set(rows) & set(listed.context["cl"].queryset)
    for row in rows:
        assert client.get(url(f"{name}_change", row.pk)).status_code in {302, 403, 404}


@pytest.mark.parametrize("name", READ_ONLY + SETTINGS)
def test_an_officer_has_no_business_here(odd, name):
    assert desk(odd.entity, Role.OFFICER).get(url(f"{name}_changelist")).status_code == 403


@pytest.mark.parametrize("name", READ_ONLY)
@pytest.mark.parametrize("role", [Role.ACCOUNTANT, Role.ADMINISTRATOR])
def test_nobody_adds_or_deletes_what_the_services_write(odd, name, role):
    client = desk(odd.entity, role)
    assert client.get(url(f"{name}_add")).status_code == 403
    model = apps.get_model("payments", name)
    before = list(model.objects.all())
    for row in before:
        assert client.post(url(f"{name}_delete", row.pk), {"post": "yes"}).status_code in {302, 403, 404}
    assert list(model.objects.all()) == before


@pytest.mark.parametrize("name", ["position", "instalment", "receipt"])
def test_lists_ask_as_many_queries_for_one_row_as_for_many(pisa, charged, django_assert_max_num_queries, name):
    client = desk(pisa)
    counts = []
    for number in range(4):
        notice = charged(pisa, source=f"case:{number}")
        post(send(Receipt(notice.nav, receipt_id=str(number) * 32)))
        with django_assert_max_num_queries(60) as queries:
            client.get(url(f"{name}_changelist"))
        counts.append(len(queries))
    assert counts[1] == counts[-1]


def test_the_queue_opens_on_what_waits_and_says_why(odd):
    page = desk(odd.entity).get(url("receiptcase_changelist"))
    assert list(page.context["cl"].queryset) == [odd]
    assert "secondo pagamento da rimborsare" in page.content.decode()
    everything = desk(odd.entity).get(url("receiptcase_changelist"), {"stato": "tutte"})
    assert len(everything.context["cl"].queryset) == 2


def test_the_accountant_closes_an_odd_receipt_with_a_note(odd):
    client = desk(odd.entity)
    response = client.post(url("receiptcase_change", odd.pk), {"note": "Rimborso disposto."})
    assert response.status_code == 302
    odd.refresh_from_db()
    assert (odd.state, odd.note) == (CaseState.RESOLVED, "Rimborso disposto.")
    assert odd.resolved_by is not None
    assert Event.objects.filter(action="payments.receipt_resolved").count() == 1


def test_without_a_note_the_receipt_stays_in_the_queue(odd):
    desk(odd.entity).post(url("receiptcase_change", odd.pk), {"note": "  "})
    odd.refresh_from_db()
    assert odd.state == CaseState.TO_REVIEW


def test_an_administrator_reads_the_queue_but_does_not_close_it(odd):
    client = desk(odd.entity, Role.ADMINISTRATOR)
    client.post(url("receiptcase_change", odd.pk), {"note": "Fatto."})
    odd.refresh_from_db()
    assert odd.state == CaseState.TO_REVIEW


def test_the_administrator_adds_a_dated_row_for_the_own_body_only(pisa, firenze):
    client = desk(pisa, Role.ADMINISTRATOR)
    row = {
        "code": "NUOVO",
        "description": "Nuovo",
        "taxonomy_code": "0301107TP",
        "valid_from": "2026-01-01",
        "source": "prova",
    }
    client.post(url("debtkind_add"), row | {"entity": firenze.pk})
    assert not DebtKind.objects.filter(code="NUOVO").exists()
    client.post(url("debtkind_add"), row | {"entity": pisa.pk})
    assert DebtKind.objects.get(code="NUOVO").entity == pisa
    assert Event.objects.filter(action="payments.setting_changed").count() == 1


def test_the_accountant_does_not_change_the_accounts(pisa):
    client = desk(pisa)
    creditor = CreditorEntity.objects.get()
    client.post(url("creditorentity_change", creditor.pk), {"iban": "IT07X0542811101000000654321"})
    assert CreditorEntity.objects.get().iban == creditor.iban


def test_a_list_offers_no_other_body_and_the_page_of_a_receipt_no_closed_door(odd, firenze):
    client = desk(odd.entity)
    listed = client.get(url("receipt_changelist")).text
    assert firenze.name not in listed
    shown = client.get(url("receipt_change", odd.receipt_id)).text
    assert odd.entity.name in shown
    assert "/portal_entities/entity/" not in shown
    assert "48,00" in shown
    assert "Vista" not in shown


def test_the_calls_without_a_fault_have_a_name_in_the_filter(odd):
    NodeCall.objects.bulk_create(
        NodeCall(
            entity=odd.entity, at=clock.now(), operation="paSendRTV2", nav="", outcome="OK", fault_code=fault,
            status=200, duration_us=1, body_sha256="0" * 64,
        )
        for fault in ("", "PAA_SEMANTICA")
    )  # fmt: skip
    page = desk(odd.entity).get(url("nodecall_changelist"))
    assert '<a href="?fault_code=">nessuno</a>' in " ".join(page.text.split())
