"""Paying without an avviso and without logging in: choose, write, read again, pay. Nothing is made twice or leaks."""

import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scopes_disabled

from payments.models import DebtKind, SpontaneousPrice, SpontaneousService
from payments.spontaneous import views
from portal import clock
from portal.audit.models import Event
from portal.entities.models import Entity
from portal.outbox.services import carry_due
from tests.factories.platform import make_company, make_mandate, make_person
from tests.factories.world import citizen_client
from tests.payments.node_messages import PlainClient
from tests.payments.spontaneous_requests import (
    COMPANY,
    COPIES,
    FEE,
    FORMS,
    GIULIA,
    LIST,
    MARIO,
    PENALTY,
    RENT,
    instalment_of,
    kept,
    made,
    make,
    pay,
    review,
    text,
)
from tests.portal.site.pages import read
from tests.portal.site.test_public_pages import broken_policy

pytestmark = [pytest.mark.usefixtures("every_entity", "pisa")]
NOTICE = "/pagamenti/aperto/"


def pdf(client: Any) -> bytes:
    response = client.get(f"{NOTICE}avviso.pdf")
    content = b"".join(response.streaming_content)
    response.close()
    return content


# --- The whole way -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "cents", "description"),
    [
        (FEE, 1000, "Diritti di segreteria - Attestato di idoneità"),
        (COPIES, 350, "Copie di atti - Numero di protocollo 1234/2026"),
        (PENALTY, 12050, "Sanzioni amministrative - Numero del verbale 45/2026"),
        (RENT, 120000, "Canone unico: occupazioni e accessi - Numero della concessione 45/2024 - Canone 2026"),
    ],
)
def test_from_the_list_to_a_notice_that_can_be_paid(url: str, cents: int, description: str):
    client = PlainClient()
    assert url in text(client.get(LIST))
    assert client.get(url).status_code == 200
    page = review(client, url)
    assert page.status_code == 200
    assert description in text(page)
    response = client.post(f"{url}avviso/", {"dati": kept(page)})
    assert (response.status_code, response["Location"]) == (302, NOTICE)
    (payment,) = made()
    assert (payment.charge.amount_cents, payment.charge.description) == (cents, description)
    assert payment.charge.source == f"spontaneous:{payment.pk}"
    shown = text(client.get(NOTICE))
    assert "da pagare" in shown
    assert "M*** R***" in shown
    assert "DEMO1" in shown, "the codes for the counter"
    assert pdf(client).startswith(b"%PDF")


def test_nothing_is_made_before_the_last_step():
    review(PlainClient(), FEE)
    assert made() == []


def test_once_paid_at_the_node_the_charge_is_settled():
    make(PlainClient(), FEE)
    pay(made()[0])
    (payment,) = made()
    assert payment.charge.state == "settled"


def test_the_address_of_the_payer_is_printed_on_the_notice():
    make(PlainClient(), FEE, via="Via Prova", civico="3/B", cap="56125", comune="Pisa", provincia="pi")
    assert instalment_of(made()[0]).option.position.debtor_address == "Via Prova 3/B, 56125 Pisa PI"


def test_a_correction_shows_again_what_was_written():
    client = PlainClient()
    token = kept(review(client, RENT, nome="Niccolò D'Alò"))
    page = text(client.post(RENT, {"dati": token, "modifica": "1"}))
    assert "Niccolò D&#x27;Alò" in page
    assert 'value="1.200"' in page
    assert made() == []


def test_the_same_page_sent_twice_makes_one_notice_and_opens_it_again():
    client = PlainClient()
    token = kept(review(client, FEE))
    for _ in range(3):
        assert client.post(f"{FEE}avviso/", {"dati": token})["Location"] == NOTICE
    assert len(made()) == 1


def test_two_payments_of_the_same_thing_are_two_when_they_are_written_twice():
    client = PlainClient()
    make(client, FEE)
    make(client, FEE)
    assert len(made()) == 2


# --- Who is logged in --------------------------------------------------------------------------------------------


def test_the_data_of_who_is_logged_in_are_there_and_the_notice_is_in_their_area():
    person = make_person("Mario", "Rossi", fiscal_code=MARIO)
    client = citizen_client(_acting(person))
    page = text(client.get(FEE))
    assert f'value="{MARIO}"' in page
    assert 'value="Mario Rossi"' in page
    assert person.email in page
    response = make(client, FEE)
    assert response["Location"].startswith("/pagamenti/avviso/")
    assert client.get(response["Location"]).status_code == 200
    assert "Diritti di segreteria" in text(client.get("/area/pagamenti/"))


def test_who_pays_for_somebody_else_gets_the_notice_open_and_not_in_their_area():
    client = citizen_client(_acting(make_person("Mario", "Rossi", fiscal_code=MARIO)))
    assert make(client, FEE, nome="Giulia Bianchi", codice_fiscale=GIULIA)["Location"] == NOTICE
    assert "Diritti di segreteria" not in text(client.get("/area/pagamenti/"))


def test_what_a_stranger_asks_with_somebody_s_code_is_not_in_their_area_until_it_is_paid():
    make(PlainClient(), FEE)
    (payment,) = made()
    person = make_person("Mario", "Rossi", fiscal_code=MARIO)
    client = citizen_client(_acting(person))
    carry_due()
    assert client.get(f"/pagamenti/avviso/{payment.charge.uuid}/").status_code == 404
    for page in ("/area/", "/area/pagamenti/", "/area/documenti/"):
        assert "Diritti di segreteria" not in text(client.get(page)), page
    pay(payment)
    carry_due()
    assert "Diritti di segreteria" in text(client.get("/area/pagamenti/ricevute/"))


def test_the_data_of_the_logged_in_do_not_make_them_the_payer_of_a_company_s_notice():
    person = make_person("Mario", "Rossi", fiscal_code=MARIO)
    make(citizen_client(_acting(person)), FEE, chi="G", nome="Ditta Rossi", codice_fiscale=MARIO)
    assert made()[0].charge.listed is False


@pytest.mark.parametrize("services", [[], ["autorizzazione-trasporto-eccezionale"]])
def test_who_acts_for_a_company_pays_in_its_name_and_finds_it_in_its_area(services: list[str]):
    person, company = make_person("Mario", "Rossi", fiscal_code=MARIO), make_company()
    type(company).objects.filter(pk=company.pk).update(fiscal_code=COMPANY)
    company.refresh_from_db()
    mandate = make_mandate(person, company, services=services)
    client = citizen_client(_acting(person, mandate))
    page = text(client.get(FEE))
    assert f'value="{COMPANY}"' in page
    assert company.name in page
    response = make(client, FEE, chi="G", nome=company.name, codice_fiscale=COMPANY)
    assert response["Location"].startswith("/pagamenti/avviso/")
    assert "Diritti di segreteria" in text(client.get("/area/pagamenti/"))
    assert made()[0].mandate == mandate


def _acting(person: Any, mandate: Any = None) -> Any:
    from portal.people.acting import Acting

    return Acting(person, mandate)


# --- What is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "changes", "words"),
    [
        (RENT, {"importo": ""}, "Scrivi quanto vuoi pagare."),
        (RENT, {"importo": "0"}, "L&#x27;importo minimo è 5,00"),
        (RENT, {"importo": "4,99"}, "L&#x27;importo minimo è 5,00"),
        (RENT, {"importo": "-10"}, "con la virgola prima dei centesimi"),
        (RENT, {"importo": "10,005"}, "con la virgola prima dei centesimi"),
        (RENT, {"importo": "1,2,3"}, "con la virgola prima dei centesimi"),
        (RENT, {"importo": "dieci"}, "con la virgola prima dei centesimi"),
        (RENT, {"importo": "5.000,01"}, "L&#x27;importo massimo è 5.000,00"),
        (RENT, {"importo": "999999999999"}, "con la virgola prima dei centesimi"),
        (COPIES, {"quantita": ""}, "Scrivi una quantità."),
        (COPIES, {"quantita": "0"}, "La quantità minima è 1."),
        (COPIES, {"quantita": "-3"}, "La quantità minima è 1."),
        (COPIES, {"quantita": "101"}, "La quantità massima è 100."),
        (COPIES, {"quantita": "2,5"}, "Scrivi un numero intero."),
        (COPIES, {"risposta_1": ""}, "Scrivi questa risposta."),
        (COPIES, {"risposta_1": "millle"}, "non ha il formato richiesto"),
        (COPIES, {"risposta_1": "1" * 41}, "Al massimo 40 caratteri"),
        (PENALTY, {"risposta_2": "AB 123 CD"}, "non ha il formato richiesto"),
        (FEE, {"motivo": ""}, "Scrivi perché paghi."),
        (FEE, {"motivo": "a" * 141}, "Al massimo 140 caratteri"),
        (FEE, {"motivo": "🙂"}, "alfabeto latino"),
        (FEE, {"nome": ""}, "Scrivi il nome di chi paga."),
        (FEE, {"nome": "   "}, "Scrivi il nome di chi paga."),
        (FEE, {"nome": "a" * 71}, "Al massimo 70 caratteri"),
        (FEE, {"nome": "Иван Петров"}, "alfabeto latino"),
        (FEE, {"codice_fiscale": ""}, "Scrivi il codice fiscale"),
        (FEE, {"codice_fiscale": "RSSMRA60D20F205X"}, "non è giusto"),
        (FEE, {"codice_fiscale": "12345678901"}, "non è giusto"),
        (FEE, {"codice_fiscale": "ANONIMO"}, "non è giusto"),
        (FEE, {"chi": ""}, "Scegli chi paga."),
        (FEE, {"chi": "X"}, "X"),
        (FEE, {"email": "mario@"}, "Scrivi un indirizzo completo"),
        (FEE, {"provincia": "PISA"}, "sigla di due lettere"),
        (FEE, {"via": "a" * 71}, "Al massimo 70 caratteri"),
    ],
)
def test_what_is_written_wrong_is_pointed_at_and_nothing_is_made(url: str, changes: dict[str, str], words: str):
    response = review(PlainClient(), url, **changes)
    assert response.status_code == 422
    assert words in text(response)
    assert "Controlla questi punti" in text(response)
    assert made() == []


def test_an_empty_form_points_at_every_missing_field():
    page = text(PlainClient().post(RENT, {}))
    for words in (
        "Scrivi quanto",
        "Scrivi questa risposta",
        "Scrivi perché",
        "Scegli chi",
        "il nome",
        "il codice fiscale",
    ):
        assert words in page


@pytest.mark.parametrize("name", ["Niccolò D'Alò", "Società Agricola «L'Orto» S.s.", "a" * 70])
def test_accents_and_apostrophes_and_the_longest_name_pass(name: str):
    client = PlainClient()
    assert make(client, FEE, nome=name, motivo="Perché sì: l'età è «più» di " + "a" * 110).status_code == 302
    row = made()[0]
    assert row.charge.payer_name == name
    assert len(row.charge.description) == 140
    assert pdf(client).startswith(b"%PDF")


def test_a_fixed_amount_is_not_for_the_visitor_to_choose():
    make(PlainClient(), FEE, importo="0,01", quantita="100", cents="1")
    assert made()[0].charge.amount_cents == 1000


@pytest.mark.parametrize("payers", ["F", "G"])
def test_a_service_for_some_takes_no_others(payers: str):
    with scopes_disabled():
        SpontaneousService.objects.filter(code="00001").update(payers=payers)
    codes = {"F": MARIO, "G": COMPANY}
    page = text(PlainClient().get(FEE))
    assert 'name="chi"' not in page
    make(PlainClient(), FEE, chi="G" if payers == "F" else "F", codice_fiscale=codes[payers])
    assert made()[0].charge.payer_kind == payers


# --- What is not offered -----------------------------------------------------------------------------------------


def _tomorrow() -> date:
    return clock.today() + timedelta(days=1)


def _no_price() -> None:
    SpontaneousPrice.objects.update(confirmed_by="")


CLOSING: dict[str, Callable[[], Any]] = {
    "not yet": lambda: SpontaneousService.objects.update(valid_from=_tomorrow()),
    "over": lambda: SpontaneousService.objects.update(valid_until=clock.today() - timedelta(days=1)),
    "no kind": lambda: SpontaneousService.objects.update(debt_kind="NESSUNO"),
    "kind unconfirmed": lambda: DebtKind.objects.update(confirmed_by=""),
    "kind without days": lambda: DebtKind.objects.update(open_days=None),
    "a stamp": lambda: DebtKind.objects.update(digital_stamp=True),
    "price unconfirmed": _no_price,
    "price to come": lambda: SpontaneousPrice.objects.update(valid_from=_tomorrow()),
}


@pytest.mark.parametrize("why", CLOSING)
def test_what_is_closed_or_not_set_up_is_neither_listed_nor_made(why: str):
    client = PlainClient()
    token = kept(review(client, FEE))
    with scopes_disabled():
        CLOSING[why]()
    assert FEE not in text(client.get(LIST))
    assert client.get(FEE).status_code == 404
    assert review(client, FEE).status_code == 404
    assert client.post(f"{FEE}avviso/", {"dati": token}).status_code == 404
    assert made() == []


@pytest.mark.parametrize("path", ["PI/99999/", "PI/0/", "XX/00001/", "FI/00002/", "PI/1/", "pi/٠٠٠٠١/"])
def test_a_service_that_is_not_there_or_is_of_another_body_is_not_found(firenze: Entity, path: str):
    assert PlainClient().get(LIST + path).status_code == 404


def test_the_data_kept_for_one_service_do_not_open_another():
    client = PlainClient()
    token = kept(review(client, FEE))
    assert client.post(f"{RENT}avviso/", {"dati": token})["Location"] == RENT
    assert made() == []


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "\x00"])
def test_data_we_did_not_sign_are_asked_again(token: str):
    assert PlainClient().post(f"{FEE}avviso/", {"dati": token})["Location"] == FEE
    assert made() == []


def test_data_kept_too_long_are_asked_again(monkeypatch: pytest.MonkeyPatch):
    client = PlainClient()
    token = kept(review(client, FEE))
    monkeypatch.setattr(views, "GOOD_FOR", timedelta(seconds=-1))
    assert client.post(f"{FEE}avviso/", {"dati": token})["Location"] == FEE
    assert made() == []


def test_a_price_that_changed_meanwhile_is_read_again_before_anything_is_made():
    client = PlainClient()
    token = kept(review(client, FEE))
    with scopes_disabled():
        SpontaneousPrice.objects.filter(service__code="00001", entity__code="PI").update(cents=1200)
    page = client.post(f"{FEE}avviso/", {"dati": token})
    assert page.status_code == 200
    assert "12,00" in text(page)
    assert made() == []
    client.post(f"{FEE}avviso/", {"dati": kept(page)})
    assert made()[0].charge.amount_cents == 1200


def test_nobody_writes_the_signed_data_by_hand():
    data = {"service": 1, "token": "x", "data": {}, "cents": 1}
    token = signing.dumps(data, salt="another")
    assert PlainClient().post(f"{FEE}avviso/", {"dati": token})["Location"] == FEE


# --- Several bodies ----------------------------------------------------------------------------------------------


def test_the_list_is_of_the_body_of_the_site_and_another_can_be_chosen(firenze: Entity):
    client = PlainClient()
    assert f"{LIST}PI/00001/" in text(client.get(LIST))
    other = text(client.get(LIST, {"ente": "FI"}))
    assert f"{LIST}FI/00001/" in other
    assert f"{LIST}PI/00001/" not in other
    for nonsense in ("XX", "pi", "<script>", "", "LI"):
        assert f"{LIST}PI/00001/" in text(client.get(LIST, {"ente": nonsense}))


def test_what_is_paid_to_another_body_is_of_that_body(firenze: Entity):
    client = PlainClient()
    url = f"{LIST}FI/00001/"
    token = kept(client.post(url, FORMS[FEE]))
    assert client.post(f"{url}avviso/", {"dati": token})["Location"] == NOTICE
    assert made()[0].charge.entity == firenze
    assert firenze.name in text(client.get(NOTICE))


def test_the_list_asks_the_same_for_any_number_of_services():
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            PlainClient().get(LIST)
        return len(found)

    queries()
    before = queries()
    with scopes_disabled():
        row = SpontaneousService.objects.get(entity__code="PI", code="00004")
        for number in range(5):
            row.pk, row.code = None, f"9000{number}"
            row.save()
    assert queries() == before


# --- No guessing, no traces --------------------------------------------------------------------------------------


def test_who_makes_too_many_is_told_to_wait():
    client = PlainClient()
    statuses = [make(client, FEE).status_code for _ in range(11)]
    assert statuses == [302] * 10 + [429]


def test_a_payer_is_named_ten_times_an_hour_from_wherever():
    statuses = [make(PlainClient(REMOTE_ADDR=f"10.0.0.{last}"), FEE).status_code for last in range(11)]
    assert statuses == [302] * 10 + [429]
    assert make(PlainClient(REMOTE_ADDR="10.0.1.1"), FEE, codice_fiscale=GIULIA).status_code == 302


def test_the_form_too_has_a_brake():
    client = PlainClient()
    assert [client.post(FEE, {}).status_code for _ in range(41)] == [422] * 40 + [429]


def test_the_pages_say_the_same_of_a_payer_we_know_and_of_one_we_do_not():
    make_person("Mario", "Rossi", fiscal_code=MARIO)
    known = text(review(PlainClient(), FEE, nome="Nome Uguale")).replace(MARIO, "CODE")
    other = text(review(PlainClient(), FEE, nome="Nome Uguale", codice_fiscale=GIULIA)).replace(GIULIA, "CODE")
    assert _without_tokens(known) == _without_tokens(other)


def _without_tokens(page: str) -> str:
    import re

    return re.sub(r'value="[^"]{30,}"', "", page)


def test_no_personal_data_in_addresses_logs_or_the_audit_trail(caplog: pytest.LogCaptureFixture):
    client = PlainClient()
    with caplog.at_level(logging.DEBUG):
        response = make(client, FEE, email="mario@posta.example")
        client.get(response["Location"])
    events = [str(event.data) for event in Event.objects.all()]
    for secret in (MARIO, "Rossi", "mario@posta.example", "idoneità"):
        assert secret not in response["Location"]
        assert secret not in "".join(record.getMessage() for record in caplog.records if "SELECT" not in record.message)
        assert not [data for data in events if secret in data]
    assert Event.objects.filter(action="payments.spontaneous_opened").count() == 1


@pytest.mark.parametrize("url", [LIST, FEE, COPIES, PENALTY, RENT])
def test_the_pages_keep_to_the_policy_and_out_of_every_cache(url: str):
    response = PlainClient().get(url)
    assert broken_policy(read(response)) == []
    assert "no-store" in response["Cache-Control"]


def test_the_page_read_again_keeps_to_the_policy_and_out_of_every_cache():
    response = review(PlainClient(), RENT)
    assert broken_policy(read(response)) == []
    assert "no-store" in response["Cache-Control"]


def test_what_was_written_is_shown_as_text():
    page = text(review(PlainClient(), FEE, nome="<b>Mario</b>", motivo='"><script>x</script>'))
    assert "<b>Mario" not in page
    assert "<script>x" not in page


def test_the_forms_want_their_token():
    client = PlainClient(enforce_csrf_checks=True)
    assert client.post(FEE, FORMS[FEE]).status_code == 403
    assert client.post(f"{FEE}avviso/", {"dati": "x"}).status_code == 403


def test_the_way_here_is_on_the_pages_where_one_looks_for_it():
    for page in ("/pagamenti/", "/servizi/", "/mappa/", "/assistenza/", "/"):
        assert LIST in text(PlainClient().get(page)), page
