"""Filling the application: drafts, rows, errors, sending."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django_scopes import scopes_disabled

from exceptional_transport.handler import SERVICE
from exceptional_transport.models import Application, Vehicle
from portal.cases.models import Attachment, Case, Draft
from portal.entities.models import Entity
from portal.messaging.models import Message
from portal.people.acting import Acting
from tests.exceptional_transport import pages
from tests.exceptional_transport.pages import url
from tests.factories.platform import log_in, make_person, make_staff


def saved(step: str) -> Any:
    return Draft.objects.get(service=SERVICE, case__isnull=True).data[step]


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_a_visitor_logs_in_first_and_comes_back_here(client: Client, pisa: Entity):
    response = client.get(url())
    assert response.status_code == 302
    assert response["Location"].startswith("/accedi/?next=/servizi/trasporto-eccezionale/")


def test_staff_have_no_application_to_fill(client: Client, pisa: Entity):
    client.force_login(make_staff(pisa))
    assert client.get(url()).status_code == 404


def test_a_weaker_identity_is_sent_to_log_in_again_at_the_level_of_the_service(client: Client, pisa: Entity):
    log_in(client, make_person(), level=1)
    assert client.get(url())["Location"] == "/accedi/?next=%2Fservizi%2Ftrasporto-eccezionale%2F&livello=2"


def test_one_link_leads_from_the_card_into_the_application(citizen: Client, pisa: Entity):
    card = text_of(citizen.get(f"/servizi/{SERVICE}/"))
    assert "Autorizzazione al trasporto eccezionale" in card
    assert f"/servizi/{SERVICE}/accedi/" in card
    response = citizen.get(f"/servizi/{SERVICE}/accedi/", follow=True)
    assert response.redirect_chain[-1][0] == url("richiedente")


def test_looking_writes_nothing(citizen: Client, pisa: Entity):
    response = citizen.get(url(), follow=True)
    assert response.status_code == 200
    assert "Autotrasporti Bianchi" in text_of(response)
    assert not Draft.objects.exists()


@pytest.mark.parametrize("slug", ["richiedente", "veicoli", "carico", "percorso", "periodo", "allegati", "riepilogo"])
def test_every_step_opens_on_an_empty_draft(citizen: Client, pisa: Entity, slug: str):
    response = citizen.get(url(slug))
    assert response.status_code == 200
    assert "Passo " in text_of(response)


def test_an_unknown_step_is_not_found(citizen: Client, pisa: Entity):
    assert citizen.get(url("inventato")).status_code == 404


@pytest.mark.parametrize("slug", ["richiedente", "veicoli", "carico", "percorso", "periodo"])
def test_a_draft_is_saved_with_every_required_field_empty(citizen: Client, pisa: Entity, slug: str):
    response = citizen.post(url(slug), {"azione": "salva"})
    assert response.status_code == 302
    assert response["Location"] == url(slug)
    assert slug in Draft.objects.get().data


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        ("richiedente", "Tipo di autorizzazione: Scegli il tipo di autorizzazione."),
        ("veicoli", "Veicolo 1, Targa: Inserisci la targa."),
        ("carico", "Massa del carico in kg: Inserisci la massa del carico"),
        ("percorso", "Tratto 1, Strada: Scegli la strada."),
        ("periodo", "Dal: Inserisci la data di inizio."),
    ],
)
def test_going_on_names_what_is_missing(citizen: Client, pisa: Entity, slug: str, sentence: str):
    rows = {"veicoli": {"vehicles": "1", "v0-axles": "2"}, "percorso": {"legs": "1"}}
    response = citizen.post(url(slug), {"azione": "avanti", **rows.get(slug, {})})
    assert response.status_code == 200
    assert "Controlla questi punti" in text_of(response)
    assert sentence in text_of(response).replace("&#x27;", "'")


def test_leaving_and_coming_back_resumes_the_draft(citizen: Client, pisa: Entity):
    citizen.post(url("carico"), {"description": "Una gru", "azione": "salva"})
    page = text_of(citizen.get(url()))
    assert "Riprendi la bozza" in page
    assert "Ricomincia" in page
    assert "Una gru" in text_of(citizen.get(url("carico")))


def test_beginning_again_throws_the_draft_away(citizen: Client, pisa: Entity):
    citizen.post(url("carico"), {"description": "Una gru", "azione": "salva"})
    pages.attach(citizen, "altro")
    citizen.post(url("ricomincia"))
    assert not Draft.objects.exists()


def test_the_draft_of_the_company_is_not_that_of_the_person(
    citizen: Client, client: Client, pisa: Entity, haulier: Acting
):
    citizen.post(url("carico"), {"description": "Una gru", "azione": "salva"})
    other = Client()
    log_in(other, haulier.person)
    assert "Una gru" not in text_of(other.get(url("carico")))


def test_axles_and_vehicles_are_added_and_removed_without_scripts(citizen: Client, pisa: Entity):
    citizen.post(url("veicoli"), {**pages.vehicles(), "azione": "aggiungi-asse:1"})
    assert len(saved("veicoli")["vehicles"][1]["axles"]) == 4
    response = citizen.post(url("veicoli"), {**pages.vehicles(), "azione": "togli-asse:0:1"})
    assert response["Location"].endswith("#veicolo-0")
    assert saved("veicoli")["vehicles"][0]["axles"] == [
        {"mass": "7500", "spacing": "", "driven": False, "twin_tyres": False, "air_suspension": False}
    ]
    citizen.post(url("veicoli"), {**pages.vehicles(), "azione": "aggiungi-veicolo"})
    assert len(saved("veicoli")["vehicles"]) == 3
    citizen.post(url("veicoli"), {**pages.vehicles(), "azione": "togli-veicolo:0"})
    assert [row["plate"] for row in saved("veicoli")["vehicles"]] == ["xa 456 yz"]


@pytest.mark.parametrize(
    "action", ["togli-asse:9:9", "togli-veicolo:99", "usa-veicolo:7", "aggiungi-asse:", "boh", "x:y:z"]
)
def test_a_hostile_button_changes_nothing(citizen: Client, pisa: Entity, action: str):
    assert citizen.post(url("veicoli"), {**pages.vehicles(), "azione": action}).status_code == 302
    assert [len(row["axles"]) for row in saved("veicoli")["vehicles"]] == [2, 3]


def test_a_million_rows_are_not_read(citizen: Client, pisa: Entity):
    citizen.post(url("veicoli"), {"vehicles": "999", "v0-axles": "999", "azione": "salva"})
    assert len(saved("veicoli")["vehicles"]) == 4
    assert len(saved("veicoli")["vehicles"][0]["axles"]) == 10
    citizen.post(url("veicoli"), {"vehicles": "10000000000", "azione": "salva"})
    assert saved("veicoli")["vehicles"] == []


def test_the_convoy_must_hold_together(citizen: Client, pisa: Entity):
    sent = {**pages.vehicles(), "v0-kind": "semitrailer", "v1-kind": "tractor"}
    assert "veicolo a motore" in text_of(citizen.post(url("veicoli"), sent))
    twice = {**pages.vehicles(), "v1-plate": "AB 123 CD"}
    assert "La stessa targa compare due volte" in text_of(citizen.post(url("veicoli"), twice))


def test_numbers_are_read_as_people_write_them(citizen: Client, pisa: Entity):
    assert citizen.post(url("carico"), pages.load(mass="28.000", width="3", height="4,20")).status_code == 302
    for wrong in (
        {"mass": "28 t"},
        {"mass": "-5"},
        {"width": "tre"},
        {"width": "NaN"},
        {"height": "4,2005"},
        {"mass": "²"},
    ):
        assert citizen.post(url("carico"), pages.load(**wrong)).status_code == 200, wrong


def test_a_route_that_does_not_hold_says_where_the_roads_meet(citizen: Client, pisa: Entity):
    broken = pages.legs(("PI:SP5", "0", "1+500"), ("PI:SP12", "0", "1"))
    assert "SP5 km 2+000 = SP12 km 1+500" in text_of(citizen.post(url("percorso"), broken))
    apart = pages.legs(("PI:SP5", "0", "2"), ("PI:SP9", "0", "0+500"))
    assert "non si incontrano" in text_of(citizen.post(url("percorso"), apart))
    outside = pages.legs(("PI:SP5", "0", "99"))
    assert "il km 99+000 non esiste" in text_of(citizen.post(url("percorso"), outside))
    unknown = pages.legs(("FI:SP77", "0", "1"))
    assert "non è nella rete" in text_of(citizen.post(url("percorso"), unknown))


def test_legs_are_added_with_the_crossings_of_the_road_in_sight(citizen: Client, pisa: Entity):
    citizen.post(url("percorso"), {**pages.legs(("PI:SP5", "0", "2")), "azione": "aggiungi-tratto"})
    page = text_of(citizen.get(url("percorso")))
    assert "Tratto 2" in page
    assert "SP12 al km 2+000" in page
    citizen.post(url("percorso"), {**pages.legs(), "azione": "togli-tratto:0"})
    assert [row["road"] for row in saved("percorso")["legs"]] == ["PI:SP12"]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (pages.period, "scrivi perché è urgente"),
        (lambda: pages.period(-2, 10), "già passata"),
        (lambda: pages.period(30, 20), "viene prima di quella di inizio"),
        (lambda: pages.period(30, 400), "può durare fino al"),
        (lambda: {"start_on": "2026-02-31", "end_on": "boh"}, "Scrivi una data valida"),
    ],
)
def test_dates_are_judged(citizen: Client, pisa: Entity, sent: Callable[..., dict[str, str]], sentence: str):
    answers = sent(3, 10) if sent is pages.period else sent()
    citizen.post(url("richiedente"), {"kind": "single"})
    assert sentence in text_of(citizen.post(url("periodo"), answers))


def test_an_urgent_trip_needs_only_its_reason(citizen: Client, pisa: Entity):
    citizen.post(url("richiedente"), {"kind": "single"})
    assert citizen.post(url("periodo"), pages.period(3, 10, urgent_reason="Guasto di linea")).status_code == 302


def test_files_are_uploaded_listed_and_removed(citizen: Client, pisa: Entity):
    pages.attach(citizen, "carte-circolazione", pages.pdf("../../libretto AB.pdf"))
    page = text_of(citizen.get(url("allegati")))
    assert "libretto AB.pdf" in page
    assert ".." not in page.split("libretto AB.pdf")[0][-40:]
    with scopes_disabled():
        found = Attachment.objects.get()
    citizen.post(f"/servizi/trasporto-eccezionale/allegati/{found.uuid}/togli/")
    with scopes_disabled():
        assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("vuoto.pdf", b"", "vuoto"),
        ("falso.pdf", b"<script>alert(1)</script>", "Il tipo di file non è ammesso"),
        ("programma.pdf", b"MZ" + b"\0" * 200, "Il tipo di file non è ammesso"),
    ],
)
def test_hostile_files_are_refused_with_a_sentence(
    citizen: Client, pisa: Entity, name: str, content: bytes, sentence: str
):
    response = pages.attach(citizen, "carte-circolazione", pages.pdf(name, content))
    assert response.status_code == 200
    assert text_of(response).count(sentence) == 2  # in the summary of errors and beside the field
    assert 'href="#id_carte-circolazione-file"' in text_of(response)


def test_a_file_needs_a_slot_that_exists(citizen: Client, pisa: Entity):
    assert pages.attach(citizen, "inventato").status_code == 404


def test_another_person_cannot_touch_my_files(citizen: Client, pisa: Entity):
    pages.attach(citizen, "altro")
    with scopes_disabled():
        attachment = Attachment.objects.get()
    stranger = Client()
    log_in(stranger, make_person())
    assert stranger.post(f"/servizi/trasporto-eccezionale/allegati/{attachment.uuid}/togli/").status_code == 404


def test_the_summary_says_what_is_missing_and_offers_no_sending(citizen: Client, pisa: Entity):
    citizen.post(url("carico"), pages.load())
    page = text_of(citizen.get(url("riepilogo")))
    assert "La domanda non è ancora completa" in page
    assert "Invia la domanda" not in page


def test_an_incomplete_application_is_not_sent(citizen: Client, pisa: Entity):
    citizen.post(url("carico"), pages.load())
    assert citizen.post(url("invia"), pages.DECLARATIONS).status_code == 200
    with scopes_disabled():
        assert not Case.objects.exists()


def test_the_declarations_must_be_made(citizen: Client, pisa: Entity):
    pages.fill_all(citizen)
    response = citizen.post(url("invia"), {"truthful": "on"})
    assert response.status_code == 200
    assert "devi confermare questa dichiarazione" in text_of(response)


def test_the_summary_shows_everything_with_the_way_back(citizen: Client, pisa: Entity):
    pages.fill_all(citizen)
    page = text_of(citizen.get(url("riepilogo")))
    for words in ("AB123CD", "XA456YZ", "44,00 t", "Trave prefabbricata", "SP12 di Prova", "62,00", "solo dimensioni"):
        assert words in page, words
    for slug in ("richiedente", "veicoli", "carico", "percorso", "periodo", "allegati"):
        assert f'href="{url(slug)}"' in page


def test_sending_gives_a_case_with_number_term_receipt_and_message(
    submitted: Callable[..., Case], citizen: Client, haulier: Acting
):
    case = submitted()
    page = text_of(citizen.get(url(f"inviata/{case.code}")))
    assert str(case.protocol) in page
    assert case.due_on is not None
    assert f"{case.due_on:%d/%m/%Y}" in page
    assert f"/area/pratiche/{case.code}/ricevuta.pdf" in page
    with scopes_disabled():
        application = Application.objects.get(case=case)
        assert [(leg.road_code, leg.from_m, leg.to_m) for leg in application.legs.all()] == [
            ("SP5", 0, 2000),
            ("SP12", 1500, 0),
        ]
        assert [vehicle.axles.count() for vehicle in application.vehicles.all()] == [2, 3]
        assert Message.objects.filter(source=case.source, person=haulier.person).count() == 1
    assert case.entity.code == "PI"
    assert case.title == "Trasporto eccezionale, singola, 44,0 t"


def test_sent_twice_it_is_one_case(submitted: Callable[..., Case], citizen: Client):
    case = submitted()
    again = citizen.post(url("invia"), pages.DECLARATIONS)
    assert again["Location"] == url(f"inviata/{case.code}")
    with scopes_disabled():
        assert Case.objects.count() == 1


def test_saved_vehicles_are_offered_in_the_next_application(
    submitted: Callable[..., Case], citizen: Client, haulier: Acting
):
    submitted()
    assert {vehicle.plate for vehicle in Vehicle.objects.filter(company=haulier.company)} == {"AB123CD", "XA456YZ"}
    assert "I tuoi veicoli salvati" in text_of(citizen.get(url("veicoli")))
    citizen.post(url("veicoli"), {"vehicles": "1", "v0-axles": "2", "azione": "usa-veicolo:0"})
    first = saved("veicoli")["vehicles"][0]
    assert len(first["axles"]) == (2 if first["plate"] == "AB123CD" else 3)


def test_vehicles_of_others_are_never_offered(submitted: Callable[..., Case]):
    submitted()
    stranger = Client()
    log_in(stranger, make_person())
    assert "AB123CD" not in text_of(stranger.get(url("veicoli")))


def test_the_confirmation_of_anothers_case_is_not_found(submitted: Callable[..., Case]):
    case = submitted()
    stranger = Client()
    log_in(stranger, make_person())
    assert stranger.get(url(f"inviata/{case.code}")).status_code == 404


def test_the_network_is_served_as_geojson_and_only_ours(client: Client, pisa: Entity):
    response = client.get("/servizi/trasporto-eccezionale/rete/PI.geojson")
    assert {feature["properties"]["layer"] for feature in response.json()["features"]} == {"road"}
    assert client.get("/servizi/trasporto-eccezionale/rete/XX.geojson").status_code == 404


def test_no_page_runs_or_styles_inline(citizen: Client, pisa: Entity):
    pages.fill_all(citizen)
    for slug in ("richiedente", "veicoli", "carico", "percorso", "periodo", "allegati", "riepilogo"):
        page = text_of(citizen.get(url(slug)))
        assert " style=" not in page, slug
        assert "<style" not in page, slug
        assert " onclick=" not in page, slug


def test_a_page_costs_a_fixed_number_of_queries(citizen: Client, pisa: Entity, django_assert_max_num_queries: Any):
    pages.fill_all(citizen)
    citizen.get(url("veicoli"))
    with django_assert_max_num_queries(25):
        citizen.get(url("veicoli"))
    with django_assert_max_num_queries(30):
        citizen.get(url("riepilogo"))
