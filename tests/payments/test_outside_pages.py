"""The desk of money outside pagoPA: who may record and who decides, and what debtor and visitors read afterwards."""

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from payments.domain.outside import State
from payments.models import OutsidePayment, Position, ReceiptCase
from portal.billing.socket import Payer
from portal.entities.models import Role
from portal.people.acting import Acting
from tests.factories.platform import make_person, make_staff
from tests.factories.world import citizen_client
from tests.payments import node_messages as node
from tests.payments.node_messages import PlainClient

pytestmark = pytest.mark.usefixtures("every_entity")
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
SAID = {
    "credited_on": "2026-11-20", "euro": "48,00", "how": "transfer", "reference": "CRO 0123456789",
    "note": "dall'estero",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel("2026-11-22T12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def notice(pisa, charged):
    return charged(pisa, source="desk:1", payer=Payer("F", "RSSMRA60D20F205C", "Mario Rossi"))


def desk(entity, role=Role.ACCOUNTANT, name="Paola Conti"):
    client = PlainClient()
    client.force_login(make_staff(entity, role, name=name))
    return client


def url(name, *args):
    return reverse(f"admin:payments_{name}", args=args)


@pytest.fixture
def first(pisa):
    return desk(pisa)


@pytest.fixture
def second(pisa):
    return desk(pisa, name="Bruno Neri")


@pytest.fixture
def record(notice, first):
    def make(client=None, **changes):
        page = url("position_outside", notice.option.position_id)
        return (client or first).post(page, {**SAID, **changes}, follow=True)

    return make


def test_the_office_records_from_the_position_and_another_person_confirms(notice, first, second, record):
    page = first.get(url("position_change", notice.option.position_id)).content.decode()
    assert "Registra un pagamento fuori da pagoPA" in page
    text = record(document=SimpleUploadedFile("contabile.pdf", PDF)).content.decode()
    assert "un'altra persona della ragioneria lo deve confermare" in text.replace("&#x27;", "'")
    row = OutsidePayment.objects.get()
    mine = first.get(url("outsidepayment_change", row.pk)).content.decode()
    assert "Hai registrato tu" in mine
    assert "Conferma il pagamento" not in mine
    theirs = second.get(url("outsidepayment_change", row.pk)).content.decode()
    assert "È quanto era dovuto il 20/11/2026" in theirs
    assert "Conferma il pagamento" in theirs
    assert b"".join(second.get(url("outside_document", row.pk)).streaming_content) == PDF
    done = second.post(url("outside_action", row.pk, "confirm"), follow=True).content.decode()
    assert "«confermato»" in done
    shown = first.get(url("position_change", notice.option.position_id)).content.decode()
    assert "accreditato il 20/11/2026" in shown
    assert "Registra un pagamento" not in shown


@pytest.mark.parametrize(
    ("euro", "words"), [("45,90", "mancano 2,10"), ("50,00", "2,00\N{NO-BREAK SPACE}€ sono di troppo")]
)
def test_another_amount_is_shown_with_its_difference_and_needs_a_reason(second, record, euro, words):
    record(euro=euro)
    row = OutsidePayment.objects.get()
    page = second.get(url("outsidepayment_change", row.pk)).content.decode()
    assert words in page
    assert "Accetta come saldo" in page
    empty = second.post(url("outside_action", row.pk, "confirm"), {"reason": ""})
    assert empty.status_code == 422
    assert "Scrivi perché lo accetti come saldo" in empty.content.decode()
    second.post(url("outside_action", row.pk, "confirm"), {"reason": "Sentenza 12/2026"})
    assert OutsidePayment.objects.get().as_balance


def test_a_refusal_is_told_to_who_recorded(first, second, record):
    record()
    row = OutsidePayment.objects.get()
    second.post(url("outside_action", row.pk, "refuse"), {"note": "Di un altro verbale"})
    assert "Di un altro verbale" in first.get(url("outsidepayment_change", row.pk)).content.decode()


def test_a_contrary_entry_is_asked_and_confirmed_from_the_page(notice, first, second, record):
    record()
    row = OutsidePayment.objects.get()
    second.post(url("outside_action", row.pk, "confirm"))
    assert "Chiedi lo storno" in first.get(url("outsidepayment_change", row.pk)).content.decode()
    first.post(url("outside_action", row.pk, "reverse"), {"reason": "Altro debitore"})
    back = OutsidePayment.objects.get(reverses=row)
    page = second.get(url("outsidepayment_change", back.pk)).content.decode()
    assert "Conferma lo storno" in page
    second.post(url("outside_action", back.pk, "confirm"))
    assert Position.objects.get(pk=notice.option.position_id).state == "published"


@pytest.mark.parametrize("changes", [
    {"credited_on": ""}, {"credited_on": "2026-11-23"}, {"credited_on": "ieri"}, {"euro": "0"}, {"euro": "tanto"},
    {"euro": "-1,00"}, {"how": "contanti"}, {"reference": ""}, {"reference": "x" * 36}, {"note": "x" * 301},
    {"credited_on": "0001-01-01"},
])  # fmt: skip
def test_wrong_answers_are_told_beside_the_form_and_nothing_is_kept(record, changes):
    assert record(**changes).status_code == 422
    assert not OutsidePayment.objects.exists()


def test_who_recorded_cannot_decide_even_by_typing_the_address(first, record):
    record()
    row = OutsidePayment.objects.get()
    for action in ("confirm", "refuse"):
        assert first.post(url("outside_action", row.pk, action), {"note": "x"}).status_code == 403
    assert first.get(url("outside_action", row.pk, "inventata")).status_code == 404
    assert OutsidePayment.objects.get().state == State.REQUESTED


@pytest.mark.parametrize(
    ("role", "records", "decides"),
    [(Role.ACCOUNTANT, True, True), (Role.ADMINISTRATOR, False, True), (Role.OFFICER, False, False),
     (Role.HEAD, False, False)],
)  # fmt: skip
def test_accountants_record_and_readers_of_the_books_decide(pisa, notice, record, role, records, decides):
    record()
    row = OutsidePayment.objects.get()
    client = desk(pisa, role, name="Terza Persona")
    assert (client.get(url("position_outside", notice.option.position_id)).status_code == 200) == records
    assert (client.get(url("outside_action", row.pk, "confirm")).status_code == 200) == decides


def test_the_people_of_another_body_see_nothing(firenze, notice, record):
    record(document=SimpleUploadedFile("contabile.pdf", PDF))
    row = OutsidePayment.objects.get()
    for role in (Role.ACCOUNTANT, Role.ADMINISTRATOR):
        client = desk(firenze, role)
        assert not list(client.get(url("outsidepayment_changelist")).context["cl"].queryset)
        assert client.get(url("outsidepayment_change", row.pk)).status_code in {302, 403, 404}
        for page in (url("outside_action", row.pk, "confirm"), url("outside_document", row.pk),
                     url("position_outside", notice.option.position_id)):  # fmt: skip
            assert client.post(page, SAID).status_code in {403, 404}
    assert OutsidePayment.objects.get().state == State.REQUESTED


def test_the_list_finds_an_entry_by_its_reference_and_by_the_number_in_groups(first, record, notice):
    record()
    for words in ("0123456789", f"{notice.nav[:4]} {notice.nav[4:8]} {notice.nav[8:]}"):
        found = first.get(url("outsidepayment_changelist"), {"q": words})
        assert len(found.context["cl"].queryset) == 1


@pytest.fixture
def mario(db):
    person = make_person("Mario", "Rossi", fiscal_code="RSSMRA60D20F205C")
    return citizen_client(Acting(person))


def test_the_debtor_reads_how_it_was_paid_and_is_offered_no_receipt(notice, second, record, mario):
    record()
    second.post(url("outside_action", OutsidePayment.objects.get().pk, "confirm"))
    charge = notice.option.position.charge
    page = mario.get(reverse("payments:position", args=[charge.uuid])).content.decode()
    assert "Pagato con bonifico il 20/11/2026, fuori da pagoPA." in page
    assert "Scarica la ricevuta" not in page
    assert mario.get(reverse("payments:receipt", args=[charge.uuid])).status_code == 404
    assert mario.get(reverse("site:charge_receipt", args=[charge.uuid])).status_code == 404
    for name in ("site:payments", "site:receipts"):
        listed = mario.get(reverse(name)).content.decode()
        assert "pagato con bonifico, fuori da pagoPA" in listed
        assert reverse("site:charge_receipt", args=[charge.uuid]) not in listed


def test_whoever_opens_the_notice_without_logging_in_reads_it_too(notice, second, record):
    record()
    second.post(url("outside_action", OutsidePayment.objects.get().pk, "confirm"))
    visitor = PlainClient()
    found = visitor.post(
        reverse("payments:find"), {"avviso": notice.nav, "codice_fiscale": "RSSMRA60D20F205C"}, follow=True
    ).content.decode()
    assert "Pagato con bonifico il 20/11/2026, fuori da pagoPA." in found
    assert "Scarica la ricevuta" not in found


def test_a_second_payment_with_pagopa_shows_the_entry_beside_the_receipt(notice, first, second, record):
    record()
    second.post(url("outside_action", OutsidePayment.objects.get().pk, "confirm"))
    node.post(node.send(node.Receipt(notice.nav)))
    page = first.get(url("receiptcase_change", ReceiptCase.objects.get().pk)).content.decode()
    assert "Bonifico" in page
    assert reverse("admin:payments_outsidepayment_change", args=[OutsidePayment.objects.get().pk]) in page
    assert "20/11/2026" in page
