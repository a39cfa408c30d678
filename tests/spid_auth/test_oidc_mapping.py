"""The table of claims and the agreement with a provider: pure rules, and settings written by hand."""

from contextlib import suppress
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from spid_auth.domain import claims
from spid_auth.oidc import conf
from spid_auth.oidc.jose import NotReadable, header, key_for, read_object
from spid_auth.oidc.mapping import CLAIMS, ClaimMap, attributes
from spid_auth.oidc.seeds import seed
from spid_auth.sandbox.op import agreement

TABLE = ClaimMap(agreement.CLAIM_MAP, ("TINIT-",))
GOOD: dict[str, Any] = {
    "issuer": "https://gestore.example/oidc",
    "client_id": "portale",
    "acr_values": {"2": ["due"], "3": ["tre", "tre-cie"]},
    "claim_map": {"fiscal_code": "cf", "first_name": "nome", "last_name": "cognome"},
}

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
json_values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(max_size=5), scalars, max_size=2)
names = st.sampled_from(sorted(agreement.CLAIM_MAP.values()))
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(received=st.dictionaries(names, json_values, max_size=9))
@example(received={"fiscal_code": ["TINIT-RSSMRC78L04Y998P"], "given_name": "Marco", "family_name": "\x00"})
@patient
def test_whatever_arrives_becomes_a_person_or_a_refusal(received: dict[str, object]) -> None:
    found = attributes(received, TABLE)

    assert set(found) <= set(CLAIMS.values())
    assert all(isinstance(value, str) and value.isprintable() and value for value in found.values())
    try:
        person = claims.read(found)
    except (claims.NoFiscalCode, claims.LegalPersonOnly, claims.UnusableClaims):
        return
    assert person.fiscal_code


@given(name=st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable() and text.strip()))
def test_names_arrive_as_they_are(name: str) -> None:
    received = {"fiscal_code": "rssmrc78l04y998p", "given_name": name, "family_name": "Rossi"}
    person = claims.read(attributes(received, TABLE))

    assert person.first_name == name.strip()
    assert person.fiscal_code == "RSSMRC78L04Y998P"


@pytest.mark.parametrize("written", ["RSSMRC78L04Y998P", "TINIT-RSSMRC78L04Y998P", "tinit-rssmrc78l04y998p"])
def test_the_prefix_of_the_codice_fiscale_may_be_there_or_not(written: str) -> None:
    received = {"fiscal_code": written, "given_name": "Marco", "family_name": "Rossi"}

    assert claims.read(attributes(received, TABLE)).fiscal_code == "RSSMRC78L04Y998P"


@pytest.mark.parametrize("written", ["TINIT-TINIT-RSSMRC78L04Y998P", "TINIS-RSSMRC78L04Y998P", "RSSMRC78L04Y998A", "-"])
def test_a_codice_fiscale_with_anything_else_around_is_refused(written: str) -> None:
    received = {"fiscal_code": written, "given_name": "Marco", "family_name": "Rossi"}

    with pytest.raises(claims.UnusableClaims):
        claims.read(attributes(received, TABLE))


def test_who_has_no_codice_fiscale_is_known_by_the_other_identifier() -> None:
    received = {"spid_code": "ES/IT/123", "given_name": "Ana", "family_name": "López"}
    person = claims.read(attributes(received, TABLE), fiscal_code_required=False)

    assert person.subject_key == "ES/IT/123"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"issuer": None}, "issuer"),
        ({"issuer": "http://gestore.example"}, "issuer"),
        ({"issuer": "https://gestore.example/"}, "issuer"),
        ({"issuer": "https://" + "g" * 300}, "issuer"),
        ({"client_id": ""}, "client_id"),
        ({"client_secret": "s"}, "ARPA_OIDC_SECRET"),
        ({"scopes": ["profile"]}, "scopes"),
        ({"scopes": "openid"}, "scopes"),
        ({"acr_values": {}}, "acr_values"),
        ({"acr_values": {"4": ["x"]}}, "acr_values"),
        ({"acr_values": {"2": "due"}}, "acr_values"),
        ({"acr_values": {"2": ["x"], "3": ["x"]}}, "acr_values"),
        ({"claim_map": {"first_name": "nome"}}, "claim_map"),
        ({"claim_map": GOOD["claim_map"] | {"soprannome": "x"}}, "claim_map"),
        ({"claim_map": GOOD["claim_map"] | {"email": ["x"]}}, "claim_map"),
        ({"prefixes": "TINIT-"}, "prefixes"),
        ({"token_auth": "none"}, "token_auth"),
        ({"prompt": 1}, "prompt"),
        ({"end_session": "yes"}, "end_session"),
        ({"scope": ["openid"]}, "scope"),
    ],
    ids=str,
)
def test_a_wrong_agreement_is_told_word_by_word(change: dict[str, Any], says: str) -> None:
    found = conf.faults(GOOD | change, "segreto")

    assert len(found) == 1
    assert says in found[0]


def test_a_good_agreement_has_no_faults_and_needs_its_secret() -> None:
    assert conf.faults(GOOD, "segreto") == []
    assert conf.faults(GOOD, "") == ["Manca ARPA_OIDC_SECRET."]
    assert conf.faults({}, "") == ["ARPA_OIDC non è impostato."]


def test_levels_are_asked_from_the_weakest_that_serves(settings: Any) -> None:
    settings.ARPA_OIDC, settings.ARPA_OIDC_SECRET = GOOD, "segreto"

    assert conf.agreed().acr_values(1) == ["due", "tre", "tre-cie"]
    assert conf.agreed().acr_values(3) == ["tre", "tre-cie"]


def test_production_has_no_provider_of_its_own(settings: Any) -> None:
    settings.ENVIRONMENT, settings.SANDBOX_BASE_URL = "production", "http://localhost:8001"

    with pytest.raises(conf.NotAgreed):
        conf.agreed()
    assert not conf.may_be_called("http://localhost:8001/op/token")
    assert conf.may_be_called("https://gestore.example/token")


def test_production_refuses_the_test_provider(settings: Any) -> None:
    settings.ENVIRONMENT = "production"

    with pytest.raises(ImproperlyConfigured):
        seed()


def test_a_half_written_agreement_is_told_at_start(settings: Any) -> None:
    settings.ARPA_OIDC = {"issuer": "https://gestore.example"}

    assert "spid_auth.E010" in {error.id for error in run_checks(tags=["security"])}


@given(body=st.binary(max_size=200) | st.text(max_size=200))
@example(body=b"[" * 100_000)
@example(body=b'{"a":' * 50_000)
@example(body="1" * 10_000)
def test_reading_json_ends_in_an_object_or_a_refusal(body: bytes | str) -> None:
    with suppress(NotReadable):
        assert isinstance(read_object(body), dict)


@given(token=st.text(max_size=300) | st.from_regex(r"[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,40}", fullmatch=True))
def test_reading_the_header_of_a_token_ends_in_an_object_or_a_refusal(token: str) -> None:
    with suppress(NotReadable):
        assert isinstance(header(token), dict)


@pytest.mark.parametrize(
    ("token_header", "found"),
    [
        ({"alg": "RS256", "kid": "a"}, "a"),
        ({"alg": "RS256", "kid": "b"}, None),
        ({"alg": "RS256", "kid": "cifra"}, None),
        ({"alg": "RS256"}, "a"),
        ({"alg": "ES256", "kid": "c"}, "c"),
        ({"alg": "ES256", "kid": "a"}, None),
        ({"alg": "none", "kid": "a"}, None),
        ({"alg": "HS256", "kid": "a"}, None),
        ({"alg": ["RS256"], "kid": "a"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_the_key_of_a_token_is_one_and_of_its_algorithm(token_header: dict[str, Any], found: str | None) -> None:
    published: list[object] = [
        {"kty": "RSA", "kid": "a", "use": "sig"},
        {"kty": "RSA", "kid": "cifra", "use": "enc"},
        {"kty": "EC", "kid": "c"},
        {"kty": "oct", "kid": "d", "k": "AAAA"},
        "not a key",
    ]
    key = key_for(token_header, published)

    assert (key or {}).get("kid") == found
