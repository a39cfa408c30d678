"""The login by OpenID Connect as a browser lives it, against the provider of the sandbox over real HTTP."""

import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from html import unescape
from typing import Any

import pytest
import time_machine
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client

from portal import clock
from portal.audit.models import Event
from portal.people.models import Person
from portal.people.session import IDENTITY_KEY
from spid_auth.domain.transactions import State
from spid_auth.errors import PROBLEMS
from spid_auth.models import AuthnTransaction, Direction, Identity, IdentityProvider, SamlMessage
from spid_auth.oidc.flow import ClosedAdapter
from spid_auth.oidc.seeds import seed
from spid_auth.register.verification import Outcome, verify
from spid_auth.register_seal import opened
from spid_auth.sandbox.op import agreement, answers
from spid_auth.services import message_keep
from tests.spid_auth import browser_like
from tests.spid_auth.browser_like import NEXT, is_in
from tests.spid_auth.factory import BASE
from tests.spid_auth.oidc_world import at_the_provider, come_back, last, leave, log_in, parameters, served_sandbox


@pytest.fixture
def arpa(federation: IdentityProvider, settings: Any) -> Iterator[IdentityProvider]:
    """The provider of the sandbox, up and registered beside that of SPID."""
    with served_sandbox(settings):
        seed()
        yield IdentityProvider.objects.get(scheme="arpa")


def reads(page: Any, code: str) -> bool:
    """Whether the page is the one of this refusal, with its status."""
    return str(PROBLEMS[code].title) in unescape(page.content.decode()) and page.status_code == PROBLEMS[code].status


def test_a_person_appears_with_name_fiscal_code_and_level(client: Client, arpa: IdentityProvider) -> None:
    back = log_in(client, arpa)

    assert back.status_code == 302
    assert back["Location"] == NEXT
    person = Person.objects.get()
    assert (person.first_name, person.last_name, person.fiscal_code) == ("Giulia", "Bianchi", "BNCGLI85C52Y999U")
    assert client.session["_auth_user_id"] == str(person.user_id)
    identity = Identity.objects.get()
    assert (identity.scheme, identity.subject_key, identity.level) == ("arpa", "BNCGLI85C52Y999U", 2)
    assert client.session[IDENTITY_KEY]["scheme"] == "arpa"


def test_a_kept_login_is_judged_again_with_the_key_of_that_day(client: Client, arpa: IdentityProvider) -> None:
    log_in(client, arpa)
    cache.clear()

    with time_machine.travel(clock.now() + timedelta(days=500)):
        finding = verify(AuthnTransaction.objects.get())
        assert (finding.outcome, finding.found, finding.as_of_today) == (Outcome.SAME, "in", True)
        AuthnTransaction.objects.update(assertion_id="un'altra")
        assert verify(AuthnTransaction.objects.get()).outcome is Outcome.DIFFERENT
        Identity.objects.update(subject_key="RSSMRC78L04Y998P")
        assert verify(AuthnTransaction.objects.get()).found == "other-data"


def test_a_login_of_an_agreement_that_is_over_cannot_be_judged_again(
    client: Client, arpa: IdentityProvider, settings: Any
) -> None:
    log_in(client, arpa)
    settings.SANDBOX_BASE_URL = "http://127.0.0.1:9"

    assert verify(AuthnTransaction.objects.get()).outcome is Outcome.NOT_JUDGED


def test_nothing_of_allauth_is_kept(client: Client, arpa: IdentityProvider) -> None:
    log_in(client, arpa)

    assert not any(model.objects.exists() for model in (SocialAccount, SocialApp, SocialToken))
    assert get_user_model().objects.get().kind == "citizen"


@pytest.mark.parametrize(
    "path",
    [
        "3rdparty/", "3rdparty/login/cancelled/", "3rdparty/login/error/", "3rdparty/signup/", "social/login/error/",
        "social/signup/", "social/connections/", "oidc/arpa/login/", "oidc/arpa/login/callback/",
    ],
)  # fmt: skip
def test_pages_of_allauth_do_not_exist(client: Client, arpa: IdentityProvider, path: str) -> None:
    log_in(client, arpa)

    for browser in (client, Client()):
        assert browser.get(f"/personale/{path}").status_code == 404
        assert browser.post(f"/personale/{path}").status_code == 404


def test_the_pipeline_of_allauth_ends_before_it_starts(rf: Any) -> None:
    adapter = get_adapter(rf.get("/"))

    assert isinstance(adapter, ClosedAdapter)
    assert adapter.list_apps(rf.get("/")) == []
    assert not adapter.is_open_for_signup(rf.get("/"), None)
    assert not adapter.is_auto_signup_allowed(rf.get("/"), None)
    assert not adapter.can_authenticate_by_email(None, "giulia.bianchi@posta.example")
    with pytest.raises(PermissionDenied):
        adapter.pre_social_login(rf.get("/"), None)


def test_the_same_person_by_spid_and_by_arpa_is_one_user(
    client: Client, federation: IdentityProvider, arpa: IdentityProvider
) -> None:
    exchange, relay_state = browser_like.leave(client, federation)
    browser_like.come_back(client, exchange.response(), relay_state)
    first = client.session["_auth_user_id"]
    other = Client()
    log_in(other, arpa)

    assert other.session["_auth_user_id"] == first
    assert sorted(Identity.objects.values_list("scheme", flat=True)) == ["arpa", "spid"]
    assert Person.objects.count() == 1


def test_nobody_is_tied_by_email(client: Client, arpa: IdentityProvider) -> None:
    log_in(client, arpa, person="marco")
    Person.objects.update(email="giulia.bianchi@posta.example")
    log_in(Client(), arpa)

    assert Person.objects.count() == 2


def test_the_request_is_by_code_with_pkce_state_nonce_and_level(client: Client, arpa: IdentityProvider) -> None:
    asked = parameters(leave(client, arpa))

    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"{BASE}/arpa/ritorno"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert asked["nonce"] == last().request_id
    assert asked["state"] == last().relay_state
    assert asked["acr_values"].split() == [agreement.ACR[2], agreement.ACR[3]]
    assert asked["prompt"] == "login"
    assert set(asked["scope"].split()) == set(agreement.SCOPES)


def test_a_visitor_adds_nothing_to_the_request(client: Client, arpa: IdentityProvider) -> None:
    extra = {"scope": "everything", "auth_params": "prompt=none&acr_values=x", "process": "connect"}
    asked = parameters(leave(client, arpa, **extra))

    assert asked["prompt"] == "login"
    assert "everything" not in asked["scope"]


def test_the_host_of_the_visitor_is_not_believed(client: Client, arpa: IdentityProvider) -> None:
    asked = client.get("/arpa/accedi/", headers={"host": "firenze.localhost"})

    assert parameters(asked["Location"])["redirect_uri"] == f"{BASE}/arpa/ritorno"


def test_the_register_keeps_what_left_and_what_came_without_the_tokens(client: Client, arpa: IdentityProvider) -> None:
    address = leave(client, arpa)
    back = at_the_provider(address)
    come_back(client, back)

    request, returned, answer = [opened(message).decode() for message in SamlMessage.objects.order_by("pk")]
    assert request == address
    assert returned == back.partition("?")[2]
    kept = json.loads(answer)
    assert "access_token" not in kept["token"]
    assert len(kept["token"]["access_token_sha256"]) == 64
    assert kept["token"]["id_token"].count(".") == 2
    assert json.loads(kept["userinfo"])["given_name"] == "Giulia"
    assert kept["key"]["kty"] == "RSA"
    assert not any(agreement.secret() in text for text in (request, returned, answer))
    started = AuthnTransaction.objects.get()
    assert started.state == State.CONSUMED
    assert started.assertion_id == sha256(kept["token"]["id_token"].encode()).hexdigest()
    assert started.response_issuer == arpa.issuer
    assert Event.objects.filter(action="spid.login_accepted", subject_id=str(started.pk)).count() == 1


@pytest.mark.parametrize(
    ("choice", "code", "reason"),
    [
        ("nonce", "response", "nonce"),
        ("audience", "response", "aud"),
        ("issuer", "response", "iss"),
        ("expired", "response", "exp"),
        ("stale", "response", "auth-time"),
        ("hash", "response", "at-hash"),
        ("key", "response", "signature"),
        ("kid", "response", "signature"),
        ("none", "response", "signature"),
        ("hs256", "response", "signature"),
        ("userinfo", "response", "userinfo-sub"),
        ("code", "response", "invalid_grant"),
        ("level", "nr20", "level"),
        ("acr", "nr20", "level"),
        ("garbage", "provider-down", "token"),
        ("down", "provider-down", "503"),
        ("access_denied", "nr22", "access_denied"),
        ("unmet_authentication_requirements", "nr20", "unmet"),
        ("server_error", "provider-down", "server_error"),
        ("invalid_scope", "request-refused", "invalid_scope"),
    ],
)
def test_hostile_answers_open_nothing_and_say_why(
    client: Client, arpa: IdentityProvider, choice: str, code: str, reason: str
) -> None:
    back = log_in(client, arpa, choice=choice)

    assert reads(back, code)
    assert last().code in back.content.decode()
    assert not is_in(client)
    assert (last().state, last().error_code) == (State.FAILED, code)
    assert reason in last().reasons
    assert not Person.objects.exists()
    refused = Event.objects.get(action="spid.login_refused")
    assert refused.data["code"] == code


def test_every_hostile_button_of_the_sandbox_is_tried_here() -> None:
    tried = {
        mark.args[1][index][0]
        for mark in test_hostile_answers_open_nothing_and_say_why.pytestmark  # type: ignore[attr-defined]
        for index in range(len(mark.args[1]))
    }
    assert tried | {"state"} == {*answers.HOSTILE, *answers.ERRORS}


def test_a_return_without_state_belongs_to_no_request(client: Client, arpa: IdentityProvider) -> None:
    back = log_in(client, arpa, choice="state")

    assert back.status_code == 400
    assert reads(back, "unknown-relay")
    assert not is_in(client)
    assert last().state == State.SENT


def test_credentials_of_level_one_do_not_open_level_two(client: Client, arpa: IdentityProvider) -> None:
    back = log_in(client, arpa, person="paolo")

    assert reads(back, "nr20")
    assert not is_in(client)


def test_a_return_used_twice_opens_nothing_more(client: Client, arpa: IdentityProvider) -> None:
    back = at_the_provider(leave(client, arpa))
    assert come_back(client, back).status_code == 302
    client.logout()

    again = come_back(client, back)

    assert again.status_code == 403
    assert not is_in(client)
    assert last().state == State.CONSUMED


def test_a_return_used_twice_in_its_own_session_is_a_replay(client: Client, arpa: IdentityProvider) -> None:
    back = at_the_provider(leave(client, arpa), choice="nonce")
    come_back(client, back)

    again = come_back(client, back)

    assert reads(again, "replay")
    assert last().error_code == "response", "the first verdict stays"


def test_a_return_sent_twice_at_once_does_not_spoil_the_first(client: Client, arpa: IdentityProvider) -> None:
    """The first is still talking with the provider when the second comes."""
    back = at_the_provider(leave(client, arpa))
    message_keep(last(), Direction.IN, b"code=abc")

    assert reads(come_back(client, back), "replay")
    assert last().state == State.SENT


def test_a_saml_answer_to_one_of_these_requests_is_nobodys(client: Client, arpa: IdentityProvider) -> None:
    leave(client, arpa)

    arrived = browser_like.post_answer(b"<Response/>", last().relay_state)

    assert reads(arrived, "unknown-relay")
    assert SamlMessage.objects.count() == 1


def test_a_saml_request_has_no_return_here(
    client: Client, federation: IdentityProvider, arpa: IdentityProvider
) -> None:
    _, relay_state = browser_like.leave(client, federation)

    assert reads(client.get("/arpa/ritorno", {"state": relay_state, "code": "abc"}), "unknown-relay")
    assert last().state == State.SENT


def test_a_return_in_another_browser_is_refused_and_the_own_one_still_works(
    client: Client, arpa: IdentityProvider
) -> None:
    back = at_the_provider(leave(client, arpa))
    thief = Client()

    stolen = come_back(thief, back)

    assert reads(stolen, "session")
    assert not is_in(thief)
    assert come_back(client, back).status_code == 302
    assert is_in(client)


def test_two_sessions_cannot_swap_their_returns(client: Client, arpa: IdentityProvider) -> None:
    victim = Client()
    mine, theirs = (
        at_the_provider(leave(client, arpa)),
        at_the_provider(
            leave(
                victim,
                arpa,
            ),
            person="marco",
        ),
    )

    assert not is_in(victim)
    come_back(victim, mine)
    come_back(client, theirs)

    assert not is_in(client)
    assert not is_in(victim)


def test_a_code_of_another_login_does_not_pass_pkce(client: Client, arpa: IdentityProvider) -> None:
    other = parameters(at_the_provider(leave(Client(), arpa), person="marco"))
    mine = at_the_provider(leave(client, arpa))

    back = come_back(client, mine.replace(parameters(mine)["code"], other["code"]))

    assert reads(back, "response")
    assert "invalid_grant" in last().reasons
    assert not is_in(client)


@pytest.mark.parametrize("used", [0, 1])
def test_of_two_tabs_either_may_be_finished(client: Client, arpa: IdentityProvider, used: int) -> None:
    tabs = [leave(client, arpa), leave(client, arpa)]

    assert come_back(client, at_the_provider(tabs[used])).status_code == 302
    assert is_in(client)


def test_a_slow_person_starts_again(client: Client, arpa: IdentityProvider) -> None:
    address = leave(client, arpa)
    with time_machine.travel(clock.now().timestamp() + 11 * 60):
        back = come_back(client, at_the_provider(address))

    assert reads(back, "expired")
    assert not is_in(client)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda query: query.replace("iss=", "iss=altro"), "response"),
        (lambda query: query.replace("code=", "codex="), "no-response"),
        (lambda query: f"{query}&code=altro", "no-response"),
        (lambda query: f"{query}&state=altro", "unknown-relay"),
        (lambda query: f"{query}&error=%3Cscript%3E", "request-refused"),
        (lambda query: f"{query}&x={'x' * 9000}", "too-large"),
    ],
)
def test_addresses_put_together_by_hand_open_nothing(
    client: Client, arpa: IdentityProvider, change: Any, code: str
) -> None:
    path, _, query = at_the_provider(leave(client, arpa)).partition("?")

    back = come_back(client, f"{path}?{change(query)}")

    assert back.status_code == PROBLEMS[code].status
    assert "<script>" not in back.content.decode().replace("<script src", "")
    assert not is_in(client)


def test_a_step_up_asks_the_same_person_to_come_back(client: Client, arpa: IdentityProvider, settings: Any) -> None:
    settings.SPID_LEVEL = 1
    log_in(client, arpa, livello="1")
    first = client.session["_auth_user_id"]

    back = log_in(client, arpa, person="marco", livello="2")

    assert reads(back, "other-person")
    assert client.session["_auth_user_id"] == first
    assert client.session[IDENTITY_KEY]["level"] == 1

    assert log_in(client, arpa, livello="2").status_code == 302
    assert client.session[IDENTITY_KEY]["level"] == 2


def test_level_one_needs_no_new_credentials(client: Client, arpa: IdentityProvider, settings: Any) -> None:
    settings.SPID_LEVEL = 1

    assert "prompt" not in parameters(leave(client, arpa))


def test_a_provider_switched_off_meanwhile_lets_nobody_in(client: Client, arpa: IdentityProvider) -> None:
    back = at_the_provider(leave(client, arpa))
    IdentityProvider.objects.filter(pk=arpa.pk).update(enabled=False)

    assert reads(come_back(client, back), "unknown-idp")
    assert client.get("/arpa/accedi/").status_code == 404


def test_queries_of_a_login_do_not_grow(
    client: Client, arpa: IdentityProvider, django_assert_max_num_queries: Any
) -> None:
    log_in(Client(), arpa)
    cache.clear()
    with django_assert_max_num_queries(18):
        address = leave(client, arpa)
    back = at_the_provider(address)
    with django_assert_max_num_queries(45):
        come_back(client, back)


def test_too_many_starts_from_one_address_are_told_to_wait(client: Client, arpa: IdentityProvider) -> None:
    answered = [client.get("/arpa/accedi/").status_code for _ in range(31)]

    assert answered[0] == 302
    assert answered[-1] == 429
