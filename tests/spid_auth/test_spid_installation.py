"""Commands, checks, admin and tables: what who installs and runs the login meets."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.models import Kind
from portal.audit.models import Event
from portal.entities.models import Entity
from portal.site.access import level_required
from spid_auth.checks import login_is_ready
from spid_auth.domain import claims
from spid_auth.domain.transactions import TRANSITIONS, Action, State
from spid_auth.models import AuthnTransaction, Identity, IdentityProvider, SamlMessage
from spid_auth.saml import certificates
from spid_auth.saml.parties import KeyPair
from tests.spid_auth.browser_like import come_back, leave
from tests.spid_auth.factory import BASE, IDP, keys
from tests.standards import STANDARDS, need

XSD = STANDARDS / "identity" / "xsd" / "saml-schema-metadata-sp-spid-av29.xsd"


def _run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_the_command_makes_a_certificate_once(federation: IdentityProvider, settings: Any, tmp_path: Path) -> None:
    settings.SPID_KEYS_DIR = str(tmp_path / "new")

    assert f"{BASE}/spid/metadata" in _run("spid_make_certificate")
    pair = certificates.load(tmp_path / "new")
    assert pair is not None
    assert certificates.entity_id_of(pair.certificate) == f"{BASE}/spid/metadata"
    with pytest.raises(CommandError, match="--force"):
        _run("spid_make_certificate")
    _run("spid_make_certificate", "--force")
    assert certificates.load(tmp_path / "new") != pair


def test_the_metadata_command_prints_and_checks(federation: IdentityProvider) -> None:
    assert "<md:EntityDescriptor" in _run("spid_metadata")
    assert "conformi" in _run("spid_metadata", "--check", str(need(XSD)))


def test_metadata_without_contacts_are_not_ready(federation: IdentityProvider) -> None:
    Entity.objects.update(email="", pec="", phone="")

    assert "TelephoneNumber" not in _run("spid_metadata")
    with pytest.raises(CommandError, match="telefono"):
        _run("spid_metadata", "--check", str(need(XSD)))


def test_the_metadata_command_tells_what_is_wrong(federation: IdentityProvider, settings: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Non trovo"):
        _run("spid_metadata", "--check", str(tmp_path / "none.xsd"))
    settings.PORTAL_BASE_URL = "https://servizi.provincia.example"
    with pytest.raises(CommandError, match="entityID"):
        _run("spid_metadata", "--check", str(need(XSD)))
    settings.SPID_KEYS_DIR = str(tmp_path / "none")
    with pytest.raises(CommandError, match="certificato"):
        _run("spid_metadata")


@pytest.mark.parametrize(
    ("address", "folder", "found"),
    [
        (BASE, "spid", ["spid_auth.E001"]),
        ("https://servizi.provincia.example", "none", ["spid_auth.E002"]),
        ("https://servizi.provincia.example", "mixed", ["spid_auth.E003"]),
        ("https://servizi.provincia.example", "spid", ["spid_auth.E004"]),
    ],
)
def test_in_production_the_deploy_check_speaks_before_the_first_login(
    federation: IdentityProvider, settings: Any, tmp_path: Path, address: str, folder: str, found: list[str]
) -> None:
    assert login_is_ready(None) == []
    settings.ENVIRONMENT, settings.PORTAL_BASE_URL = "production", address
    settings.SPID_REGISTER_KEYS = ["un segreto lungo"]
    settings.SPID_KEYS_DIR = str(tmp_path / "keys" / folder)
    if folder == "mixed":
        pair = KeyPair(keys("idp").private_key, keys("sp").certificate)
        certificates.store(pair, tmp_path / "keys" / "mixed")

    assert [message.id for message in login_is_ready(None)] == found


def test_messages_are_evidence(client: Client, federation: IdentityProvider) -> None:
    leave(client, federation)

    for change in (
        lambda: SamlMessage.objects.update(body=b""),
        lambda: SamlMessage.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert SamlMessage.objects.count() == 1


def test_a_login_cannot_succeed_without_an_identity(client: Client, federation: IdentityProvider) -> None:
    leave(client, federation)

    with pytest.raises(IntegrityError), transaction.atomic():
        AuthnTransaction.objects.update(state=State.CONSUMED)


@pytest.mark.parametrize("change", [{"certificates": "PEM"}, {"certificates": ""}, {"sso_post_url": ""}])
def test_a_provider_that_could_not_work_is_not_saved(federation: IdentityProvider, change: dict[str, str]) -> None:
    for name, value in change.items():
        setattr(federation, name, value)

    with pytest.raises(ValidationError):
        federation.full_clean()


def test_several_certificates_are_read_one_by_one(federation: IdentityProvider) -> None:
    federation.certificates = keys("idp").certificate + "\n" + keys("next").certificate

    assert federation.info.certificates == (keys("idp").certificate, keys("next").certificate)


def test_nothing_follows_the_end_of_a_request() -> None:
    assert {state for state, _ in TRANSITIONS} == {State.SENT}
    assert set(TRANSITIONS) == {(State.SENT, action) for action in Action}


# -- Admin


@pytest.fixture
def office(federation: IdentityProvider) -> Client:
    """A browser with the session of an administrator of the installation."""
    browser = Client()
    browser.force_login(get_user_model().objects.create(kind=Kind.STAFF, is_staff=True, is_superuser=True))
    return browser


def test_the_register_of_logins_is_read_only(office: Client, client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)
    come_back(client, exchange.response(), relay_state)
    started = AuthnTransaction.objects.get()
    address = f"/admin/spid_auth/authntransaction/{started.pk}/"

    page = office.get(f"{address}change/")

    assert page.status_code == 200
    assert started.relay_state not in page.content.decode()
    assert office.get("/admin/spid_auth/authntransaction/add/").status_code == 403
    assert office.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    assert started.code in office.get("/admin/spid_auth/authntransaction/").content.decode()
    assert office.get("/admin/spid_auth/identity/").status_code == 200


def test_who_opens_a_login_or_an_identity_leaves_a_trace(
    office: Client, client: Client, federation: IdentityProvider
) -> None:
    exchange, relay_state = leave(client, federation)
    come_back(client, exchange.response(), relay_state)
    for row in (AuthnTransaction.objects.get(), Identity.objects.get()):
        assert office.get(f"/admin/spid_auth/{row._meta.model_name}/{row.pk}/change/").status_code == 200
        assert Event.objects.filter(action="spid.row_read", subject_id=str(row.pk)).exists()
    assert office.get("/admin/spid_auth/identity/9999999/change/").status_code == 302


def test_who_changes_a_provider_is_written_down(office: Client, federation: IdentityProvider) -> None:
    address = f"/admin/spid_auth/identityprovider/{federation.pk}/"
    fields = {
        "issuer": federation.issuer,
        "name": federation.name,
        "scheme": federation.scheme,
        "sso_post_url": federation.sso_post_url,
        "certificates": keys("next").certificate,
    }

    assert office.get(f"{address}change/").status_code == 200
    assert office.post(f"{address}change/", fields).status_code == 302

    federation.refresh_from_db()
    assert not federation.enabled
    event = Event.objects.get(action="spid.provider_saved")
    assert set(event.data["changed"]) == {"certificates", "enabled"}
    assert office.post(f"{address}delete/", {"post": "yes"}).status_code == 403


# -- Levels


@level_required(3)
def _strong_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("dentro")


def test_a_strong_page_asks_for_the_level_it_needs(client: Client, federation: IdentityProvider) -> None:
    exchange, relay_state = leave(client, federation)
    come_back(client, exchange.response(), relay_state)
    request = RequestFactory().get("/forte/?a=1")
    request.session = client.session
    request.user = get_user(request)

    sent_away = _strong_page(request)
    assert sent_away["Location"] == "/accedi/?next=%2Fforte%2F%3Fa%3D1&livello=3"

    exchange, relay_state = leave(client, federation, livello="3")
    come_back(client, exchange.response(), relay_state)
    request.session = client.session
    request.user = get_user(request)
    assert _strong_page(request).status_code == 200


def test_a_strong_page_sends_a_visitor_to_the_login(client: Client, federation: IdentityProvider) -> None:
    request = RequestFactory().post("/forte/?a=1")
    request.session = client.session
    request.user = AnonymousUser()

    assert _strong_page(request)["Location"] == "/accedi/?next=%2Fforte%2F&livello=3"


# -- Claims


GOOD = {"fiscalNumber": "TINIT-BNCGLI85C52Y999U", "name": "Giulia", "familyName": "Bianchi"}


def test_optional_attributes_may_be_missing() -> None:
    found = claims.read(GOOD)

    assert (found.birth_date, found.email, found.spid_code) == (None, None, "")


def test_lower_case_is_read_and_provisional_codes_are_accepted() -> None:
    assert claims.read(GOOD | {"fiscalNumber": "tinit-bncgli85c52y999u"}).fiscal_code == "BNCGLI85C52Y999U"
    assert claims.read(GOOD | {"fiscalNumber": "TINIT-00743110157"}).fiscal_code == "00743110157"


def test_without_a_number_the_person_has_no_italian_code() -> None:
    with pytest.raises(claims.NoFiscalCode):
        claims.read(GOOD | {"fiscalNumber": ""})


@given(st.dictionaries(st.sampled_from(["fiscalNumber", "name", "familyName", "dateOfBirth", "email"]), st.text()))
def test_attributes_are_read_or_refused_and_nothing_else(attributes: dict[str, str]) -> None:
    try:
        found = claims.read(attributes)
    except (claims.NoFiscalCode, claims.UnusableClaims):
        return
    assert found.first_name
    assert found.last_name


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_doubtful_birth_day_or_address_is_left_out(day: str, email: str) -> None:
    found = claims.read(GOOD | {"dateOfBirth": day, "email": email})

    assert found.email is None or "@" in found.email


def test_the_identity_provider_of_the_tests_is_the_registered_one(federation: IdentityProvider) -> None:
    assert federation.info.entity_id == IDP
