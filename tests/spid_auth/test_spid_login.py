"""The login as a browser lives it: it leaves with a request, comes back with an answer, is in or reads why not."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import clock
from portal.accounts.models import Kind
from portal.audit.models import Event
from portal.people.models import Person
from spid_auth.domain.transactions import MESSAGES_A_REQUEST, State
from spid_auth.models import AuthnTransaction, Identity, IdentityProvider, SamlMessage
from spid_auth.register_seal import opened
from spid_auth.saml import backend
from spid_auth.sandbox.responses import anomaly, sealed
from tests.spid_auth.browser_like import NEXT, come_back, is_in, leave, post_answer
from tests.spid_auth.factory import BASE, Mutation, keys, put, write


def test_a_person_appears_with_name_fiscal_code_and_level(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)

    back = come_back(client, exchange.response(), relay_state)

    assert back.status_code == 302
    assert back["Location"] == NEXT
    person = Person.objects.get()
    assert (person.first_name, person.last_name, person.fiscal_code) == ("Giulia", "Bianchi", "BNCGLI85C52Y999U")
    assert person.user.kind == Kind.CITIZEN
    assert client.session["_auth_user_id"] == str(person.user_id)
    identity = Identity.objects.get()
    assert (identity.scheme, identity.subject_key, identity.level) == ("spid", "BNCGLI85C52Y999U", 2)
    assert identity.person == person


def test_the_register_keeps_request_and_answer_as_they_were(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)
    xml = exchange.response()

    come_back(client, xml, relay_state)

    started = AuthnTransaction.objects.get()
    request, answer = SamlMessage.objects.filter(transaction=started)
    assert backend.parse(opened(request)).get("ID") == started.request_id
    assert opened(answer) == xml
    assert xml not in bytes(answer.body), "it stands in the database as it came"
    assert started.state == State.CONSUMED
    assert started.response_id == backend.parse(xml).get("ID")
    assert started.subject
    assert started.identity == Identity.objects.get()
    assert Event.objects.filter(action="spid.login_accepted", subject_id=str(started.pk)).count() == 1


def test_the_first_page_after_the_login_may_be_a_welcome(
    client: Client, federation: IdentityProvider, settings: Any
) -> None:
    settings.CITIZEN_WELCOME_URL = "/area/per-chi/"
    exchange, relay_state = leave(client, federation)

    back = come_back(client, exchange.response(), relay_state)

    assert back["Location"] == f"/area/per-chi/?{urlencode({'next': NEXT})}"


def test_the_session_key_changes_at_login(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)
    before = client.session.session_key

    come_back(client, exchange.response(), relay_state)

    assert client.session.session_key != before


def test_the_same_person_comes_back_as_the_same_person(client: Client, federation: IdentityProvider) -> None:
    for browser in (client, Client()):
        exchange, relay_state = leave(browser, federation)
        come_back(browser, exchange.response(), relay_state)
        assert is_in(browser)

    assert Person.objects.count() == Identity.objects.count() == get_user_model().objects.count() == 1


def test_the_leaving_page_may_post_to_that_provider_only(client: Client, federation: IdentityProvider) -> None:
    page = client.get("/spid/accedi/", {"idp": federation.issuer})

    policy = dict(part.strip().partition(" ")[::2] for part in page["Content-Security-Policy"].split(";"))
    assert policy["form-action"] == "'self' http://localhost:8001"
    assert policy["script-src"] == "'self'"
    assert b"<script src=" in page.content
    assert b"onload" not in page.content


def test_by_redirect_the_request_leaves_in_the_address(client: Client, federation: IdentityProvider) -> None:
    IdentityProvider.objects.update(sso_post_url="", sso_redirect_url="http://localhost:8001/idp/sso")

    left = client.get("/spid/accedi/", {"idp": federation.pk})

    assert left.status_code == 302
    assert left["Location"].startswith("http://localhost:8001/idp/sso?SAMLRequest=")


def test_addresses_come_from_the_settings_and_not_from_the_host(client: Client, federation: IdentityProvider) -> None:
    page = client.get("/spid/metadata", headers={"host": "localhost"})

    assert page["Content-Type"] == "application/samlmetadata+xml"
    assert f'entityID="{BASE}/spid/metadata"'.encode() in page.content
    assert b"//localhost" not in page.content


def test_the_answer_address_neither_reads_nor_sets_cookies(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)

    arrived = post_answer(exchange.response(), relay_state)

    assert arrived.status_code == 303
    assert not arrived.cookies
    assert arrived["Location"].startswith("/spid/acs/finish?h=")


# -- Replays and swaps


def test_an_answer_is_good_once_in_the_same_session(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)
    xml = exchange.response()
    come_back(client, xml, relay_state)

    again = come_back(client, xml, relay_state)

    assert again.status_code == 403
    assert AuthnTransaction.objects.get().state == State.CONSUMED


def test_a_stolen_answer_is_useless_in_another_browser(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)
    thief = Client()

    back = come_back(thief, exchange.response(), relay_state)

    assert back.status_code == 403
    assert not is_in(thief)
    assert not Person.objects.exists()


def test_two_browsers_cannot_swap_their_answers(client: Client, federation: IdentityProvider) -> None:
    other = Client()
    (mine, my_relay), (theirs, their_relay) = leave(client, federation), leave(other, federation)

    assert come_back(client, theirs.response(), my_relay).status_code == 403
    assert come_back(other, mine.response(), their_relay).status_code == 403
    assert come_back(client, theirs.response(), their_relay).status_code == 403
    assert not is_in(client)
    assert not is_in(other)


def test_an_assertion_is_used_once_even_for_another_request(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)
    come_back(client, exchange.response(put("saml:Assertion", "ID", "_same")), relay_state)
    again, other_relay = leave(client, federation)

    back = come_back(client, again.response(put("saml:Assertion", "ID", "_same")), other_relay)

    assert back.status_code == 403
    assert AuthnTransaction.objects.get(request_id=again.request_id).error_code == "replay"


def test_the_handle_between_the_two_steps_works_once(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)
    arrived = post_answer(exchange.response(), relay_state)
    assert client.get(arrived["Location"]).status_code == 302

    assert client.get(arrived["Location"]).status_code == 403


def test_the_handle_lives_a_minute(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)
    arrived = post_answer(exchange.response(), relay_state)

    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert client.get(arrived["Location"]).status_code == 403


def test_an_answer_that_comes_after_half_an_hour_is_late(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)

    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        assert come_back(client, exchange.response(), relay_state).status_code == 403

    assert AuthnTransaction.objects.get().error_code == "expired"


def test_answers_kept_for_one_request_are_few(client: Client, federation: IdentityProvider) -> None:
    _exchange, relay_state = leave(client, federation)

    codes = [post_answer(b"<r/>", relay_state).status_code for _ in range(MESSAGES_A_REQUEST + 1)]

    assert codes == [303] * MESSAGES_A_REQUEST + [403]


def test_a_person_may_have_two_logins_open(client: Client, federation: IdentityProvider) -> None:
    first, first_relay = leave(client, federation)
    leave(client, federation)

    assert come_back(client, first.response(), first_relay).status_code == 302


# -- Bad answers


@pytest.mark.parametrize(
    ("mutate", "reason"),
    [
        (write("saml:Assertion/saml:Conditions/saml:AudienceRestriction/saml:Audience", "https://altro/"), "audience"),
        (put("/samlp:Response", "IssueInstant", "2018-01-01T00:00:00Z"), "response-issue-instant"),
    ],
)
def test_a_refused_answer_burns_its_request_and_says_why_to_the_office(
    client: Client, federation: IdentityProvider, mutate: Mutation, reason: str
) -> None:
    exchange, relay_state = leave(client, federation)

    assert come_back(client, exchange.response(mutate), relay_state).status_code == 403

    started = AuthnTransaction.objects.get()
    assert (started.state, started.error_code) == (State.FAILED, "response")
    assert reason in started.reasons
    assert Event.objects.filter(action="spid.login_refused").count() == 1
    assert come_back(client, exchange.response(), relay_state).status_code == 403
    assert not Person.objects.exists()


@pytest.mark.parametrize("relay_state", ["", "wrong", "https://altro.example/", "x" * 43, "x\x00" * 20, "é" * 30])
def test_an_answer_with_another_relay_state_is_refused(
    client: Client, federation: IdentityProvider, relay_state: str
) -> None:
    exchange, _mine = leave(client, federation)

    back = come_back(client, exchange.response(), relay_state)

    assert back.status_code == 400
    assert not is_in(client)
    assert "altro.example" not in back.content.decode()


@pytest.mark.parametrize("number", [19, 20, 21, 22, 23, 25, 30, 11])
def test_an_anomaly_is_told_in_our_words(client: Client, federation: IdentityProvider, number: int) -> None:
    exchange, relay_state = leave(client, federation)
    root = anomaly(exchange.answer, number)
    xml = sealed(root, keys("idp"), response=False)

    back = come_back(client, xml, relay_state)

    page = back.content.decode()
    started = AuthnTransaction.objects.get()
    assert back.status_code == 403
    assert "ErrorCode" not in page
    assert f"nr{number}" not in page
    assert started.error_code == f"nr{number}"
    for words in ("Che cosa è successo", "Che cosa puoi fare", "Riprova", "Chiedi assistenza", started.code):
        assert words in page
    assert "/accedi/?next=%2Fservizi%2Ftrasporto%2Faccedi%2F%3Fpasso%3D1" in page


def test_nothing_of_a_message_reaches_the_page(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)
    root = anomaly(exchange.answer, 25)
    write("samlp:Status/samlp:StatusMessage", "ErrorCode nr25 <b>parole-altrui</b>")(root)

    back = come_back(client, sealed(root, keys("idp"), response=False), relay_state)

    assert "parole-altrui" not in back.content.decode()


def test_a_person_without_fiscal_code_reads_what_to_do(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)
    somebody = {"spidCode": "TEST0000000001", "name": "Hans", "familyName": "Müller"}

    back = come_back(client, exchange.response(attributes=somebody), relay_state)

    assert back.status_code == 403
    assert "codice fiscale" in back.content.decode()
    assert "Müller" not in back.content.decode()
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"fiscalNumber": "TINIT-BNCGLI85C52Y999A"},
        {"fiscalNumber": "TINIT-TINIT-BNCGLI85C52Y999U"},
        {"fiscalNumber": "BNCGLI85C52Y999U"},
        {"name": ""},
    ],
)
def test_wrong_attributes_are_refused(client: Client, federation: IdentityProvider, changed: dict[str, str]) -> None:
    exchange, relay_state = leave(client, federation)

    back = come_back(client, exchange.response(attributes=exchange.answer.attributes | changed), relay_state)

    assert back.status_code == 403
    assert AuthnTransaction.objects.get().error_code == "attributes"


@pytest.mark.parametrize("value", ["", "%%%", "A" * 300_000, "PHI", "é"])
def test_what_is_not_an_answer_is_refused_before_it_is_kept(
    client: Client, federation: IdentityProvider, value: str
) -> None:
    _exchange, relay_state = leave(client, federation)

    back = Client().post("/spid/acs", {"SAMLResponse": value, "RelayState": relay_state})

    assert back.status_code == 400
    assert "<h1>" in back.content.decode()
    assert SamlMessage.objects.count() == 1


def test_five_megabytes_are_not_even_read(federation: IdentityProvider) -> None:
    back = Client().post("/spid/acs", {"SAMLResponse": "A" * 5_000_000})

    assert back.status_code == 400


def test_only_posts_reach_the_answer_address(client: Client, federation: IdentityProvider) -> None:
    assert client.get("/spid/acs").status_code == 405


@pytest.mark.parametrize("query", [{}, {"h": ""}, {"h": "x" * 5000}])
def test_the_second_step_without_a_good_handle_is_a_page(
    client: Client, federation: IdentityProvider, query: dict[str, str]
) -> None:
    assert client.get("/spid/acs/finish", query).status_code == 403


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200), posted=st.binary(max_size=200), relay=st.text(max_size=50), raw=st.booleans())
def test_no_bytes_posted_by_anybody_break_the_portal(
    client: Client, federation: IdentityProvider, body: bytes, posted: bytes, relay: str, raw: bool
) -> None:
    if raw:
        kind = "application/x-www-form-urlencoded"
        back = Client(raise_request_exception=False).post("/spid/acs", body, content_type=kind)
    else:
        _exchange, good_relay = leave(client, federation)
        back = come_back(client, posted, relay if len(relay) > 25 else good_relay)

    assert 400 <= back.status_code < 500
    assert not is_in(client)


def test_a_provider_disabled_in_the_meantime_is_not_believed(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)
    IdentityProvider.objects.update(enabled=False)

    assert come_back(client, exchange.response(), relay_state).status_code == 404
    assert not is_in(client)


# -- Where one goes


@pytest.mark.parametrize(
    "wanted",
    ["https://altro.example/", "//altro.example/", "/\\altro.example", "javascript:alert(1)", "", "\n/x", "/a" * 400],
)
def test_the_way_back_is_always_inside_the_portal(client: Client, federation: IdentityProvider, wanted: str) -> None:
    exchange, relay_state = leave(client, federation, next=wanted)

    assert come_back(client, exchange.response(), relay_state)["Location"] == "/area/"


@pytest.mark.parametrize("reference", ["", "999999", "https://altro.example/", "x" * 3000, "٣"])
def test_an_unknown_provider_is_a_page(client: Client, federation: IdentityProvider, reference: str) -> None:
    assert client.get("/spid/accedi/", {"idp": reference}).status_code == 404


def test_a_disabled_provider_is_neither_offered_nor_used(client: Client, federation: IdentityProvider) -> None:
    IdentityProvider.objects.update(enabled=False)

    assert federation.name not in client.get("/accedi/").content.decode()
    assert client.get("/spid/accedi/", {"idp": federation.pk}).status_code == 404


def test_the_login_page_offers_the_providers_and_the_way_back(client: Client, federation: IdentityProvider) -> None:
    page = client.get("/accedi/", {"next": NEXT}).content.decode()

    assert federation.name in page
    assert "next=%2Fservizi%2Ftrasporto%2Faccedi%2F%3Fpasso%3D1" in page
    for words in ("Entra con SPID", "Maggiori informazioni su SPID", "Non hai SPID?", "Serve aiuto?"):
        assert words in page


def test_the_login_page_without_providers_says_so(client: Client, federation: IdentityProvider) -> None:
    IdentityProvider.objects.all().delete()

    assert "nessun gestore" in client.get("/accedi/").content.decode()


def test_who_is_in_goes_on_and_who_needs_more_logs_in_again(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)
    come_back(client, exchange.response(), relay_state)

    assert client.get("/accedi/", {"next": NEXT})["Location"] == NEXT
    page = client.get("/accedi/", {"next": NEXT, "livello": "3"})
    assert page.status_code == 200
    assert "livello=3" in page.content.decode()


def test_a_higher_level_is_asked_for_and_demanded(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation, livello="3")
    assert exchange.level == 3

    assert come_back(client, exchange.response(level=2), relay_state).status_code == 403


def test_nobody_asks_for_less_than_the_portal_wants(client: Client, federation: IdentityProvider) -> None:
    exchange, _relay_state = leave(client, federation, livello="1")

    assert exchange.level == 2


def test_staff_are_told_to_leave_first(client: Client, federation: IdentityProvider) -> None:
    staff = get_user_model().objects.create(kind=Kind.STAFF, is_staff=True)
    client.force_login(staff)

    page = client.get("/accedi/")

    assert page.status_code == 403
    assert "personale" in page.content.decode()


def test_without_keys_the_login_says_it_is_not_active(
    client: Client, federation: IdentityProvider, settings: Any, tmp_path: Any
) -> None:
    settings.DATA_DIR = tmp_path / "empty"

    assert client.get("/spid/accedi/", {"idp": federation.pk}).status_code == 403
    assert client.get("/spid/metadata").status_code == 403


@pytest.mark.parametrize(
    ("contacts", "query", "index"),
    [(False, {}, "0"), (True, {}, "1"), (True, {"uso": "P"}, "2"), (False, {"uso": "boh"}, "0")],
)
def test_no_more_attributes_are_asked_than_serve(
    client: Client, federation: IdentityProvider, settings: Any, contacts: bool, query: dict[str, str], index: str
) -> None:
    settings.SPID_CONTACTS = contacts
    exchange, _relay_state = leave(client, federation, **query)
    sent = SamlMessage.objects.get(transaction__request_id=exchange.request_id)

    assert backend.parse(opened(sent)).get("AttributeConsumingServiceIndex") == index
