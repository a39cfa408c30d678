"""Levels: which are enough, what happens when a page asks for more, the session a provider keeps at level 1."""

import base64
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from portal import clock
from portal.people.models import Person
from portal.people.selectors import usable_mandates
from portal.people.session import IDENTITY_KEY, MANDATE_KEY
from portal.site.access import level_required
from spid_auth.domain.schemes import Scheme
from spid_auth.models import AuthnTransaction, IdentityProvider
from spid_auth.saml import backend
from spid_auth.saml.xml import attribute, find, one, text
from spid_auth.sandbox.people import ANSWERING, people, professionals
from spid_auth.sandbox.requests import ReadRequest
from tests.spid_auth.at_the_provider import AT_THE_PROVIDER, ask, choose, log_in, provider
from tests.spid_auth.browser_like import hidden_fields, is_in
from tests.spid_auth.factory import BASE


@level_required(3)
def _strong_page(request: Any) -> HttpResponse:
    return HttpResponse("forte")


def _opens_strong_page(browser: Client) -> HttpResponseBase:
    request = RequestFactory().get("/forte/?a=1")
    request.session = browser.session
    request.user = get_user(request)
    return _strong_page(request)


def _person(browser: Client) -> Person:
    return Person.objects.get(user__pk=browser.session["_auth_user_id"])


def _level(browser: Client) -> int:
    return int(browser.session[IDENTITY_KEY]["level"])


# -- The comparison table


def _read(level: int, comparison: str) -> ReadRequest:
    return ReadRequest("_1", "sp", "acs", level, (), "r", comparison=comparison)


@pytest.mark.parametrize("asked", [1, 2, 3])
@pytest.mark.parametrize("granted", [1, 2, 3])
def test_the_comparison_table(asked: int, granted: int) -> None:
    grants = {name: _read(asked, name).grants(granted) for name in ("exact", "minimum", "better", "maximum")}

    assert grants == {
        "exact": granted == asked,
        "minimum": granted >= asked,
        "better": granted > asked,
        "maximum": granted <= asked,
    }


@pytest.mark.parametrize("comparison", ["exact", "minimum", "better"])
@pytest.mark.parametrize("shown", ["1", "2", "3"])
def test_who_shows_enough_comes_in_and_who_does_not_reads_why(
    client: Client, seeded: IdentityProvider, settings: Any, comparison: str, shown: str
) -> None:
    settings.SPID_COMPARISON = comparison
    enough = _read(2, comparison).grants(int(shown))

    back = log_in(client, "giulia", level=shown)

    assert back.status_code == (302 if enough else 403)
    assert is_in(client) is enough
    if enough:
        assert _level(client) == int(shown)
    else:
        assert AuthnTransaction.objects.get().error_code == "nr20"


def test_nobody_logs_in_above_their_own_credentials(client: Client, seeded: IdentityProvider) -> None:
    assert log_in(client, "marco", level="3").status_code == 403
    assert AuthnTransaction.objects.get().error_code == "nr20"


@pytest.mark.parametrize("level", ["0", "4", "due", ""])
def test_a_level_that_does_not_exist_is_the_usual_one(client: Client, seeded: IdentityProvider, level: str) -> None:
    log_in(client, "giulia", level=level)

    assert _level(client) == 2


def test_every_purpose_has_its_types_of_identity() -> None:
    kinds = {one_of.kind for one_of in (*people(), *professionals())}

    assert all(ANSWERING.values())
    assert kinds <= set().union(*ANSWERING.values())


# -- A page asks for more


def _wants_more(browser: Client) -> str:
    sent_away = _opens_strong_page(browser)
    assert sent_away.status_code == 302
    page = browser.get(sent_away["Location"]).content.decode()
    assert "serve un accesso di livello 3" in page
    assert "Ora sei dentro con il livello 2" in page
    return "/forte/?a=1"


@pytest.mark.parametrize("scheme", [Scheme.SPID, Scheme.CIE])
def test_who_comes_back_stronger_goes_on_acting_for_the_same_company(
    client: Client, seeded: IdentityProvider, scheme: Scheme
) -> None:
    log_in(client, "giulia")
    session = client.session
    delegated = usable_mandates(_person(client), on=clock.today()).get(company__name__startswith="Edil")
    session[MANDATE_KEY] = mandate = delegated.pk
    session.save()
    next_path = _wants_more(client)

    back = log_in(client, "giulia", scheme=scheme, livello="3", next=next_path)

    assert (back.status_code, back["Location"]) == (302, next_path)
    assert (_level(client), client.session[MANDATE_KEY]) == (3, mandate)
    assert _opens_strong_page(client).status_code == 200


@pytest.mark.parametrize("choice", ["other-person", "consent"])
def test_another_person_does_not_take_the_session_over(client: Client, seeded: IdentityProvider, choice: str) -> None:
    log_in(client, "marco")
    before = dict(client.session)

    # Either the provider sends somebody else's answer, or somebody else logs in there.
    person = "marco" if choice == "other-person" else "giulia"
    back = log_in(client, person, choice, livello="2" if choice == "other-person" else "3", next="/forte/")

    assert back.status_code == 403
    assert "identità di un&#x27;altra persona" in back.content.decode()
    after = dict(client.session)
    assert {key: after[key] for key in before if key != "spid_requests"} == {
        key: before[key] for key in before if key != "spid_requests"
    }


@pytest.mark.parametrize("choice", ["consent", "level"])
def test_a_level_not_reached_leaves_things_as_they_are(client: Client, seeded: IdentityProvider, choice: str) -> None:
    log_in(client, "marco")
    user = client.session["_auth_user_id"]

    assert log_in(client, "marco", choice, livello="3").status_code == 403
    assert (client.session["_auth_user_id"], _level(client)) == (user, 2)
    assert _opens_strong_page(client).status_code == 302


# -- Level 1: the provider keeps a session


@pytest.fixture
def lax(seeded: IdentityProvider, settings: Any) -> IdentityProvider:
    """A portal that is content with level 1."""
    settings.SPID_LEVEL = 1
    return seeded


def _second_time(visitor: Client, level: str = "1") -> Any:
    """What the provider shows to a browser that logs in to the portal again."""
    fields = ask(Client(), livello=level)
    with AT_THE_PROVIDER:
        return visitor.post("/idp/sso", fields, follow=True)


def test_at_level_1_the_provider_does_not_ask_again(client: Client, lax: IdentityProvider) -> None:
    visitor = Client()
    log_in(client, "marco", visitor=visitor, level="1")

    assert "non ti sono chieste le credenziali" in _second_time(visitor).content.decode()
    assert "non ti sono chieste" not in _second_time(visitor, "2").content.decode()
    assert "non ti sono chieste" not in _second_time(Client()).content.decode()


def test_a_session_of_the_provider_has_one_index(lax: IdentityProvider) -> None:
    visitor = Client()
    indexes = set()
    for _ in range(2):
        back = choose(ask(Client(), livello="1"), "marco", visitor=visitor)
        answer = backend.parse(base64.b64decode(back["SAMLResponse"]))
        indexes.add(attribute(one(answer, "//saml:AuthnStatement"), "SessionIndex"))

    assert len(indexes) == 1
    assert all(indexes)


def test_from_level_2_there_is_no_session_index(client: Client, lax: IdentityProvider) -> None:
    back = choose(ask(client, livello="2"), "giulia")

    answer = backend.parse(base64.b64decode(back["SAMLResponse"]))
    assert [node.get("SessionIndex") for node in find(answer, "//saml:AuthnStatement")] == [None]


@pytest.mark.parametrize("by_post", [True, False])
def test_who_leaves_the_portal_leaves_the_provider_too(client: Client, lax: IdentityProvider, by_post: bool) -> None:
    if not by_post:
        IdentityProvider.objects.update(slo_post_url="")
    visitor = Client()
    log_in(client, "marco", visitor=visitor, level="1")

    leaving = client.post("/esci/")

    assert not is_in(client)
    with AT_THE_PROVIDER:
        if by_post:
            answered = hidden_fields(visitor.post("/idp/slo", hidden_fields(leaving)))
        else:
            back = visitor.get(leaving["Location"].removeprefix("http://localhost:8001"))["Location"]
    ended = Client().post("/spid/slo", answered) if by_post else Client().get(back.removeprefix(BASE))
    assert (ended.status_code, ended["Location"]) == (303, "/spid/uscita")
    assert "non ti sono chieste" not in _second_time(visitor).content.decode()


def test_a_logout_is_only_believed_from_who_signs_it(client: Client, lax: IdentityProvider) -> None:
    visitor = Client()
    log_in(client, "marco", visitor=visitor, level="1")
    asked = hidden_fields(client.post("/esci/"))
    root = backend.parse(base64.b64decode(asked["SAMLRequest"]))
    touched = base64.b64encode(base64.b64decode(asked["SAMLRequest"]).replace(b"Version", b"Versione")).decode()

    with AT_THE_PROVIDER:
        assert visitor.post("/idp/slo", asked | {"SAMLRequest": touched}).status_code == 403
        assert visitor.post("/idp/slo", {"SAMLRequest": "x"}).status_code == 400
        assert visitor.get("/idp/slo?SAMLRequest=x").status_code == 400
    assert text(one(root, "samlp:SessionIndex"))
    assert "non ti sono chieste" in _second_time(visitor).content.decode()


def test_a_session_already_ended_is_a_partial_logout(client: Client, lax: IdentityProvider) -> None:
    log_in(client, "marco", level="1")
    asked = hidden_fields(client.post("/esci/"))
    with AT_THE_PROVIDER:
        assert hidden_fields(Client().post("/idp/slo", asked))
        again = hidden_fields(Client().post("/idp/slo", asked))

    code = attribute(
        one(backend.parse(base64.b64decode(again["SAMLResponse"])), "//samlp:Status/samlp:StatusCode"), "Value"
    )
    assert code.endswith("Responder")


def test_the_provider_ends_the_session_of_who_entered_last(client: Client, lax: IdentityProvider) -> None:
    visitor = Client()
    log_in(client, "marco", visitor=visitor, level="1")
    with AT_THE_PROVIDER:
        asked = hidden_fields(visitor.post("/idp/esci"))

    arrived = Client().post("/spid/slo", asked)
    client.get(arrived["Location"])

    assert not is_in(client)
    assert "non ti sono chieste" not in _second_time(visitor).content.decode()


@pytest.mark.parametrize("token", ["", "x", "x:y:z"])
def test_the_way_back_in_needs_a_request(seeded: IdentityProvider, token: str) -> None:
    with AT_THE_PROVIDER:
        assert Client().get("/idp/riprendi", {"token": token}).status_code == 400


def test_a_request_read_by_one_face_is_no_good_at_another(client: Client, seeded: IdentityProvider) -> None:
    with AT_THE_PROVIDER:
        listed = hidden_fields(Client().post("/idp/sso", ask(client)))
        assert Client().post("/cie/consenso", listed | {"person": "giulia"}).status_code == 400


def test_the_rows_of_the_three_faces_know_where_to_send_who_leaves(seeded: IdentityProvider) -> None:
    assert provider(Scheme.SPID).slo_post_url.endswith("/idp/slo")
    assert (provider(Scheme.CIE).slo_post_url, provider(Scheme.CIE).slo_redirect_url) == (
        "",
        "http://localhost:8001/cie/slo",
    )


def test_who_comes_back_stronger_has_another_session_key(client: Client, seeded: IdentityProvider) -> None:
    log_in(client, "giulia")
    before = client.session.session_key

    log_in(client, "giulia", livello="3")

    assert _level(client) == 3
    assert client.session.session_key != before
    assert not client.session.exists(before)
