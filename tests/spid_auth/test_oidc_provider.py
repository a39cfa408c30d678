"""A provider that is down, slow to be believed, changes its keys, or speaks in ways of its own; over real HTTP."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from io import StringIO
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from portal import clock
from portal.audit.models import Event
from portal.people.models import Person
from spid_auth.domain.transactions import State
from spid_auth.models import AuthnTransaction, Direction, Identity, IdentityProvider, SamlMessage
from spid_auth.oidc import discovery, gateway
from spid_auth.oidc.checks import agreement_is_whole
from spid_auth.register_seal import opened
from spid_auth.sandbox.op import agreement, keys
from spid_auth.selectors import providers_by_scheme
from tests.spid_auth.browser_like import is_in
from tests.spid_auth.oidc_world import Answer, as_json, come_back, last, leave, parameters, served_provider
from tests.spid_auth.test_oidc_login import reads

Claims = dict[str, Any]


@dataclass
class Op:
    """A provider made by the test: whatever stands in `routes` is what it answers."""

    issuer: str = ""
    idp: IdentityProvider = field(default_factory=IdentityProvider)
    routes: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def describe(self, **changes: object) -> None:
        names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
        described: Claims = {name: f"{self.issuer}/{name}" for name in names}
        described |= {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"} | changes
        self.answers(discovery.WELL_KNOWN, as_json(described))

    def answers(self, path: str, how: Callable[[], Answer]) -> None:
        def counted() -> Answer:
            self.asked.append(path)
            return how()

        self.routes[f"/op{path}"] = counted

    def grants(self, sign: Callable[[Claims], str] = keys.signed, **changes: object) -> str:
        """Answer the request that is open now. The address the browser comes back to."""
        at = int(clock.now().timestamp())
        claims: Claims = {
            "iss": self.issuer,
            "sub": "soggetto-1",
            "aud": "portale",
            "iat": at,
            "exp": at + 60,
            "nonce": last().request_id,
            "acr": "urn:sandbox:livello:2",
        }
        said = {name: value for name, value in (claims | changes).items() if value is not None}
        self.answers("/token_endpoint", as_json({"access_token": "acc3ss", "id_token": sign(said)}))
        return f"/arpa/ritorno?code=abc&state={last().relay_state}"


PERSON = {
    "sub": "soggetto-1",
    "given_name": "Marco",
    "family_name": "Rossi",
    "fiscal_code": "TINIT-RSSMRC78L04Y998P",
}


@pytest.fixture
def op(federation: IdentityProvider, settings: Any) -> Iterator[Op]:
    """A provider that works until the test breaks it."""
    made = Op()
    with served_provider(settings, made.routes) as issuer:
        made.issuer = issuer
        made.idp = IdentityProvider.objects.create(
            issuer=issuer, scheme="arpa", name="Di prova", sso_redirect_url=f"{issuer}/authorization_endpoint"
        )
        made.describe()
        made.answers("/jwks", lambda: (200, json.dumps(keys.key_set()).encode()))
        made.answers("/userinfo_endpoint", as_json(PERSON))
        yield made


def log_in(browser: Client, op: Op, **changes: object) -> Any:
    leave(browser, op.idp)
    return come_back(browser, op.grants(**changes))  # type: ignore[arg-type]


def test_a_provider_of_another_make_works_as_well(client: Client, op: Op) -> None:
    assert log_in(client, op).status_code == 302
    assert Person.objects.get().fiscal_code == "RSSMRC78L04Y998P"


def test_claims_may_all_stand_in_the_id_token(client: Client, op: Op) -> None:
    op.describe(userinfo_endpoint=None)

    assert log_in(client, op, **PERSON).status_code == 302
    assert "/userinfo_endpoint" not in op.asked


def test_what_is_signed_counts_more_than_the_userinfo(client: Client, op: Op) -> None:
    op.answers("/userinfo_endpoint", as_json(PERSON | {"fiscal_code": "BNCGLI85C52Y999U"}))
    log_in(client, op, fiscal_code=PERSON["fiscal_code"])

    assert Person.objects.get().fiscal_code == "RSSMRC78L04Y998P"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"aud": ["portale", "altro"]}, "azp"),
        ({"azp": "altro"}, "azp"),
        ({"aud": []}, "aud"),
        ({"aud": None}, "aud"),
        ({"sub": None}, "sub"),
        ({"sub": "x" * 256}, "sub"),
        ({"sub": "a\x00b"}, "sub"),
        ({"nonce": None}, "nonce"),
        ({"exp": None}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": "9999999999"}, "exp"),
        ({"exp": 1e300}, "exp"),
        ({"iat": None}, "iat"),
        ({"iat": 4_000_000_000 - 1}, "iat"),
        ({"nbf": 4_000_000_000 - 1}, "nbf"),
        ({"auth_time": 1}, "auth-time"),
        ({"at_hash": "x"}, "at-hash"),
        ({"iss": "http://127.0.0.1/op/"}, "iss"),
    ],
    ids=str,
)
def test_each_rule_refuses_by_itself(client: Client, op: Op, changes: Claims, rule: str) -> None:
    back = log_in(client, op, **changes)

    assert reads(back, "response")
    assert rule in last().reasons.split(", ")
    assert not is_in(client)


@pytest.mark.parametrize("changes", [{"aud": ["portale", "altro"], "azp": "portale"}, {"aud": ["portale"]}], ids=str)
def test_audiences_that_are_ours_are_good(client: Client, op: Op, changes: Claims) -> None:
    assert log_in(client, op, **changes).status_code == 302


def test_es256_is_good_too(client: Client, op: Op) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    op.answers("/jwks", as_json({"keys": [keys.key_set()["keys"][0], public]}))

    assert log_in(client, op, sign=lambda claims: jwt.encode(claims, key, algorithm="ES256")).status_code == 302


def test_other_algorithms_are_not(client: Client, op: Op) -> None:
    def sign(claims: Claims) -> str:
        return jwt.encode(claims, keys.signing_key(), algorithm="PS256")

    assert reads(log_in(client, op, sign=sign), "response")


def test_a_new_key_is_looked_for_once(client: Client, op: Op) -> None:
    """The provider changed its key after we read it."""
    leave(client, op.idp)
    op.answers("/jwks", as_json({"keys": [keys.key_set()["keys"][0] | {"kid": "vecchia"}]}))
    come_back(client, op.grants())
    assert op.asked.count("/jwks") == 2
    op.answers("/jwks", lambda: (200, json.dumps(keys.key_set()).encode()))

    assert log_in(client, op).status_code == 302
    assert op.asked.count("/jwks") == 3


def test_a_stranger_who_takes_the_name_of_our_key_is_refused(client: Client, op: Op) -> None:
    assert reads(log_in(client, op, sign=lambda claims: keys.signed(claims, by_stranger=True)), "response")


@pytest.mark.parametrize(
    "key_set",
    [
        {},
        {"keys": []},
        {"keys": "no"},
        {"keys": [{"kty": "RSA"}] * 51},
    ],
    ids=str,
)
def test_keys_that_are_not_keys_are_a_provider_that_does_not_work(client: Client, op: Op, key_set: object) -> None:
    op.answers("/jwks", as_json(key_set))

    assert reads(log_in(client, op), "provider-down")


@pytest.mark.parametrize(
    "key", [{"kty": "RSA"}, {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, {"kty": "RSA", "n": 5, "e": []}, 7, None], ids=str
)
def test_broken_and_short_keys_verify_nothing(client: Client, op: Op, key: object) -> None:
    op.answers("/jwks", as_json({"keys": [key | {"kid": keys.kid()} if isinstance(key, dict) else key]}))

    assert reads(log_in(client, op), "response")
    assert not is_in(client)


BROKEN = {
    "html": lambda: (200, b"<html>"),
    "empty": lambda: (200, b""),
    "list": lambda: (200, b"[]"),
    "deep": lambda: (200, b"[" * 100_000),
    "huge": lambda: (200, b" " * (gateway.LARGEST + 1)),
    "latin": lambda: (200, b'{"a": "\xe8"}'),
    "500": lambda: (500, b"{}"),
    "302": lambda: (302, b"http://altro.example/"),
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("path", [discovery.WELL_KNOWN, "/jwks", "/token_endpoint", "/userinfo_endpoint"])
def test_garbage_anywhere_is_told_and_nothing_is_lost(client: Client, op: Op, kind: str, path: str) -> None:
    if path == discovery.WELL_KNOWN:
        op.answers(path, BROKEN[kind])
        page = client.get("/arpa/accedi/")
        assert not AuthnTransaction.objects.exists()
    else:
        leave(client, op.idp)
        back = op.grants()
        op.answers(path, BROKEN[kind])
        page = come_back(client, back)
        assert last().state == State.FAILED
        # The return is in the register; and what came with it, except what broke the connection itself.
        assert SamlMessage.objects.filter(transaction=last(), direction=Direction.IN).count() >= 1

    readable = path == "/userinfo_endpoint" and kind in {"html", "empty", "list", "deep", "latin"}
    assert reads(page, "response" if readable else "provider-down")
    assert not is_in(client)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://altro.example"},
        {"token_endpoint": "http://altro.example/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"authorization_endpoint": ["a"]},
        {"userinfo_endpoint": 5},
        {"token_endpoint_auth_methods_supported": "client_secret_post"},
    ],
    ids=str,
)
def test_a_description_that_is_not_right_starts_nothing(client: Client, op: Op, changes: Claims) -> None:
    op.describe(**changes)

    assert reads(client.get("/arpa/accedi/"), "provider-down")


def test_the_description_is_read_once_an_hour(client: Client, op: Op) -> None:
    log_in(client, op)
    log_in(Client(), op)

    assert op.asked.count(discovery.WELL_KNOWN) == 1
    assert op.asked.count("/jwks") == 1


def test_a_provider_that_is_away_is_told(client: Client, op: Op, settings: Any) -> None:
    leave(client, op.idp)
    back = op.grants()
    cache.clear()
    settings.SANDBOX_BASE_URL = "http://127.0.0.1:1"
    away = "http://127.0.0.1:1/op"
    IdentityProvider.objects.filter(pk=op.idp.pk).update(issuer=away)

    assert reads(come_back(client, back), "provider-down")
    assert reads(client.get("/arpa/accedi/"), "provider-down")


def test_a_secret_refused_is_our_fault(client: Client, op: Op) -> None:
    leave(client, op.idp)
    back = op.grants()
    op.answers("/token_endpoint", as_json({"error": "invalid_client\x00<b>"}, 401))

    assert reads(come_back(client, back), "request-refused")
    assert "token" in last().reasons
    assert "<b>" not in last().reasons


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"fiscal_code": None}, "no-fiscal-code"),
        ({"fiscal_code": "TINIT-TINIT-RSSMRC78L04Y998P"}, "attributes"),
        ({"fiscal_code": "RSSMRC78L04Y998A"}, "attributes"),
        ({"fiscal_code": {"value": "RSSMRC78L04Y998P"}}, "no-fiscal-code"),
        ({"given_name": 7}, "attributes"),
        ({"given_name": "a\x00b"}, "attributes"),
        ({"given_name": "\ud800"}, "attributes"),
        ({"given_name": "", "family_name": "", "company_name": "Trasporti srl"}, "legal-person"),
    ],
    ids=str,
)
def test_claims_that_do_not_describe_a_person(client: Client, op: Op, said: Claims, code: str) -> None:
    op.answers("/userinfo_endpoint", as_json(PERSON | said))

    assert reads(log_in(client, op), code)
    assert not Person.objects.exists()


def test_who_has_no_codice_fiscale_comes_in_where_the_agreement_says_so(client: Client, op: Op, settings: Any) -> None:
    settings.ARPA_OIDC = agreement.setting() | {"fiscal_code_required": False}
    settings.ARPA_OIDC_SECRET = agreement.secret()
    op.answers("/userinfo_endpoint", as_json(PERSON | {"fiscal_code": None, "spid_code": "ES/IT/123"}))

    for browser in (client, Client()):
        assert log_in(browser, op).status_code == 302

    assert Identity.objects.get().subject_key == "ES/IT/123"
    assert Person.objects.get().fiscal_code is None


def test_the_company_of_a_professional_is_kept_as_said(client: Client, op: Op) -> None:
    op.answers("/userinfo_endpoint", as_json(PERSON | {"company_name": "Trasporti srl", "company_vat_number": "x"}))
    log_in(client, op)

    assert Identity.objects.get().company_name == "Trasporti srl"
    assert Identity.objects.get().company_vat_number == ""


def test_an_id_token_is_good_for_one_login(client: Client, op: Op) -> None:
    log_in(client, op)
    used = last()
    other = Client()
    leave(other, op.idp)
    back = op.grants()
    token = json.loads(op.routes["/op/token_endpoint"]()[1])["id_token"]
    AuthnTransaction.objects.filter(pk=used.pk).update(assertion_id=sha256(token.encode()).hexdigest())

    assert reads(come_back(other, back), "replay")
    assert not is_in(other)


# -- logout


def _leave_portal(browser: Client) -> Any:
    return browser.post("/esci/")


def test_logout_is_local_first_then_asked_of_the_provider(client: Client, op: Op, settings: Any) -> None:
    op.describe(end_session_endpoint=f"{op.issuer}/end_session")
    log_in(client, op)

    page = _leave_portal(client)

    assert not is_in(client)
    text = page.content.decode()
    assert f'action="{op.issuer}/end_session"' in text
    assert 'name="id_token_hint"' in text
    assert f"{settings.PORTAL_BASE_URL}/arpa/uscito" in text
    assert settings.SANDBOX_BASE_URL in page.headers["Content-Security-Policy"]
    state = last().logout_id
    assert state in text

    assert "Sei uscito" in client.get("/arpa/uscito", {"state": state}).content.decode()
    assert last().logout_id == ""
    assert Event.objects.filter(action="spid.logout_answered").count() == 1
    assert client.get("/arpa/uscito", {"state": state})["Location"] == "/", "good once"


@pytest.mark.parametrize("state", ["", "x", "\x01", "a" * 500])
def test_a_return_from_a_logout_nobody_asked_goes_home(client: Client, op: Op, state: str) -> None:
    assert client.get("/arpa/uscito", {"state": state})["Location"] == "/"


def test_without_an_address_for_logout_leaving_is_local(client: Client, op: Op) -> None:
    log_in(client, op)

    assert _leave_portal(client)["Location"] == "/"
    assert not is_in(client)


def test_a_provider_away_does_not_keep_the_person_in(client: Client, op: Op) -> None:
    log_in(client, op)
    cache.clear()
    op.answers(discovery.WELL_KNOWN, lambda: (500, b""))

    assert _leave_portal(client)["Location"] == "/"
    assert not is_in(client)


# -- the agreement


def test_the_command_registers_the_provider_and_switches_the_old_one_off(op: Op) -> None:
    IdentityProvider.objects.filter(pk=op.idp.pk).update(issuer="https://vecchio.example")
    out = StringIO()

    call_command("arpa_register", stdout=out)
    call_command("arpa_register", stdout=StringIO())

    row = IdentityProvider.objects.get(issuer=op.issuer)
    assert (row.scheme, row.enabled) == ("arpa", True)
    assert not IdentityProvider.objects.get(pk=op.idp.pk).enabled
    assert "/arpa/ritorno" in out.getvalue()
    assert Event.objects.filter(action="spid.provider_saved").count() == 2


def test_the_command_says_what_is_wrong(op: Op, settings: Any) -> None:
    op.answers(discovery.WELL_KNOWN, lambda: (404, b""))
    with pytest.raises(CommandError, match="non risponde come dovrebbe"):
        call_command("arpa_register")
    settings.ARPA_OIDC = {"issuer": "http://altro.example"}
    with pytest.raises(CommandError, match="client_id"):
        call_command("arpa_register")


def test_the_button_is_there_while_the_agreement_is_whole(client: Client, op: Op, settings: Any) -> None:
    assert providers_by_scheme()["arpa"] == [op.idp]
    settings.ARPA_OIDC = {"issuer": op.issuer}
    assert providers_by_scheme()["arpa"] == []
    assert client.get("/arpa/accedi/").status_code == 404
    assert any("client_id" in error.msg for error in agreement_is_whole(None))


def test_a_change_of_agreement_meanwhile_lets_nobody_in(client: Client, op: Op, settings: Any) -> None:
    leave(client, op.idp)
    back = op.grants()
    settings.ARPA_OIDC = {"issuer": op.issuer}

    assert reads(come_back(client, back), "unknown-idp")


def test_the_limits_of_the_register_hold_for_these_messages(client: Client, op: Op) -> None:
    log_in(client, op)

    for message in SamlMessage.objects.all():
        assert sha256(opened(message)).hexdigest() == message.sha256
    assert parameters(opened(SamlMessage.objects.order_by("pk")[0]).decode())["state"] == last().relay_state
