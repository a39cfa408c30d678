"""The test identity provider, page after page, over the addresses the sandbox really serves."""

import base64
from typing import Any

import pytest
from django.test import Client

from portal import clock
from portal.people.models import Person
from portal.people.selectors import usable_mandates
from spid_auth.domain import claims
from spid_auth.domain.schemes import Scheme
from spid_auth.models import AuthnTransaction, IdentityProvider
from spid_auth.saml import backend
from spid_auth.sandbox import answers, hostile
from spid_auth.sandbox.people import europeans, people
from spid_auth.sandbox.people import person as person_of
from spid_auth.sandbox.provider import SPID_FACE
from spid_auth.seeds import guide, seed
from tests.spid_auth.at_the_provider import AT_THE_PROVIDER, ask, log_in
from tests.spid_auth.browser_like import hidden_fields, is_in
from tests.spid_auth.factory import IDP, keys


@pytest.mark.parametrize("person", ["giulia", "marco", "elena"])
def test_consent_brings_one_in(client: Client, seeded: IdentityProvider, person: str) -> None:
    back = log_in(client, person)

    assert back.status_code == 302
    assert is_in(client)
    somebody = person_of(person)
    assert somebody is not None
    assert Person.objects.get(fiscal_code=somebody.fiscal_code).user.pk == int(client.session["_auth_user_id"])


@pytest.mark.parametrize(("person", "companies"), [("giulia", 2), ("marco", 0), ("elena", 0)])
def test_mandates_wait_for_who_has_them(client: Client, seeded: IdentityProvider, person: str, companies: int) -> None:
    log_in(client, person)

    logged_in = Person.objects.get(user__pk=client.session["_auth_user_id"])
    assert usable_mandates(logged_in, on=clock.today()).count() == companies


def test_hans_without_codice_fiscale_reads_why_not(client: Client, seeded: IdentityProvider) -> None:
    back = log_in(client, "hans")

    assert back.status_code == 403
    assert "non comunica il codice fiscale" in back.content.decode()


def test_level_1_credentials_are_anomaly_20(client: Client, seeded: IdentityProvider) -> None:
    back = log_in(client, "paolo")

    assert back.status_code == 403
    assert AuthnTransaction.objects.get().error_code == "nr20"


@pytest.mark.parametrize("choice", answers.ANOMALIES)
def test_every_anomaly_of_the_page_is_told(client: Client, seeded: IdentityProvider, choice: str) -> None:
    assert log_in(client, "marco", choice).status_code == (400 if choice == "dtd" else 403)
    assert AuthnTransaction.objects.get().error_code == choice


@pytest.mark.parametrize("choice", sorted(set(hostile.HOSTILE) - {"other-person"}))
def test_every_hostile_answer_of_the_page_is_refused(client: Client, seeded: IdentityProvider, choice: str) -> None:
    assert log_in(Client(), "marco").status_code == 302

    assert log_in(client, "marco", choice).status_code == (400 if choice == "dtd" else 403)
    assert not is_in(client)


def test_a_replay_before_any_login_is_no_way_in_either(client: Client, seeded: IdentityProvider) -> None:
    first = log_in(client, "marco", "replay")

    assert first.status_code == 302  # nothing to send again: it was a first answer, and a good one
    assert log_in(Client(), "marco", "replay").status_code == 403


def test_the_provider_refuses_a_request_signed_by_others(client: Client, seeded: IdentityProvider) -> None:
    fields = ask(client)
    root = backend.parse(base64.b64decode(fields["SAMLRequest"]))
    root.remove(root[1])
    forged = base64.b64encode(backend.sign(root, keys("stranger"))).decode()

    with AT_THE_PROVIDER:
        refused = Client().post("/idp/sso", fields | {"SAMLRequest": forged})

    assert refused.status_code == 403
    assert "firma" in refused.content.decode()


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/idp/consenso", {"person": "marco"}),
        ("/idp/consenso", {"person": "marco", "token": "x:y"}),
        ("/idp/risposta", {"person": "marco", "token": "x:y", "choice": "consent"}),
    ],
)
def test_pages_of_the_provider_do_not_follow_what_they_did_not_verify(
    seeded: IdentityProvider, address: str, fields: dict[str, str]
) -> None:
    with AT_THE_PROVIDER:
        assert Client().post(address, fields).status_code == 400


def test_unknown_people_and_unknown_answers_are_refused(client: Client, seeded: IdentityProvider) -> None:
    fields = ask(client)
    with AT_THE_PROVIDER:
        listed = hidden_fields(Client().post("/idp/sso", fields))
        assert Client().post("/idp/consenso", listed | {"person": "nessuno"}).status_code == 400
        assert Client().post("/idp/risposta", listed | {"person": "marco", "choice": "boh"}).status_code == 400


def test_the_provider_shows_who_lives_there_and_its_metadata(seeded: IdentityProvider) -> None:
    with AT_THE_PROVIDER:
        home = Client().get("/idp/").content.decode()
        document = Client().get("/idp/metadata").content

    assert all(person.family_name in home for person in people())
    assert backend.root_signed_by(backend.parse(document), keys("idp").certificate)


def test_the_provider_can_ask_for_a_logout(client: Client, seeded: IdentityProvider) -> None:
    log_in(client, "giulia")
    with AT_THE_PROVIDER:
        asked = hidden_fields(Client().post("/idp/esci"))

    arrived = Client().post("/spid/slo", asked)
    answer = hidden_fields(client.get(arrived["Location"]))

    assert not is_in(client)
    with AT_THE_PROVIDER:
        page = Client().post("/idp/slo", answer)
        touched = Client().post("/idp/slo", {"SAMLResponse": base64.b64encode(b"<r/>").decode()})
    assert "Esito: Success" in page.content.decode()
    assert touched.status_code == 400


def test_a_logout_before_any_login_is_a_page(seeded: IdentityProvider) -> None:
    with AT_THE_PROVIDER:
        assert Client().post("/idp/esci").status_code == 400
        assert Client().post("/idp/slo", {"SAMLResponse": "x"}).status_code == 400


def test_the_codici_fiscali_of_the_demonstration_are_right_and_nobodys() -> None:
    codes = [person.fiscal_code for person in people() if person.fiscal_code]

    assert len(set(codes)) == len(codes) == 5
    assert not any(person.fiscal_code for person in europeans())
    for person in people():
        if person.fiscal_code:
            assert claims.read(person.attributes()).fiscal_code == person.fiscal_code
            assert person.fiscal_code[11] == "Y"  # no municipality and no country has such a code


def test_seeds_may_run_again_and_follow_the_address(seeded: IdentityProvider, settings: Any) -> None:
    settings.SANDBOX_BASE_URL = "http://localhost:9001"
    settings.PORTAL_BASE_URL = "http://127.0.0.1:9000"

    seed()

    provider_now = IdentityProvider.objects.get(scheme=Scheme.SPID)
    assert provider_now.pk == seeded.pk
    assert provider_now.issuer == "http://localhost:9001/idp"
    assert provider_now.certificates == seeded.certificates
    assert any("Giulia Bianchi" in line for line in guide())
    assert SPID_FACE.sso_url() == provider_now.sso_post_url


def test_the_provider_is_never_seeded_in_production(federation: IdentityProvider, settings: Any) -> None:
    settings.ENVIRONMENT = "production"

    with pytest.raises(Exception, match="produzione"):
        seed()


def test_the_seeded_entity_id_is_the_one_of_the_tests(seeded: IdentityProvider) -> None:
    assert seeded.issuer == IDP
