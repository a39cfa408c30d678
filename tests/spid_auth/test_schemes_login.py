"""One login with each system, from the button to the identity kept, through the pages of the test providers."""

import base64
from typing import Any

import pytest
from django.test import Client

from portal import clock
from portal.people.models import Person
from portal.people.selectors import usable_mandates
from portal.people.session import IDENTITY_KEY
from spid_auth.domain.schemes import Scheme
from spid_auth.models import AuthnTransaction, Identity, IdentityProvider, SamlMessage
from spid_auth.register_seal import opened
from spid_auth.saml import backend
from spid_auth.saml.xml import attribute, find, one, text
from spid_auth.sandbox import hostile
from tests.spid_auth.at_the_provider import AT_THE_PROVIDER, ask, choose, log_in
from tests.spid_auth.browser_like import come_back, hidden_fields, is_in

FACES = (Scheme.SPID, Scheme.CIE, Scheme.EIDAS)
SOMEBODY = {Scheme.SPID: "giulia", Scheme.CIE: "giulia", Scheme.EIDAS: "anna-de"}
REFUSED_EVERYWHERE = sorted(set(hostile.HOSTILE) - {"other-person"})


def _request(fields: dict[str, str]) -> Any:
    return backend.parse(base64.b64decode(fields["SAMLRequest"]))


def _answer(fields: dict[str, str]) -> Any:
    return backend.parse(base64.b64decode(fields["SAMLResponse"]))


# -- CIE


def test_with_cie_one_comes_in_with_four_attributes(client: Client, seeded: IdentityProvider) -> None:
    back = log_in(client, "giulia", scheme=Scheme.CIE)

    assert back.status_code == 302
    identity = Identity.objects.get()
    assert (identity.scheme, identity.subject_key, identity.level) == ("cie", "BNCGLI85C52Y999U", 2)
    assert identity.person.birth_date is not None
    assert client.session[IDENTITY_KEY]["scheme"] == "cie"


def test_cie_answers_in_its_own_way_and_is_understood(client: Client, seeded: IdentityProvider) -> None:
    answer = _answer(choose(ask(client, Scheme.CIE), "giulia", scheme=Scheme.CIE))

    issuers = find(answer, "//saml:Issuer")
    assert [node.get("Format") for node in issuers] == [None, None]
    assert all((node.text or "") != (node.text or "").strip() for node in issuers)
    assert sorted(attribute(node, "Name") for node in find(answer, "//saml:Attribute")) == [
        "dateOfBirth",
        "familyName",
        "fiscalNumber",
        "name",
    ]
    birth = one(answer, "//saml:Attribute[@Name='dateOfBirth']/saml:AttributeValue")
    assert birth is not None
    assert birth.get("{http://www.w3.org/2001/XMLSchema-instance}type") == "xs:string"
    assert attribute(one(answer, "//saml:AuthnStatement"), "SessionIndex")


@pytest.mark.parametrize("level", ["1", "2", "3"])
@pytest.mark.parametrize("comparison", ["exact", "minimum", "better"])
def test_cie_is_always_asked_to_recognise_again_and_never_for_better(
    client: Client, seeded: IdentityProvider, settings: Any, level: str, comparison: str
) -> None:
    settings.SPID_LEVEL, settings.SPID_COMPARISON = 1, comparison

    asked = _request(ask(client, Scheme.CIE, livello=level))

    assert asked.get("ForceAuthn") == "true"
    found = attribute(one(asked, "samlp:RequestedAuthnContext"), "Comparison")
    assert found == ("exact" if comparison == "exact" else "minimum")


def test_spid_and_cie_of_one_person_are_one_user(client: Client, seeded: IdentityProvider) -> None:
    log_in(client, "giulia", scheme=Scheme.CIE)
    by_cie = client.session["_auth_user_id"]
    other = Client()
    log_in(other, "giulia")

    assert other.session["_auth_user_id"] == by_cie
    assert Person.objects.filter(fiscal_code="BNCGLI85C52Y999U").count() == 1
    assert sorted(Identity.objects.values_list("scheme", flat=True)) == ["cie", "spid"]


def test_cie_has_a_page_of_its_own_for_who_leaves(client: Client, seeded: IdentityProvider) -> None:
    log_in(client, "giulia", scheme=Scheme.CIE)

    page = client.post("/esci/")

    assert not is_in(client)
    assert "http://localhost:8001/cie/slo" in page.content.decode()
    with AT_THE_PROVIDER:
        assert "Sei uscito da CIE" in Client().get("/cie/slo").content.decode()
        assert Client().post("/cie/esci").status_code == 400


# -- eIDAS


def test_who_has_no_codice_fiscale_comes_in_by_eidas(client: Client, seeded: IdentityProvider) -> None:
    back = log_in(client, "anna-de", scheme=Scheme.EIDAS)

    assert back.status_code == 302
    identity = Identity.objects.get()
    assert (identity.scheme, identity.subject_key) == ("eidas", "DE/IT/7f3a9c5e1b2d4860")
    assert identity.person.fiscal_code is None
    assert (identity.person.first_name, identity.person.last_name) == ("Anna", "Schmidt")


def test_who_comes_back_by_eidas_is_the_same_person(client: Client, seeded: IdentityProvider) -> None:
    log_in(client, "anna-de", scheme=Scheme.EIDAS)
    other = Client()
    log_in(other, "anna-de", scheme=Scheme.EIDAS)

    assert other.session["_auth_user_id"] == client.session["_auth_user_id"]
    assert Person.objects.filter(fiscal_code=None).count() == 1


def test_two_people_by_eidas_are_two(seeded: IdentityProvider) -> None:
    for key in ("anna-de", "pierre-fr", "lucia-es"):
        assert log_in(Client(), key, scheme=Scheme.EIDAS).status_code == 302

    assert Person.objects.filter(fiscal_code=None).count() == 3


def test_the_node_is_asked_for_the_minimum_set_only(client: Client, seeded: IdentityProvider) -> None:
    fields = ask(client, Scheme.EIDAS)
    answer = _answer(choose(fields, "anna-de", scheme=Scheme.EIDAS))

    assert _request(fields).get("AttributeConsumingServiceIndex") == "99"
    sent = {attribute(node, "Name") for node in find(answer, "//saml:Attribute")}
    assert sent == {"spidCode", "name", "familyName", "dateOfBirth"}


def test_a_low_level_of_assurance_is_refused(client: Client, seeded: IdentityProvider) -> None:
    assert log_in(client, "jonas-de", scheme=Scheme.EIDAS).status_code == 403
    assert AuthnTransaction.objects.get().error_code == "nr20"


@pytest.mark.parametrize("country", ["", "XX", "IT", "de"])
def test_the_node_knows_its_countries_only(client: Client, seeded: IdentityProvider, country: str) -> None:
    fields = ask(client, Scheme.EIDAS)
    with AT_THE_PROVIDER:
        offered = hidden_fields(Client().post("/eidas/sso", fields))
        assert Client().post("/eidas/paese", offered | {"country": country}).status_code == 400


# -- All of them


@pytest.mark.parametrize("scheme", FACES)
def test_request_and_answer_stay_in_the_register(client: Client, seeded: IdentityProvider, scheme: Scheme) -> None:
    log_in(client, SOMEBODY[scheme], scheme=scheme)

    started = AuthnTransaction.objects.get()
    kept = [opened(message) for message in SamlMessage.objects.all()]
    assert (started.scheme, started.state) == (scheme, "consumed")
    assert b"AuthnRequest" in kept[0]
    assert b"Response" in kept[1]


@pytest.mark.parametrize("scheme", FACES[1:])
@pytest.mark.parametrize("choice", REFUSED_EVERYWHERE)
def test_neither_cie_nor_eidas_lets_in_with_a_hostile_answer(
    client: Client, seeded: IdentityProvider, scheme: Scheme, choice: str
) -> None:
    assert log_in(Client(), SOMEBODY[scheme], scheme=scheme).status_code == 302

    assert log_in(client, SOMEBODY[scheme], choice, scheme=scheme).status_code in {400, 403}
    assert not is_in(client)


@pytest.mark.parametrize("answering", FACES)
@pytest.mark.parametrize("asked", FACES)
def test_one_system_cannot_answer_for_another(
    client: Client, seeded: IdentityProvider, asked: Scheme, answering: Scheme
) -> None:
    if asked is answering:
        return
    fields = ask(client, asked)
    other = ask(Client(), answering)
    back = choose(other, SOMEBODY[answering], scheme=answering)

    refused = come_back(client, base64.b64decode(back["SAMLResponse"]), fields["RelayState"])

    assert refused.status_code == 403
    assert not is_in(client)


@pytest.mark.parametrize("scheme", FACES)
@pytest.mark.parametrize("other", FACES)
def test_a_face_refuses_requests_meant_for_another(
    client: Client, seeded: IdentityProvider, scheme: Scheme, other: Scheme
) -> None:
    fields = ask(client, scheme)
    address = {Scheme.SPID: "/idp/sso", Scheme.CIE: "/cie/sso", Scheme.EIDAS: "/eidas/sso"}[other]
    with AT_THE_PROVIDER:
        arrived = Client().post(address, fields)

    assert arrived.status_code == (200 if scheme is other else 403)


# -- Professional identities (AgID notice 18 v2)


@pytest.mark.parametrize(
    ("person", "company", "mandates"),
    [("giulia-pro", "Autotrasporti Bianchi S.r.l.", 2), ("marco-pro", "Edil Tirreno S.p.A.", 0)],
)
def test_a_professional_identity_is_kept_and_gives_no_power(
    client: Client, seeded: IdentityProvider, person: str, company: str, mandates: int
) -> None:
    before = usable_mandates_of_everybody()
    log_in(client, person, uso="P")

    identity = Identity.objects.get()
    assert identity.company_name == company
    assert identity.company_vat_number
    logged_in = identity.person
    assert usable_mandates(logged_in, on=clock.today()).count() == mandates
    assert usable_mandates_of_everybody() == before


def usable_mandates_of_everybody() -> int:
    return sum(usable_mandates(person, on=clock.today()).count() for person in Person.objects.all())


def test_a_personal_login_does_not_forget_the_company(client: Client, seeded: IdentityProvider) -> None:
    log_in(client, "giulia-pro", uso="P")
    log_in(Client(), "giulia")

    assert Identity.objects.get().company_name == "Autotrasporti Bianchi S.r.l."


@pytest.mark.parametrize("uso", ["LP", "PX"])
def test_the_identity_of_a_company_alone_is_refused_with_its_page(
    client: Client, seeded: IdentityProvider, uso: str
) -> None:
    back = log_in(client, "bianchi-srl", uso=uso)

    assert back.status_code == 403
    assert "Con questa identità non sappiamo chi sei" in back.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize(
    ("person", "uso"), [("giulia", "P"), ("giulia-pro", ""), ("giulia-pro", "PF"), ("bianchi-srl", "P")]
)
def test_the_wrong_type_of_identity_is_anomaly_30(
    client: Client, seeded: IdentityProvider, person: str, uso: str
) -> None:
    assert log_in(client, person, uso=uso).status_code == 403
    assert AuthnTransaction.objects.get().error_code == "nr30"


@pytest.mark.parametrize("uso", ["p", "X", "%00", "P' OR 1=1"])
def test_an_unknown_purpose_is_no_purpose(client: Client, seeded: IdentityProvider, uso: str) -> None:
    assert one(_request(ask(client, uso=uso)), "samlp:Extensions") is None


def test_cie_and_eidas_are_never_asked_for_a_professional_use(client: Client, seeded: IdentityProvider) -> None:
    for scheme in (Scheme.CIE, Scheme.EIDAS):
        assert one(_request(ask(client, scheme, uso="P")), "samlp:Extensions") is None


def test_a_request_of_professional_use_says_so(client: Client, seeded: IdentityProvider) -> None:
    asked = _request(ask(client, uso="P"))

    assert text(one(asked, "samlp:Extensions/spid:Purpose")) == "P"
    assert asked.get("AttributeConsumingServiceIndex") == "2"
