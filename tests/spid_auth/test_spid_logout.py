"""Logout asked by the identity provider: signed, about this browser's own session, answered."""

import base64
from typing import Any

import pytest
from django.test import Client
from lxml import etree

from portal import clock
from portal.audit.models import Event
from spid_auth.models import AuthnTransaction, IdentityProvider, SamlMessage
from spid_auth.register_seal import opened
from spid_auth.saml import backend, redirect
from spid_auth.saml.names import FORMAT_ENTITY, FORMAT_TRANSIENT, SAML, SAMLP, STATUS_RESPONDER, STATUS_SUCCESS
from spid_auth.saml.xml import attribute, child, one, written
from tests.spid_auth.browser_like import come_back, hidden_fields, is_in, leave
from tests.spid_auth.factory import IDP, PROVIDER, Mutation, drop, keys, put, unset, write

SLO = f"{IDP}/slo"
STATEMENT = "saml:Assertion/saml:AuthnStatement"


@pytest.fixture
def inside(client: Client, federation: IdentityProvider) -> Client:
    """A browser with a citizen's session."""
    IdentityProvider.objects.update(slo_post_url=SLO)
    exchange, relay_state = leave(client, federation)
    come_back(client, exchange.response(), relay_state)
    assert is_in(client)
    return client


def _request(*mutations: Mutation) -> etree._Element:
    root = etree.Element(
        f"{{{SAMLP}}}LogoutRequest",
        {"ID": "_logout", "Version": "2.0", "IssueInstant": written(clock.now()), "Destination": PROVIDER.slo_url},
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    child(root, SAML, "Issuer", IDP, Format=FORMAT_ENTITY)
    subject = AuthnTransaction.objects.latest("pk").subject
    child(root, SAML, "NameID", subject, Format=FORMAT_TRANSIENT, NameQualifier=IDP)
    for mutate in mutations:
        mutate(root)
    return root


def _post(root: etree._Element, *, by: str = "idp", sign: bool = True) -> Any:
    xml = backend.sign(root, keys(by)) if sign else etree.tostring(root)
    return Client().post("/spid/slo", {"SAMLRequest": base64.b64encode(xml).decode(), "RelayState": "abc"})


def _status(page: Any) -> str:
    fields = hidden_fields(page)
    assert fields["RelayState"] == "abc"
    root = backend.parse(base64.b64decode(fields["SAMLResponse"]))
    assert backend.root_signed_by(root, keys("sp").certificate)
    assert (root.get("InResponseTo"), root.get("Destination")) == ("_logout", SLO)
    return attribute(one(root, "samlp:Status/samlp:StatusCode"), "Value").rpartition(":")[2]


def test_the_session_ends_and_the_provider_is_told(inside: Client) -> None:
    arrived = _post(_request())
    assert arrived.status_code == 303

    page = inside.get(arrived["Location"])

    assert _status(page) == "Success"
    assert not is_in(inside)
    assert Event.objects.filter(action="spid.logout_requested").get().data["ended"] is True
    assert "form-action 'self' http://localhost:8001" in page["Content-Security-Policy"]


def test_the_request_may_come_by_address(inside: Client) -> None:
    query = redirect.signed_query("SAMLRequest", etree.tostring(_request()), "abc", keys("idp"))

    arrived = Client().get(f"/spid/slo?{query}")

    assert _status(inside.get(arrived["Location"])) == "Success"
    assert not is_in(inside)


def test_the_session_of_somebody_else_stays_open(inside: Client, federation: IdentityProvider) -> None:
    root = _request()
    other = Client()
    exchange, relay_state = leave(other, federation)
    come_back(other, exchange.response(), relay_state)

    page = other.get(_post(root)["Location"])

    assert _status(page) == "Responder"
    assert is_in(other)


def test_a_provider_that_was_switched_off_ends_nothing(inside: Client) -> None:
    IdentityProvider.objects.update(enabled=False)

    assert _post(_request()).status_code == 400
    assert is_in(inside)


def test_a_browser_where_nobody_is_in_is_a_complete_logout(inside: Client) -> None:
    assert _status(Client().get(_post(_request())["Location"])) == "Success"
    assert is_in(inside)


def test_a_provider_without_logout_address_gets_no_answer(inside: Client) -> None:
    IdentityProvider.objects.update(slo_post_url="")

    back = inside.get(_post(_request())["Location"])

    assert back["Location"] == "/"
    assert not is_in(inside)


@pytest.mark.parametrize(
    "mutate",
    [
        put("/samlp:LogoutRequest", "Version", "1.1"),
        put("/samlp:LogoutRequest", "Destination", "https://altro.example/"),
        unset("/samlp:LogoutRequest", "Destination"),
        put("/samlp:LogoutRequest", "IssueInstant", "2018-01-01T00:00:00Z"),
        put("/samlp:LogoutRequest", "IssueInstant", "2099-01-01T00:00:00Z"),
        put("/samlp:LogoutRequest", "NotOnOrAfter", "2018-01-01T00:00:00Z"),
        put("/samlp:LogoutRequest", "NotOnOrAfter", "domani"),
        write("saml:NameID", "_sconosciuto"),
        drop("saml:NameID"),
        write("saml:Issuer", "https://altro.example/"),
    ],
)
def test_a_bad_request_ends_nothing(inside: Client, mutate: Mutation) -> None:
    assert _post(_request(mutate)).status_code == 400
    assert is_in(inside)


def test_an_unsigned_or_foreign_request_ends_nothing(inside: Client) -> None:
    assert _post(_request(), sign=False).status_code == 400
    assert _post(_request(), by="stranger").status_code == 400
    unsigned = redirect.signed_query("SAMLRequest", etree.tostring(_request()), "abc", keys("stranger"))
    assert Client().get(f"/spid/slo?{unsigned}").status_code == 400
    assert is_in(inside)


@pytest.mark.parametrize("query", ["", "?SAMLRequest=x", "?SAMLRequest=PHIvPg==", "?SAMLResponse=PHIvPg=="])
def test_what_is_not_a_request_is_a_page(federation: IdentityProvider, query: str) -> None:
    assert Client().get(f"/spid/slo{query}").status_code == 400
    assert Client().post("/spid/slo", {"SAMLRequest": query}).status_code == 400


def test_the_handle_of_a_login_does_not_end_a_session(inside: Client, federation: IdentityProvider) -> None:
    assert inside.get("/spid/slo/finish", {"h": "x"}).status_code == 400
    assert is_in(inside)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda query: query.replace("RelayState=abc", "RelayState=abd"),
        lambda query: query + "&SAMLRequest=x",
        lambda query: query.replace("rsa-sha256", "rsa-sha1"),
        lambda query: query.partition("&Signature=")[0],
        lambda query: query.partition("&Signature=")[0] + "&Signature=%%%",
        lambda query: "SAMLRequest=x&" + query,
    ],
)
def test_a_touched_address_is_not_signed(spoil: Any) -> None:
    query = redirect.signed_query("SAMLRequest", b"<r/>", "abc", keys("idp"))

    assert redirect.query_signed_by(query, keys("idp").certificate)
    assert not redirect.query_signed_by(spoil(query), keys("idp").certificate)


def test_a_message_that_inflates_without_end_is_not_read() -> None:
    query = redirect.signed_query("SAMLRequest", b"<r>" + b"a" * 200_000 + b"</r>", "abc", keys("idp"))
    packed = query.partition("=")[2].partition("&")[0].replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")

    with pytest.raises(redirect.NotPacked):
        redirect.inflated(packed)


@pytest.fixture
def at_level_one(client: Client, federation: IdentityProvider, settings: Any) -> Client:
    """A browser let in at level 1 by a provider that keeps a session of its own."""
    settings.SPID_LEVEL = 1
    IdentityProvider.objects.update(slo_post_url=SLO)
    exchange, relay_state = leave(client, federation)
    come_back(client, exchange.response(put(STATEMENT, "SessionIndex", "_sessione")), relay_state)
    assert is_in(client)
    return client


def _answer(request: etree._Element, *mutations: Mutation, code: str = STATUS_SUCCESS) -> etree._Element:
    root = etree.Element(
        f"{{{SAMLP}}}LogoutResponse",
        {
            "ID": "_answer",
            "Version": "2.0",
            "IssueInstant": written(clock.now()),
            "Destination": PROVIDER.slo_url,
            "InResponseTo": str(request.get("ID")),
        },
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    child(root, SAML, "Issuer", IDP, Format=FORMAT_ENTITY)
    child(child(root, SAMLP, "Status"), SAMLP, "StatusCode", Value=code)
    for mutate in mutations:
        mutate(root)
    return root


def _asked(page: Any) -> etree._Element:
    root = backend.parse(base64.b64decode(hidden_fields(page)["SAMLRequest"]))
    assert backend.root_signed_by(root, keys("sp").certificate)
    return root


def _tell(root: etree._Element, *, by: str = "idp") -> Any:
    xml = backend.sign(root, keys(by))
    return Client().post("/spid/slo", {"SAMLResponse": base64.b64encode(xml).decode(), "RelayState": "abc"})


def test_who_leaves_is_out_before_the_provider_hears_of_it(at_level_one: Client) -> None:
    page = at_level_one.post("/esci/")

    assert not is_in(at_level_one)
    asked, started = _asked(page), AuthnTransaction.objects.get()
    assert asked.tag == f"{{{SAMLP}}}LogoutRequest"
    assert asked.get("Destination") == SLO
    assert [node.text for node in asked if node.tag.endswith(("NameID", "SessionIndex"))] == [
        started.subject,
        "_sessione",
    ]
    assert attribute(one(asked, "saml:Issuer"), "NameQualifier") == PROVIDER.entity_id
    assert opened(SamlMessage.objects.latest("pk")).startswith(b"<samlp:LogoutRequest")


@pytest.mark.parametrize(("code", "said"), [(STATUS_SUCCESS, "ha chiuso la propria"), (STATUS_RESPONDER, "non ha")])
def test_the_answer_of_the_provider_is_kept_and_told(at_level_one: Client, code: str, said: str) -> None:
    asked = _asked(at_level_one.post("/esci/"))

    arrived = _tell(_answer(asked, code=code))

    assert arrived.status_code == 303
    assert said in at_level_one.get(arrived["Location"]).content.decode()
    assert Event.objects.get(action="spid.logout_answered").data["complete"] is (code == STATUS_SUCCESS)
    assert _tell(_answer(asked, code=code)).status_code == 400, "an answer counts once"


@pytest.mark.parametrize(
    "mutation",
    [
        put("/samlp:LogoutResponse", "Destination", "https://altro.example/"),
        put("/samlp:LogoutResponse", "InResponseTo", "_altra"),
        unset("/samlp:LogoutResponse", "InResponseTo"),
        put("/samlp:LogoutResponse", "IssueInstant", "2018-01-01T00:00:00Z"),
        write("saml:Issuer", "https://altro.example/"),
    ],
)
def test_a_bad_answer_is_refused_and_changes_nothing(at_level_one: Client, mutation: Mutation) -> None:
    asked = _asked(at_level_one.post("/esci/"))
    before = SamlMessage.objects.count()

    assert _tell(_answer(asked, mutation)).status_code == 400
    assert _tell(_answer(asked), by="other").status_code == 400
    assert SamlMessage.objects.count() == before


def test_from_level_two_leaving_is_local(inside: Client) -> None:
    back = inside.post("/esci/")

    assert (back.status_code, back["Location"]) == (302, "/")
    assert not is_in(inside)


def test_the_provider_may_be_told_by_address(at_level_one: Client) -> None:
    IdentityProvider.objects.update(slo_post_url="", slo_redirect_url=SLO)

    back = at_level_one.post("/esci/")

    query = back["Location"].removeprefix(f"{SLO}?")
    assert redirect.query_signed_by(query, keys("sp").certificate)
    assert not is_in(at_level_one)


def test_without_our_key_one_leaves_all_the_same(at_level_one: Client, settings: Any, tmp_path: Any) -> None:
    settings.SPID_KEYS_DIR = str(tmp_path / "none")

    assert at_level_one.post("/esci/")["Location"] == "/"
    assert not is_in(at_level_one)


def test_after_cie_one_is_offered_to_close_that_session_too(at_level_one: Client) -> None:
    AuthnTransaction.objects.update(scheme="cie")
    IdentityProvider.objects.update(scheme="cie", slo_redirect_url="https://cie.example/logout")

    page = at_level_one.post("/esci/")

    assert not is_in(at_level_one)
    assert "https://cie.example/logout" in page.content.decode()


def test_a_logout_request_that_came_in_by_the_door_of_the_answers_ends_nothing(inside: Client) -> None:
    """What arrives there is kept before anybody looks at its signature."""
    relay_state = AuthnTransaction.objects.latest("pk").relay_state
    fields = {"SAMLResponse": base64.b64encode(etree.tostring(_request())).decode(), "RelayState": relay_state}
    handle = Client().post("/spid/acs", fields)["Location"].partition("?")[2]

    page = inside.get(f"/spid/slo/finish?{handle}")

    assert page.status_code == 400
    assert "SAMLResponse" not in hidden_fields(page)
    assert is_in(inside)


def test_a_handle_of_a_logout_opens_no_login(inside: Client) -> None:
    handle = _post(_request())["Location"].partition("?")[2]

    assert inside.get(f"/spid/acs/finish?{handle}").status_code == 403
    assert is_in(inside)


def test_the_door_of_the_logouts_has_a_brake(inside: Client, settings: Any) -> None:
    settings.RATE_LIMITS = True
    answers = [Client().post("/spid/slo", {"SAMLRequest": "x"}).status_code for _ in range(61)]

    assert (answers[0], answers[-1]) == (400, 429)
