"""What each body publishes, by system and by way of taking part; certificates that follow one another."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from portal import clock
from spid_auth import conf
from spid_auth.certificate_services import (
    COMMAND,
    certificate_register,
    certificate_withdraw,
    own_expiries_watch,
)
from spid_auth.domain.schemes import Scheme
from spid_auth.models import Alert, IdentityProvider, ServiceProviderEntity, SigningCertificate
from spid_auth.saml import backend, certificates
from spid_auth.saml.schema import faults
from spid_auth.saml.xml import attribute, find, one, text
from spid_auth.sandbox.requests import RequestRefused
from spid_auth.sandbox.senders import metadata_of
from tests.spid_auth.at_the_provider import AT_THE_PROVIDER, ask, log_in
from tests.spid_auth.factory import BASE
from tests.standards import STANDARDS, need

XSD = STANDARDS / "identity" / "xsd"
DIRECT, FLORENCE, LEGHORN, CIE = "/spid/metadata", "/pub-ag-full/fi", "/pub-ag-full/li", "/cie/metadata"


def _document(path: str) -> bytes:
    served = Client().get(path)
    assert served.status_code == 200
    assert served["Content-Type"] == "application/samlmetadata+xml"
    return bytes(served.content)


# -- Documents


@pytest.mark.parametrize("path", [DIRECT, FLORENCE, LEGHORN, CIE])
def test_each_document_is_at_its_own_entity_id_and_signed(seeded: IdentityProvider, path: str) -> None:
    root = backend.parse(_document(path))
    announced = [text(node) for node in find(root, "md:SPSSODescriptor/md:KeyDescriptor//ds:X509Certificate")]

    assert root.get("entityID") == f"{BASE}{path}"
    assert len(announced) == 1
    assert backend.root_signed_by(root, f"-----BEGIN CERTIFICATE-----\n{announced[0]}\n-----END CERTIFICATE-----\n")


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        (DIRECT, "saml-schema-metadata-sp-spid-av29.xsd"),
        (FLORENCE, "saml-schema-metadata-aggregated-spid.xsd"),
        (LEGHORN, "saml-schema-metadata-aggregated-spid.xsd"),
        (CIE, "cie/saml-schema-metadata-sp-cie.xsd"),
    ],
)
def test_each_document_follows_its_official_schema(seeded: IdentityProvider, path: str, schema: str) -> None:
    assert faults(_document(path), need(XSD / schema)) == []


@pytest.mark.parametrize("schema", ["saml-schema-metadata-aggregated-spid.xsd", "cie/saml-schema-metadata-sp-cie.xsd"])
def test_the_schemas_find_disorder(seeded: IdentityProvider, schema: str) -> None:
    path = CIE if "cie" in schema else FLORENCE

    assert faults(_document(path).replace(b"md:NameIDFormat", b"md:NomeFormat"), need(XSD / schema))


@pytest.mark.parametrize(("path", "ipa"), [(FLORENCE, "cmfi"), (LEGHORN, "p_li")])
def test_an_aggregated_body_names_who_presents_it_and_itself(seeded: IdentityProvider, path: str, ipa: str) -> None:
    root = backend.parse(_document(path))
    contacts = find(root, "md:ContactPerson")

    assert [text(one(contact, "md:Extensions/spid:IPACode")) for contact in contacts] == ["p_pi", ipa]
    kinds = [contact.get("{https://spid.gov.it/saml-extensions}entityType") for contact in contacts]
    assert kinds == ["spid:aggregator", "spid:aggregated"]
    assert one(contacts[0], "md:Extensions/spid:PublicServicesFullAggregator") is not None


def test_cie_reads_the_municipality_and_four_attributes(seeded: IdentityProvider) -> None:
    root = backend.parse(_document(CIE))

    assert text(one(root, "//cie:Municipality")) == "G702"
    assert [attribute(node, "Name") for node in find(root, "//md:RequestedAttribute")] == [
        "name",
        "familyName",
        "dateOfBirth",
        "fiscalNumber",
    ]


def test_the_sets_of_eidas_are_published_by_who_has_it(seeded: IdentityProvider) -> None:
    def indexes() -> list[str | None]:
        return [node.get("index") for node in find(backend.parse(_document(DIRECT)), "//md:AttributeConsumingService")]

    assert indexes() == ["0", "1", "2", "99", "100"]
    ServiceProviderEntity.objects.update(with_eidas=False)
    assert indexes() == ["0", "1", "2"]


@pytest.mark.parametrize(
    "path",
    [
        "/pub-ag-full/xx",
        "/pub-ag-full/pi",
        "/pub-ag-lite/fi",
        "/pub-op-full/fi",
        "/pub-ag-full/FI",
        "/pub-ag-full/fi/",
        "/pri-ag-full/fi",
        "/fi/spid/metadata",
        "/li/cie/metadata",
        "/pi/spid/metadata",
        "/zz/spid/metadata",
        "/zz/cie/metadata",
    ],
)
def test_there_is_no_document_at_another_address(seeded: IdentityProvider, path: str) -> None:
    assert Client().get(path).status_code == 404


def test_without_cie_there_is_no_document_for_cie(seeded: IdentityProvider) -> None:
    ServiceProviderEntity.objects.update(with_cie=False)

    assert Client().get(CIE).status_code == 404


@pytest.mark.parametrize("path", [DIRECT, FLORENCE, CIE])
def test_documents_are_only_read(seeded: IdentityProvider, path: str) -> None:
    assert Client().post(path).status_code == 405


# -- What the provider knows of us


@pytest.mark.parametrize(
    ("issuer", "scheme"),
    [
        (f"{BASE}{CIE}", Scheme.SPID),
        (f"{BASE}{DIRECT}", Scheme.CIE),
        ("https://altro.example/metadata", Scheme.SPID),
        ("", Scheme.EIDAS),
    ],
)
def test_nobody_else_is_known_to_the_provider(seeded: IdentityProvider, issuer: str, scheme: Scheme) -> None:
    with pytest.raises(RequestRefused):
        metadata_of(issuer, scheme)


@pytest.mark.parametrize("code", ["fi", "li"])
def test_citizens_of_an_aggregated_body_come_in(client: Client, seeded: IdentityProvider, code: str) -> None:
    assert log_in(client, "marco", ente=code).status_code == 302
    assert log_in(Client(), "anna-de", scheme=Scheme.EIDAS, ente=code).status_code == 302


# -- One certificate after another


def _register() -> SigningCertificate:
    """A certificate of Pisa that signs from two minutes from now, within the life of a request."""
    row = ServiceProviderEntity.objects.get(body__code="PI")
    return certificate_register(row=row, active_from=clock.now() + timedelta(minutes=2))


def _later() -> Any:
    return time_machine.travel(clock.now() + timedelta(minutes=3))


def _announced(path: str = DIRECT) -> int:
    return len(find(backend.parse(_document(path)), "md:SPSSODescriptor/md:KeyDescriptor"))


def _arrives(fields: dict[str, str]) -> int:
    with AT_THE_PROVIDER:
        return int(Client().post("/idp/sso", fields).status_code)


def test_a_new_certificate_is_announced_before_it_signs(client: Client, seeded: IdentityProvider) -> None:
    before = ask(client)
    _register()

    assert (_announced(), _announced(FLORENCE), _announced(CIE)) == (2, 2, 2)
    assert _arrives(before) == 200
    assert log_in(Client(), "marco").status_code == 302


def test_when_its_time_comes_the_new_one_signs_and_the_old_is_still_known(
    client: Client, seeded: IdentityProvider
) -> None:
    new = _register()
    by_the_old = ask(client)
    with _later():
        assert _announced() == 2
        assert (_arrives(by_the_old), _arrives(ask(client))) == (200, 200)
        assert log_in(Client(), "marco").status_code == 302

        certificate_withdraw(certificate_id=new.pk, actor=COMMAND)
        assert _arrives(ask(client)) == 200, "the old one signs again"


def test_what_a_withdrawn_certificate_signed_is_refused(client: Client, seeded: IdentityProvider) -> None:
    _register()
    by_the_old = ask(client)
    old = SigningCertificate.objects.earliest("active_from")
    with _later():
        certificate_withdraw(certificate_id=old.pk, actor=COMMAND)

        assert _announced() == 1
        assert (_arrives(by_the_old), _arrives(ask(client))) == (403, 200)


def test_with_every_certificate_withdrawn_nobody_leaves_and_nobody_is_known(
    client: Client, seeded: IdentityProvider, settings: Any
) -> None:
    fields = ask(client)
    _register()
    for one_of in SigningCertificate.objects.all():
        certificate_withdraw(certificate_id=one_of.pk, actor=COMMAND)

    assert client.get("/spid/accedi/", {"idp": seeded.pk}).status_code == 403
    assert _arrives(fields) == 403


def test_our_own_certificate_is_not_left_to_expire_in_silence(seeded: IdentityProvider) -> None:
    def told() -> list[str]:
        return list(Alert.objects.filter(closed_at__isnull=True).values_list("subject", flat=True))

    pairs = [certificates.load(conf.keys_folder()), certificates.load(conf.keys_folder() / "PI")]
    until = max(certificates.valid_until(pair.certificate) for pair in pairs if pair)
    for days, alerts in ((61, []), (59, ["certificate · PI"])):
        own_expiries_watch(now=until - timedelta(days=days))
        assert told() == alerts

    with time_machine.travel(until - timedelta(days=59)):
        _register()
        own_expiries_watch(now=clock.now())
    assert told() == []


def test_two_certificates_made_in_the_same_second_have_a_folder_each(seeded: IdentityProvider) -> None:
    with time_machine.travel(clock.now(), tick=False):
        first, second = _register(), _register()

    assert first.folder != second.folder
    kept = [certificates.load(conf.keys_folder() / one_of.folder) for one_of in (first, second)]
    assert [certificates.fingerprint(pair.certificate) for pair in kept if pair] == [
        first.fingerprint,
        second.fingerprint,
    ]


def test_who_tries_again_does_so_for_the_same_body_and_level(client: Client, seeded: IdentityProvider) -> None:
    refused = log_in(client, "giulia", "audience", ente="FI", livello="3", next="/area/pratiche/")

    assert refused.status_code == 403
    again = refused.content.decode()
    assert "/accedi/?next=%2Farea%2Fpratiche%2F&amp;livello=3&amp;ente=FI" in again
    at_home = log_in(Client(), "giulia", "audience", next="/area/pratiche/").content.decode()
    assert 'href="/accedi/?next=%2Farea%2Fpratiche%2F&amp;livello=2"' in at_home
