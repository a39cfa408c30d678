"""Metadata, login requests and certificates: what the federation will read of us."""

import base64
import stat
import zlib
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from spid_auth.domain.schemes import CONTACT_SET, SPID_PROFILE
from spid_auth.saml import backend, certificates, metadata, request
from spid_auth.saml.names import BINDING_POST, BINDING_REDIRECT, RSA_SHA256
from spid_auth.saml.parties import IdentityProviderInfo
from spid_auth.saml.schema import faults
from spid_auth.saml.xml import attribute, find, instant, one, text, written
from spid_auth.sandbox.requests import ReadRequest, RequestRefused, read_metadata, read_post, read_redirect
from tests.spid_auth.factory import IDP, NOON, PROVIDER, keys
from tests.standards import STANDARDS, need

XSD = STANDARDS / "identity" / "xsd"
POST = IdentityProviderInfo(IDP, (), sso_post=f"{IDP}/sso")
REDIRECT = IdentityProviderInfo(IDP, (), sso_redirect=f"{IDP}/sso?tenant=1")


def _request(idp: IdentityProviderInfo = POST, level: int = 2) -> request.SignedRequest:
    return request.build(
        provider=PROVIDER,
        keys=keys("sp"),
        idp=idp,
        wish=request.Wish(level=level, attribute_set=CONTACT_SET.index, force=SPID_PROFILE.force_authn(level)),
        relay_state="x" * 43,
        now=NOON.replace(microsecond=999),
    )


def _metadata() -> bytes:
    return metadata.build(PROVIDER, keys("sp"))


@pytest.mark.parametrize("name", ["saml-schema-metadata-2.0.xsd", "saml-schema-metadata-sp-spid-av29.xsd"])
def test_the_metadata_follow_the_official_schema(name: str) -> None:
    assert faults(_metadata(), need(XSD / name)) == []


def test_the_schema_finds_metadata_in_disorder() -> None:
    broken = _metadata().replace(b"md:NameIDFormat", b"md:NomeFormat")

    assert faults(broken, need(XSD / "saml-schema-metadata-sp-spid-av29.xsd"))


def test_the_metadata_are_signed_with_our_own_key_and_always_the_same() -> None:
    root = backend.parse(_metadata())

    assert backend.root_signed_by(root, keys("sp").certificate)
    assert str(root[0].tag).endswith("Signature")
    assert root.get("ID") == backend.parse(_metadata()).get("ID")


def test_metadata_changed_by_others_are_noticed() -> None:
    changed = _metadata().replace(b"p_prova", b"p_altra")

    assert not backend.root_signed_by(backend.parse(changed), keys("sp").certificate)


def test_the_metadata_say_what_spid_asks_of_a_public_body() -> None:
    root = backend.parse(_metadata())
    role = one(root, "md:SPSSODescriptor")

    assert root.get("entityID") == PROVIDER.entity_id
    assert (attribute(role, "AuthnRequestsSigned"), attribute(role, "WantAssertionsSigned")) == ("true", "true")
    assert {node.get("Binding") for node in find(role, "md:SingleLogoutService")} == {BINDING_POST, BINDING_REDIRECT}
    acs = one(role, "md:AssertionConsumerService")
    assert (attribute(acs, "index"), attribute(acs, "isDefault"), attribute(acs, "Location")) == (
        "0",
        "true",
        PROVIDER.acs_url,
    )
    sets = find(role, "md:AttributeConsumingService")
    assert [node.get("index") for node in sets] == ["0", "1", "2", "99", "100"]
    asked = [node.get("Name") for node in find(sets[0], "md:RequestedAttribute")]
    assert asked == ["spidCode", "name", "familyName", "fiscalNumber"]
    contact = one(root, "md:ContactPerson[@contactType='other']")
    assert text(one(contact, "md:Extensions/spid:IPACode")) == "p_prova"
    assert one(contact, "md:Extensions/spid:Public") is not None
    assert text(one(contact, "md:Company")) == text(one(root, "md:Organization/md:OrganizationName"))
    assert text(one(contact, "md:TelephoneNumber")) == "+39050000000"


@pytest.mark.parametrize("idp", [POST, REDIRECT])
def test_the_request_follows_the_official_schema(idp: IdentityProviderInfo) -> None:
    assert faults(_request(idp).xml, need(XSD / "saml-schema-protocol-2.0.xsd")) == []


@pytest.mark.parametrize(("level", "forced"), [(1, None), (2, "true"), (3, "true")])
def test_from_level_2_the_person_must_authenticate_again(level: int, forced: str | None) -> None:
    root = backend.parse(_request(level=level).xml)

    assert root.get("ForceAuthn") == forced
    context = one(root, "samlp:RequestedAuthnContext")
    assert attribute(context, "Comparison") == "minimum"
    assert text(one(context, "saml:AuthnContextClassRef")) == f"https://www.spid.gov.it/SpidL{level}"


def test_the_request_names_who_asks_and_where_to_answer_by_index_only() -> None:
    root = backend.parse(_request().xml)
    issuer, policy = one(root, "saml:Issuer"), one(root, "samlp:NameIDPolicy")

    assert text(issuer) == attribute(issuer, "NameQualifier") == PROVIDER.entity_id
    assert attribute(issuer, "Format").endswith(":entity")
    assert dict(policy.attrib) == {"Format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"}  # type: ignore[union-attr]
    assert root.get("AssertionConsumerServiceIndex") == "0"
    assert root.get("AttributeConsumingServiceIndex") == "1"
    assert root.get("AssertionConsumerServiceURL") is None
    assert root.get("IsPassive") is None
    assert root.get("IssueInstant") == "2026-11-20T11:00:00Z"


def test_identifiers_are_never_the_same() -> None:
    assert len({request.new_identifier() for _ in range(50)}) == 50


def test_a_posted_request_is_signed_inside() -> None:
    built = _request(POST)

    assert backend.root_signed_by(backend.parse(built.xml), keys("sp").certificate)
    assert not backend.root_signed_by(backend.parse(built.xml), keys("stranger").certificate)
    assert base64.b64decode(dict(built.fields)["SAMLRequest"]) == built.xml
    assert built.location == ""


def test_a_request_by_address_is_signed_over_its_own_text() -> None:
    built = _request(REDIRECT)
    query = parse_qs(urlsplit(built.location).query)
    signed = built.location.partition("&Signature=")[0].partition("tenant=1&")[2]

    assert built.location.startswith(f"{IDP}/sso?tenant=1&SAMLRequest=")
    assert query["SigAlg"] == [RSA_SHA256]
    assert zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), wbits=-15) == built.xml
    signature = base64.b64decode(query["Signature"][0])
    assert backend.bytes_signed_by(signed.encode(), signature, RSA_SHA256, keys("sp").certificate)
    sha1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
    assert not backend.bytes_signed_by(signed.encode(), signature, sha1, keys("sp").certificate)


def test_a_provider_without_login_address_cannot_be_asked() -> None:
    with pytest.raises(LookupError):
        _request(IdentityProviderInfo(IDP, ()))


# -- The test identity provider reads our requests as a real one


def _read_by_post(built: request.SignedRequest, **changes: object) -> ReadRequest:
    fields = dict(built.fields) | changes
    return read_post(
        str(fields["SAMLRequest"]),
        str(fields["RelayState"]),
        sender=read_metadata(_metadata()),
        sso_url=POST.sso_post,
        now=NOON,
    )


def test_the_test_provider_accepts_our_requests_in_both_bindings() -> None:
    by_address = _request(IdentityProviderInfo(IDP, (), sso_redirect=f"{IDP}/sso"))
    query = urlsplit(by_address.location).query

    read = read_redirect(query, sender=read_metadata(_metadata()), sso_url=f"{IDP}/sso", now=NOON)

    for found in (read, _read_by_post(_request(POST))):
        assert (found.audience, found.acs_url, found.level) == (PROVIDER.entity_id, PROVIDER.acs_url, 2)
        assert found.attributes == CONTACT_SET.attributes


@pytest.mark.parametrize(
    "changes",
    [
        {"SAMLRequest": "PHIvPg=="},
        {"SAMLRequest": "non base64!"},
        {"SAMLRequest": base64.b64encode(b"<r").decode()},
        {"RelayState": ""},
        {"RelayState": "http://portale.example/"},
    ],
)
def test_the_test_provider_refuses_requests_out_of_order(changes: dict[str, object]) -> None:
    with pytest.raises(RequestRefused):
        _read_by_post(_request(POST), **changes)


def test_the_test_provider_refuses_a_request_whose_address_was_touched() -> None:
    built = _request(IdentityProviderInfo(IDP, (), sso_redirect=f"{IDP}/sso"))
    pairs = dict(parse_qsl(urlsplit(built.location).query))
    query = urlsplit(built.location).query.replace(pairs["RelayState"], "y" * 43)

    with pytest.raises(RequestRefused):
        read_redirect(query, sender=read_metadata(_metadata()), sso_url=f"{IDP}/sso", now=NOON)


@pytest.mark.parametrize(
    ("number", "written_as"), [("050 929111", "+39050929111"), ("+39 050/929-111", "+39050929111")]
)
def test_telephone_numbers_are_written_with_the_country_code(number: str, written_as: str) -> None:
    assert metadata.international(number) == written_as


# -- Certificates


def test_the_certificate_is_the_one_agid_asks_of_a_public_body() -> None:
    certificate = x509.load_pem_x509_certificate(keys("sp").certificate.encode())
    subject = {item.oid.dotted_string: item.value for item in certificate.subject}
    policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)

    assert subject["2.5.4.83"] == PROVIDER.entity_id
    assert subject["2.5.4.97"] == "PA:IT-p_prova"
    assert (subject["2.5.4.6"], subject["2.5.4.7"]) == ("IT", "Pisa")
    assert [policy.policy_identifier.dotted_string for policy in policies.value] == [
        "1.3.76.16.6",
        "1.3.76.16.4.2.1",
    ]
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.content_commitment
    assert not usage.value.key_encipherment
    assert certificate.public_key().key_size >= 2048  # type: ignore[union-attr]
    assert certificates.matches(keys("sp"))


def test_keys_are_kept_in_files_that_only_their_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "keys"

    certificates.store(keys("sp"), folder)

    assert certificates.load(folder) == keys("sp")
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_without_keys_holds_no_pair(tmp_path: Path) -> None:
    assert certificates.load(tmp_path) is None


# -- Instants

_FIRST, _LAST = datetime(2000, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 - hypothesis adds the time zone


@given(st.datetimes(min_value=_FIRST, max_value=_LAST, timezones=st.just(UTC)))
def test_an_instant_is_read_as_it_was_written(moment: datetime) -> None:
    assert instant(written(moment)) == moment.replace(microsecond=0)
    assert instant(f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}Z") == moment


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_instants(value: str) -> None:
    assert instant(value) is None or value.endswith("Z")
