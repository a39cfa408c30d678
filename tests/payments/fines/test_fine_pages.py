"""The fine on the citizen's pages: what to pay today and why, who was driving, the bank transfer from abroad."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pdfplumber
import pytest
import time_machine
from django.test import Client
from django_scopes import scope, scopes_disabled

from payments.fines.domain.stages import AppealTo, DriverState, ServedHow
from payments.fines.models import DriverData, Fine
from payments.fines.services.serving import fine_serve
from payments.fines.services.stages import fine_appeal, fine_cancel
from portal.audit.models import Event
from portal.entities.models import Entity
from portal.people.models import Person
from tests.factories.platform import log_in, make_person
from tests.payments.fines.conftest import DESK, fine_of, numbers_of
from tests.payments.fines.test_fine_station import pay

pytestmark = pytest.mark.django_db
CODE = "RSSMRA60D20F205C"
Fined = Callable[..., Fine]
DRIVER = {
    "first_name": "Anna", "last_name": "Rossi", "born_on": "1985-05-04", "born_in": "Pisa", "fiscal_code": "",
    "residence": "Vicolo Corto 12, 56100 Pisa", "licence_number": "PI 5012345 X", "licence_category": "B",
    "licence_issuer": "MIT-UCO", "licence_expires_on": "2030-05-04", "declaration": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _in_march() -> Any:
    with time_machine.travel("2026-03-20T12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def owner(db: None) -> Person:
    return make_person("Mario", "Rossi", fiscal_code=CODE)


def browser(person: Person) -> Client:
    client = Client()
    log_in(client, person)
    return client


def serve(fine: Fine, day: date = date(2026, 3, 20)) -> None:
    with scope(entity=fine.entity):
        fine_serve(fine_id=fine.pk, served_on=day, how=ServedHow.MAIL, actor=DESK)


def page(person: Person, fine: Fine, on: str = "2026-03-20") -> str:
    with time_machine.travel(f"{on}T12:00:00+01:00", tick=False):
        response = browser(person).get(f"/pagamenti/avviso/{fine.position.charge.uuid}/")
    assert response.status_code == 200
    return response.content.decode().replace("\xa0", " ")


def amount_on_top(text: str) -> str:
    return text.partition('<span class="amount">')[2].partition(" €")[0]


@pytest.mark.parametrize(
    ("on", "amount", "words"),
    [
        ("2026-03-20", "45,90", "Fino al <strong>25/03/2026</strong> paghi <strong>45,90 €</strong>"),
        ("2026-03-25", "45,90", "Dal giorno dopo e fino al 19/05/2026 l'importo è 58,50 €"),
        ("2026-03-26", "58,50", "I 5 giorni per avere lo sconto sono finiti il 25/03/2026"),
        ("2026-05-19", "58,50", "Fino al <strong>19/05/2026</strong> paghi <strong>58,50 €</strong>"),
        ("2026-05-20", "103,00", "I 60 giorni per pagare l'importo ridotto sono finiti il 19/05/2026"),
    ],
)
def test_the_page_says_what_to_pay_today_until_when_and_why(
    fined: Fined, owner: Person, on: str, amount: str, words: str
):
    fine = fined()
    serve(fine)
    text = page(owner, fine, on)
    assert amount_on_top(text) == amount
    assert words.replace("'", "&#x27;") in text or words in text


def test_with_an_unknown_day_of_service_the_page_explains_both_amounts(fined: Fined, owner: Person):
    text = page(owner, fined())
    assert "il conto lo fai tu" in text
    assert all(each in text for each in ("45,90 €", "58,50 €", "103,00 €"))
    assert "V1001/2026" in text
    assert "S.P. 11 km 4+200" in text


def test_each_amount_is_taken_apart_and_costs_are_whole_in_all(fined: Fined, owner: Person):
    text = page(owner, fined(costo_send="3,10"))
    assert all(each in text for each in ("29,40 €", "42,00 €", "86,50 €", "16,50 €", "3,10 €"))
    assert "Costo di notifica SEND" in text


def test_a_fine_without_discount_says_so_and_shows_one_amount(fined: Fined, owner: Person):
    text = page(owner, fined(sconto="N"))
    assert "non ammette lo sconto" in text
    assert "45,90" not in text


def test_both_numbers_can_be_paid_from_the_page_while_both_may(fined: Fined, owner: Person):
    fine = fined()
    rows = numbers_of(fine)
    text = page(owner, fine)
    assert all(f'value="{row.nav}"' in text for row in rows.values())
    serve(fine)
    later = page(owner, fine, "2026-03-30")
    assert f'value="{rows[True].nav}"' not in later
    assert f'value="{rows[False].nav}"' in later


def test_suspended_and_cancelled_fines_say_not_to_pay(fined: Fined, owner: Person, body: Entity):
    fine = fined()
    with scope(entity=body):
        fine_appeal(fine_id=fine.pk, to=AppealTo.JUDGE, actor=DESK)
    assert "un ricorso in corso" in page(owner, fine)
    with scope(entity=body):
        fine_cancel(fine_id=fine.pk, reason="x", actor=DESK)
    text = page(owner, fine)
    assert "ha annullato questa multa" in text
    assert "Paga adesso" not in text


def test_the_printed_notice_has_both_numbers(fined: Fined, owner: Person):
    fine = fined()
    response = browser(owner).get(f"/pagamenti/avviso/{fine.position.charge.uuid}/avviso.pdf")
    assert response.status_code == 200
    with pdfplumber.open(BytesIO(b"".join(response.streaming_content))) as pdf:
        text = "".join((page.extract_text() or "") for page in pdf.pages)
    text = "".join(text.split())
    assert all(row.nav in text for row in numbers_of(fine).values())
    assert all(amount in text for amount in ("45,90", "58,50"))


def test_somebody_else_does_not_see_the_fine(fined: Fined):
    fine = fined(dati_conducente="S")
    other = browser(make_person())
    uuid = fine.position.charge.uuid
    for path in (f"/pagamenti/avviso/{uuid}/", f"/pagamenti/multe/{uuid}/conducente/"):
        assert other.get(path).status_code == 404
        assert Client().get(path).status_code == 302


def opened(nav: str, code: str = CODE) -> Client:
    client = Client()
    assert client.post("/pagamenti/", {"avviso": nav, "codice_fiscale": code}).status_code == 302
    return client


def test_without_logging_in_the_page_offers_the_other_amount_too(fined: Fined):
    fine = fined()
    serve(fine)
    rows = numbers_of(fine)
    text = opened(rows[False].nav).get("/pagamenti/aperto/").content.decode().replace("\xa0", " ")
    assert amount_on_top(text) == "58,50"
    assert "Paga on line 45,90 €" in text
    assert "Rossi" not in text


def test_without_logging_in_an_expired_discount_leads_to_the_other_number(fined: Fined):
    fine = fined()
    serve(fine)
    rows = numbers_of(fine)
    with time_machine.travel("2026-03-30T12:00:00+01:00", tick=False):
        text = opened(rows[True].nav).get("/pagamenti/aperto/").content.decode().replace("\xa0", " ")
    assert "usa l&#x27;altro codice" in text or "usa l'altro codice" in text
    assert "Paga on line 58,50 €" in text


def test_a_foreign_plate_is_found_by_number_and_plate_and_gets_the_reference(fined: Fined):
    fine = fined(nazione="DE", targa="M AB 1234", codice_fiscale="", debitore="Jörg Müller")
    nav = numbers_of(fine)[True].nav
    client = Client()
    assert client.post("/pagamenti/multe/estero/", {"avviso": nav, "targa": "mab 1234"}).status_code == 302
    text = client.get("/pagamenti/aperto/").content.decode().replace("\xa0", " ")
    assert fine.reference in text
    assert "IT60X0542811101000000123456" in text
    assert "45,90 €" in text


@pytest.mark.parametrize(
    "typed",
    [
        {"avviso": "", "targa": ""},
        {"avviso": "x", "targa": "MAB1234"},
        {"targa": "MAB9999"},
        {"targa": "<script>"},
        {"targa": "x" * 50},
        {"avviso": "301000000000004285"},
    ],
)
def test_a_wrong_pair_opens_nothing(fined: Fined, typed: dict[str, str]):
    fine = fined(nazione="DE", targa="MAB1234", codice_fiscale="")
    client = Client()
    right = {"avviso": numbers_of(fine)[True].nav, "targa": "MAB1234"}
    assert client.post("/pagamenti/multe/estero/", {**right, **typed}).status_code == 422
    assert client.get("/pagamenti/aperto/").status_code == 302


def test_an_italian_plate_is_not_found_by_its_plate(fined: Fined):
    nav = numbers_of(fined())[True].nav
    assert Client().post("/pagamenti/multe/estero/", {"avviso": nav, "targa": "AB123CD"}).status_code == 422


def test_the_same_number_is_not_tried_for_ever(fined: Fined, settings: Any):
    settings.RATE_LIMITS = True
    nav = numbers_of(fined(nazione="DE", codice_fiscale=""))[True].nav
    answers = [
        Client().post("/pagamenti/multe/estero/", {"avviso": nav, "targa": f"X{n}"}).status_code for n in range(12)
    ]
    assert answers[0] == 422
    assert answers[-1] == 429


def driver_url(fine: Fine) -> str:
    return f"/pagamenti/multe/{fine.position.charge.uuid}/conducente/"


def test_the_owner_says_who_was_driving_once_and_has_a_receipt(fined: Fined, owner: Person, body: Entity):
    fine = fined(dati_conducente="S")
    serve(fine)
    assert "Comunica chi guidava" in page(owner, fine)
    assert "19/05/2026" in page(owner, fine)
    client = browser(owner)
    assert client.get(driver_url(fine)).status_code == 200
    response = client.post(driver_url(fine), DRIVER, follow=True)
    text = response.content.decode()
    assert response.redirect_chain[-1][0].endswith("/ricevuta/")
    assert "Anna Rossi" in text
    assert "PI5012345X" in text
    with scopes_disabled():
        data = DriverData.objects.get()
    assert (data.declared_by, data.in_time, data.licence_category) == (owner, True, "B")
    assert fine_of(body).driver == DriverState.GIVEN
    assert Event.objects.filter(action="fines.driver_declared", person_id=owner.pk).count() == 1
    assert client.post(driver_url(fine), DRIVER | {"first_name": "Altro"}).status_code == 302
    with scopes_disabled():
        assert DriverData.objects.get().first_name == "Anna"
    assert "Rivedi i dati comunicati" in page(owner, fine)


def test_a_late_answer_is_kept_and_marked(fined: Fined, owner: Person):
    fine = fined(dati_conducente="S")
    serve(fine)
    with time_machine.travel("2026-05-20T12:00:00+02:00", tick=False):
        text = browser(owner).post(driver_url(fine), DRIVER, follow=True).content.decode()
    assert "dopo il termine di legge" in text
    with scopes_disabled():
        assert not DriverData.objects.get().in_time


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_name": ""},
        {"first_name": "x" * 61},
        {"born_on": "2026-03-20"},
        {"born_on": "2026-03-15"},
        {"born_on": "1800-01-01"},
        {"born_on": "ieri"},
        {"fiscal_code": "RSSMRA60D20F205R"},
        {"licence_number": "àè"},
        {"licence_category": "Z"},
        {"licence_expires_on": "2099-01-01"},
        {"declaration": ""},
        {"residence": "x" * 141},
        {"last_name": "\x00"},
    ],
)
def test_wrong_answers_about_the_driver_are_refused(fined: Fined, owner: Person, wrong: dict[str, str]):
    fine = fined(dati_conducente="S")
    assert browser(owner).post(driver_url(fine), DRIVER | wrong).status_code == 422
    with scopes_disabled():
        assert not DriverData.objects.exists()


def test_nobody_is_asked_about_a_driver_who_is_not_needed(fined: Fined, owner: Person):
    fine = fined()
    assert browser(owner).get(driver_url(fine)).status_code == 404
    assert browser(owner).post(driver_url(fine), DRIVER).status_code == 404
    assert "chi guidava" not in page(owner, fine)


def test_the_receipt_of_what_was_never_said_leads_to_the_form(fined: Fined, owner: Person):
    fine = fined(dati_conducente="S")
    response = browser(owner).get(driver_url(fine) + "ricevuta/")
    assert response.status_code == 302


def test_numbers_are_not_tried_for_ever_on_one_plate(fined: Fined, settings: Any):
    settings.RATE_LIMITS = True
    fined(nazione="DE", targa="MAB1234", codice_fiscale="")
    answers = []
    for n in range(32):
        body = f"3010000000{n:06d}"
        asked = {"avviso": f"{body}{int(body) % 93:02d}", "targa": "MAB1234"}
        client = Client(REMOTE_ADDR=f"192.0.2.{n}")
        answers.append(client.post("/pagamenti/multe/estero/", asked).status_code)
    assert answers[0] == 422
    assert answers[-1] == 429


def test_a_paid_fine_goes_on_saying_what_was_paid(fined: Fined, owner: Person):
    fine = fined()
    serve(fine)
    pay(numbers_of(fine)[False], "58.50", paid_on=date(2026, 4, 20))
    text = page(owner, fine, on="2026-06-20")
    assert amount_on_top(text) == "58,50"
    assert "non c'è altro da pagare" in text


def test_a_fine_paid_too_late_for_its_amount_does_not_say_that_all_is_done(fined: Fined, owner: Person):
    fine = fined()
    serve(fine)
    pay(numbers_of(fine)[True], "45.90", paid_on=date(2026, 3, 30))
    text = page(owner, fine, on="2026-03-31")
    assert "non c'è altro da pagare" not in text
    assert "controlla se devi ancora qualcosa" in text
