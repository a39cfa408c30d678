"""The page where a citizen chooses how to come in: what is offered, in which words, and what the buttons carry."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils.html import escape
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from spid_auth import marks, selectors
from spid_auth.domain.schemes import Scheme
from spid_auth.models import AuthnTransaction, IdentityProvider, ServiceProviderEntity
from tests.spid_auth.at_the_provider import log_in, provider
from tests.spid_auth.browser_like import is_in

WAYS = {
    Scheme.SPID: "Entra con SPID",
    Scheme.CIE: "Entra con CIE",
    Scheme.EIDAS: "Login with eIDAS",
}


def _page(browser: Client, **query: str) -> str:
    shown = browser.get("/accedi/", query)
    assert shown.status_code == 200
    return str(shown.content.decode())


def _buttons(page: str, scheme: Scheme) -> list[dict[str, list[str]]]:
    """What each link of a system carries."""
    links = re.findall(r'href="(/spid/accedi/\?[^"]+)"', page)
    asked = [parse_qs(urlsplit(link.replace("&amp;", "&")).query) for link in links]
    return [one for one in asked if one["idp"] == [str(provider(scheme).pk)]]


def test_all_the_ways_are_there(client: Client, seeded: IdentityProvider) -> None:
    page = _page(client)

    assert all(words in page for words in WAYS.values())
    assert "Entra con SPID per uso professionale" in page
    assert re.search(r'<section[^>]*lang="en">\s*<h2[^>]*>European digital identity', page)


@pytest.mark.parametrize("scheme", WAYS)
def test_a_system_without_a_provider_is_not_offered(client: Client, seeded: IdentityProvider, scheme: Scheme) -> None:
    IdentityProvider.objects.filter(scheme=scheme).update(enabled=False)

    page = _page(client)

    assert WAYS[scheme] not in page
    assert all(words in page for other, words in WAYS.items() if other is not scheme)


@pytest.mark.parametrize(("scheme", "field"), [(Scheme.CIE, "with_cie"), (Scheme.EIDAS, "with_eidas")])
def test_a_body_outside_a_system_does_not_offer_it_nor_start_it(
    client: Client, seeded: IdentityProvider, scheme: Scheme, field: str
) -> None:
    ServiceProviderEntity.objects.update(**{field: False})

    assert WAYS[scheme] not in _page(client)
    assert client.get("/spid/accedi/", {"idp": provider(scheme).pk}).status_code == 404
    assert not AuthnTransaction.objects.exists()


def test_with_no_provider_at_all_the_page_says_so(client: Client, seeded: IdentityProvider) -> None:
    IdentityProvider.objects.update(enabled=False)

    page = _page(client)

    assert "nessun gestore dell'identità digitale" in page
    assert "/spid/accedi/" not in page


def test_every_button_keeps_the_way_back_the_level_and_the_body(client: Client, seeded: IdentityProvider) -> None:
    page = _page(client, next="/area/?a=1&b=2", livello="3", ente="li")

    for scheme in (Scheme.SPID, Scheme.EIDAS):
        for carried in _buttons(page, scheme):
            assert (carried["next"], carried["livello"], carried["ente"]) == (["/area/?a=1&b=2"], ["3"], ["LI"])
    assert "Il servizio è di: Provincia di Livorno." in page
    assert [carried.get("uso") for carried in _buttons(page, Scheme.SPID)] == [None, ["P"]]


def test_the_request_leaves_in_the_name_of_the_body(client: Client, seeded: IdentityProvider) -> None:
    assert log_in(client, "marco", ente="FI").status_code == 302

    assert AuthnTransaction.objects.get().sp_entity_id == "http://127.0.0.1:8000/pub-ag-full/fi"
    assert is_in(client)


@pytest.mark.parametrize("ente", ["ZZ", "NESSUNO"])
def test_a_body_that_takes_no_part_offers_nothing(client: Client, seeded: IdentityProvider, ente: str) -> None:
    assert "nessun gestore" in _page(client, ente=ente)
    assert client.get("/spid/accedi/", {"idp": str(seeded.pk), "ente": ente}).status_code == 403


@pytest.mark.parametrize("ente", ["", "<b>", "P1", "PISAPISAPISA", "../..", "PI' OR 1=1"])
def test_what_is_no_code_is_the_default_body(client: Client, seeded: IdentityProvider, ente: str) -> None:
    page = _page(client, ente=ente)

    assert not re.search(r'href="/spid/accedi/[^"]*ente=', page)
    assert WAYS[Scheme.SPID] in page
    assert client.get("/spid/accedi/", {"idp": str(seeded.pk), "ente": ente}).status_code == 200


@pytest.mark.parametrize(
    ("level", "spid", "cie", "eidas"),
    [
        ("1", "bastano nome utente e password", "bastano le credenziali di CIE", "low or higher"),
        ("2", "una conferma con l'app o con un codice", "oltre alle credenziali di CIE", "substantial or higher"),
        ("3", "una carta o un dispositivo di firma", "servono la carta e il suo PIN", "high."),
    ],
)
def test_each_level_is_told_in_words(
    client: Client, seeded: IdentityProvider, settings: Any, level: str, spid: str, cie: str, eidas: str
) -> None:
    settings.SPID_LEVEL = 1
    page = _page(client, livello=level)

    assert f"Livello {level}:" in page
    for words in (spid, cie, eidas):
        assert words in page or escape(words) in page


def test_who_must_come_back_stronger_is_told_what_stays(client: Client, seeded: IdentityProvider) -> None:
    log_in(client, "giulia")

    page = _page(client, livello="3")

    assert "Per questa pagina serve un accesso di livello 3" in page
    assert "Ora sei dentro con il livello 2" in page
    assert "Per questa pagina serve" not in _page(Client(), livello="3")


def test_providers_of_spid_come_in_no_fixed_order(seeded: IdentityProvider) -> None:
    for number in range(6):
        IdentityProvider.objects.create(
            issuer=f"https://idp{number}.example",
            name=f"Gestore {number}",
            sso_post_url="https://idp.example/sso",
            certificates=seeded.certificates,
        )

    orders = {tuple(one.pk for one in selectors.providers_by_scheme()["spid"]) for _ in range(40)}

    assert len(orders) > 1


def test_a_new_provider_is_in_both_menus_by_itself(client: Client, seeded: IdentityProvider) -> None:
    IdentityProvider.objects.create(
        issuer="https://nuovo.example",
        name="Gestore <nuovo> & figli",
        sso_post_url="https://nuovo.example/sso",
        certificates=seeded.certificates,
    )

    assert _page(client).count("Gestore &lt;nuovo&gt; &amp; figli") == 2


def test_the_page_asks_the_database_as_much_for_many_providers(
    client: Client, seeded: IdentityProvider, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        IdentityProvider.objects.create(
            issuer=f"https://idp{number}.example",
            name=f"Gestore {number}",
            sso_post_url="https://idp.example/sso",
            certificates=seeded.certificates,
        )

    with django_assert_max_num_queries(8):
        _page(client)


def test_an_official_mark_takes_the_place_of_ours(
    client: Client, seeded: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks.official_marks.cache_clear()
    monkeypatch.setattr(
        "django.contrib.staticfiles.finders.find", lambda name: "x" if name.endswith("cie.svg") else None
    )
    try:
        page = _page(client)
    finally:
        marks.official_marks.cache_clear()

    assert re.findall(r'<img class="way-mark" src="([^"]+)" alt=""', page) == ["/static/spid_auth/official/cie.svg"]


def test_the_project_carries_no_official_mark() -> None:
    marks.official_marks.cache_clear()

    assert not any(marks.official_marks().values())


_TEXT = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])  # NUL is refused before any page


@hypothesis(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ente=st.text(_TEXT, max_size=12), level=st.text(_TEXT, max_size=3), way=st.text(_TEXT, max_size=30))
def test_no_address_breaks_the_page(client: Client, seeded: IdentityProvider, ente: str, level: str, way: str) -> None:
    asked = {"ente": ente, "livello": level, "next": way}

    assert client.get("/accedi/", asked).status_code == 200
