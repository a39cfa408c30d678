import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from portal.catalogue import cards
from portal.entities.models import Entity
from tests.factories.platform import SERVICE, make_staff
from tests.portal.site.pages import Page, read

PAGES = [
    "/",
    "/servizi/",
    "/servizi/?q=prova",
    "/servizi/?q=nessuno-la-offre",
    f"/servizi/{SERVICE}/",
    "/assistenza/",
    "/privacy/",
    "/note-legali/",
    "/accessibilita/",
    "/mappa/",
    "/verifica/",
]


def broken_policy(page: Page) -> list[str]:
    """What a strict content security policy would refuse."""
    found = [f"style on <{tag}>" for tag, attributes in page.elements if "style" in attributes]
    found += [f"{name} on <{tag}>" for tag, attributes in page.elements for name in attributes if name.startswith("on")]
    found += ["<style>" for _ in page.all("style")]
    scripts = [script for script in page.all("script") if script.get("type") != "application/ld+json"]
    return found + ["inline script" for script in scripts if "src" not in script]


@pytest.mark.parametrize("address", PAGES)
def test_every_public_page_opens_and_respects_the_policy(client: Client, entity: Entity, address: str) -> None:
    response = client.get(address)
    page = read(response)

    assert response.status_code == 200
    assert broken_policy(page) == []
    assert len(page.all("main")) == len(page.all("footer", class_="footer on-dark")) == 1
    assert len(page.all("h1")) == 1
    assert page.all("a", class_="skip-link", href="#contenuto")
    assert page.all("main", id="contenuto")


def test_the_page_shows_the_face_of_the_host(client: Client, entity: Entity) -> None:
    Entity.objects.create(
        code="FI", ipa_code="fi", fiscal_code="80000000099", name="Città metropolitana", hostname="firenze.localhost"
    )

    here, there = client.get("/"), client.get("/", headers={"host": "firenze.localhost"})

    assert read(here).all("html", class_="theme-pi")
    assert read(there).all("html", class_="theme-fi")
    assert "Città metropolitana" in there.content.decode()


def test_an_unknown_address_is_a_404_with_a_way_out(client: Client, entity: Entity) -> None:
    response = client.get("/non-esiste/")

    assert response.status_code == 404
    assert read(response).all("a", href="/servizi/", class_="btn btn-primary")


@pytest.mark.parametrize("address", ["/servizi/mai-visto/", "/servizi/?categoria=Inventata"])
def test_services_and_categories_that_do_not_exist_are_404(client: Client, entity: Entity, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_search_without_results_says_what_to_do(client: Client, entity: Entity) -> None:
    page = read(client.get("/servizi/?q=<script>alert(1)</script>"))

    assert "elenco completo" in page.text
    assert broken_policy(page) == []


def test_the_card_keeps_the_order_of_the_national_model(client: Client, entity: Entity) -> None:
    wanted = [
        "metatag",
        "breadcrumb",
        "service-title",
        "service-status",
        "service-description",
        "page-index",
        "service-addressed",
        "service-how-to",
        "service-needed",
        "service-achieved",
        "service-calendar-text",
        "service-cost",
        "service-online-access",
        "service-file",
        "service-area",
        "service-topic",
    ]
    card = cards.card("autorizzazione-trasporto-eccezionale")

    hooks = read(client.get(f"/servizi/{card.slug}/")).hooks()

    assert [hook for hook in hooks if hook in wanted] == [*wanted, *["service-topic"] * (len(card.topics) - 1)]


def test_the_index_at_the_side_names_every_item_of_the_page(client: Client, entity: Entity) -> None:
    page = read(client.get(f"/servizi/{SERVICE}/"))

    anchors = {attributes["id"] for _tag, attributes in page.elements if "id" in attributes}
    links = [link["href"][1:] for link in page.all("a") if link.get("href", "").startswith("#")]

    assert {"a-chi", "come-fare", "cosa-serve", "cosa-si-ottiene", "tempi", "costi", "contatti"} <= set(links)
    assert set(links) <= anchors


def test_the_structured_data_parse_and_say_who_offers_the_service(client: Client, entity: Entity) -> None:
    [block] = read(client.get(f"/servizi/{SERVICE}/")).data_blocks

    data = json.loads(block)

    assert data["@type"] == "GovernmentService"
    assert data["serviceOperator"]["name"] == entity.name
    address = data["availableChannel"]["serviceLocation"]["address"]
    assert (address["streetAddress"], address["postalCode"], address["addressLocality"]) == (
        "Piazza Vittorio Emanuele II 14",
        "56125",
        "Pisa",
    )


def test_access_leads_through_the_login_straight_into_the_service(client: Client, entity: Entity) -> None:
    card = cards.card("autorizzazione-trasporto-eccezionale")

    response = client.get(f"/servizi/{card.slug}/accedi/")

    assert response.status_code == 302
    assert response.headers["Location"] == f"/accedi/?next={card.start_url}"


def test_staff_do_not_start_applications(client: Client, entity: Entity) -> None:
    client.force_login(make_staff(entity))

    response = client.get("/servizi/autorizzazione-trasporto-eccezionale/accedi/", follow=True)

    assert "entra con SPID" in response.content.decode()


@pytest.mark.parametrize("code", ["<x", "", "a" * 41])
def test_a_wrong_verification_code_comes_back_with_its_error(client: Client, entity: Entity, code: str) -> None:
    response = client.get("/verifica/", {"codice": code})

    assert response.status_code == 200
    assert read(response).all("div", role="alert")


def test_a_verification_code_leads_to_the_document(client: Client, entity: Entity) -> None:
    assert client.get("/verifica/", {"codice": "abc_D-1"}).headers["Location"] == "/verifica/abc_D-1/"


def test_the_home_needs_few_queries(client: Client, entity: Entity, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        client.get("/")


@pytest.mark.parametrize(
    ("came_from", "way_back"),
    [
        ("http://testserver/area/impostazioni/", "http://testserver/area/impostazioni/"),
        ("http://altrove.example/", "/esci/"),
    ],
)
def test_an_old_form_says_that_it_expired_and_leads_back(entity: Entity, came_from: str, way_back: str) -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/esci/", headers={"referer": came_from})
    page = read(response)

    assert response.status_code == 403
    assert "scaduta" in page.text
    assert page.all("a", class_="btn btn-primary", href=way_back)


@pytest.fixture
def chosen_language(settings: Any) -> None:
    """The language of the pages is chosen by the visitor alone."""
    ours = "portal.site.middleware.ChosenLanguageMiddleware"
    settings.MIDDLEWARE = [
        ours if name == "django.middleware.locale.LocaleMiddleware" else name for name in settings.MIDDLEWARE
    ]


@pytest.mark.parametrize("cookie", ["", "de", "xx", "../../etc"])
def test_the_page_is_italian_until_another_language_is_chosen(
    client: Client, entity: Entity, chosen_language: None, cookie: str
) -> None:
    client.cookies["django_language"] = cookie

    response = client.get("/", headers={"accept-language": "de,en;q=0.8"})

    assert read(response).all("html", lang="it")


@pytest.mark.parametrize("page", ["/admin/login/", "/personale/login/"])
def test_the_pages_of_the_staff_are_italian_whatever_was_chosen(
    client: Client, entity: Entity, chosen_language: None, page: str
) -> None:
    client.cookies["django_language"] = "en"

    response = client.get(page, follow=True)

    assert response.status_code == 200
    assert response.headers["Content-Language"] == "it"
    assert read(response).all("html", lang="it")


def test_english_is_offered_only_when_it_is_compiled(client: Client, entity: Entity, chosen_language: None) -> None:
    compiled = (Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES" / "django.mo").exists()
    client.cookies["django_language"] = "en"

    page = read(client.get("/"))

    assert bool(page.all("button", lang="en")) == compiled
    assert bool(page.all("html", lang="en")) == compiled
