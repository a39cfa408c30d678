"""What a registry of providers must look like to be looked at, and what its differences are worth."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spid_auth.domain.registry import Described, Difference, Known, Trust, differences
from spid_auth.registry import gateway
from spid_auth.registry.formats import LARGEST, Broken, read
from spid_auth.registry.signature import trust_of
from spid_auth.saml import backend, certificates
from spid_auth.saml.xml import written
from tests.spid_auth.factory import NOON, keys
from tests.spid_auth.registry_documents import A, B, aggregate, entity, signed
from tests.standards import STANDARDS, need

SAMPLES = STANDARDS / "identity" / "samples"


def numbered() -> Iterator[str]:
    """Names of cases: their documents hold keys, which are other ones in every process."""
    return (f"case {number}" for number in count(1))


def listing(content: bytes):
    return read(content, now=NOON, may_be_called=gateway.may_be_called)


# -- formats


def test_the_official_list_of_names_is_read():
    content = need(SAMPLES / "spid_idp_list_example.json").read_bytes()
    found = listing(content).providers
    assert len(found) == len(json.loads(content))
    assert "https://posteid.poste.it" in {one.entity_id for one in found}
    assert not any(one.complete for one in found)


def test_the_metadata_of_one_provider_are_a_registry_of_one():
    found = listing(need(SAMPLES / "spid-sp-test-idp-metadata.xml").read_bytes()).providers
    assert [one.entity_id for one in found] == ["https://localhost:8443"]
    assert found[0].sso_redirect == "https://localhost:8443/samlsso"
    assert len(found[0].certificates) == 1


def test_an_aggregate_names_its_providers_with_the_italian_name():
    found = {one.entity_id: one for one in listing(aggregate(entity(A, "Alfa", "next"), entity(B, "Beta"))).providers}
    assert found[A].name == "Alfa"
    assert found[A].complete
    assert found[A].slo_post == f"{A}/slo"
    assert found[B].certificates == {keys("idp").certificate}


def test_service_providers_in_the_aggregate_are_nobody_to_log_in_with():
    other = f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{B}"/>'.encode()
    assert [one.entity_id for one in listing(aggregate(entity(A, "Alfa"), other)).providers] == [A]


GOOD = aggregate(entity(A, "Alfa"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \n ",
        b"<html><body>Servizio non disponibile</body></html>",
        b"non XML",
        b"\x00\x01\x02",
        GOOD[:-30],
        GOOD.replace(b"<md:Ent", b"<!DOCTYPE x [<!ENTITY a 'b'>]><md:Ent", 1),
        b"<?xml version='1.0'?><!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>",
        b"<x>" * 5000 + b"</x>" * 5000,
        aggregate(),
        aggregate(entity(A, "Alfa"), entity(A, "Alfa")),
        aggregate(entity(A, "Alfa"), until=written(NOON)),
        aggregate(entity(A, "Alfa"), until=written(NOON - timedelta(days=1))),
        aggregate(entity(A, "Alfa"), until="domani"),
        b"[]",
        b"{}",
        b"[1, 2]",
        b'[{"entity_id": "https://a.example"',
        b'[{"entity_id": 7, "organization_name": []}]',
        b"[" * 100_000,
        b'[{"entity_id": "https://a.example", "organization_name": "A"}]' + b" " * LARGEST,
    ],
    ids=numbered(),
)
def test_a_document_that_is_broken_stale_empty_or_hostile_is_refused_whole(content: bytes):
    with pytest.raises(Broken) as refusal:
        listing(content)
    assert len(str(refusal.value)) < 100


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (entity(B, "Beta").replace(f"{B}/sso".encode(), b"javascript:alert(1)"), "indirizzi"),
        (entity(B, "Beta").replace(f"{B}/sso".encode(), b"https://utente:parola@beta.example"), "indirizzi"),
        (entity(B, "Beta").replace(f"{B}/sso".encode(), b"https://beta.example:99999/"), "indirizzi"),
        (entity(B, "Beta").replace(b"SingleSignOnService", b"ArtifactResolutionService"), "indirizzo di accesso"),
        (entity(B, "Beta").replace(b"KeyDescriptor", b"Extensions"), "certificato"),
        (entity(B, "Beta").replace(b'use="signing"', b'use="encryption"'), "certificato"),
        (entity(B, "Beta").replace(b"<ds:X509Certificate>", b"<ds:X509Certificate>AAAA"), "certificato"),
        (entity(B, "Beta", until=written(NOON)), "scaduti"),
        (entity("beta, non un indirizzo", "Beta"), "entityID"),
        (entity("javascript:alert(1)", "Beta"), "entityID"),
        (entity("https://b.example/" + "x" * 300, "Beta"), "entityID"),
    ],
    ids=numbered(),
)
def test_a_provider_that_cannot_be_used_is_left_out_and_named(bad: bytes, reason: str):
    found = listing(aggregate(entity(A, "Alfa"), bad))
    assert [one.entity_id for one in found.providers] == [A]
    assert len(found.left_out) == 1
    assert reason in found.left_out[0][1]


def test_in_production_addresses_without_https_are_not_good_enough(settings):
    settings.ENVIRONMENT = "production"
    plain = entity(B, "Beta").replace(b"https://b", b"http://b")
    assert [one.entity_id for one in listing(aggregate(entity(A, "Alfa"), plain)).providers] == [A]


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content: bytes):
    with pytest.raises(Broken):
        listing(content)


# -- the signature


PIN = certificates.fingerprint(keys("registry").certificate)


@pytest.mark.parametrize(
    ("document", "trust"),
    [
        (GOOD, Trust.UNSIGNED),
        (signed(GOOD), Trust.PINNED),
        (signed(GOOD, by="mallory"), Trust.UNKNOWN),
        (signed(GOOD).replace(b"Alfa", b"Altr"), Trust.BROKEN),
        (signed(GOOD).replace(b"</md:EntitiesDescriptor>", entity(B, "B") + b"</md:EntitiesDescriptor>"), Trust.BROKEN),
        (signed(GOOD).replace(b'ID="_registro"', b'ID="_altro"'), Trust.BROKEN),
    ],
    ids=numbered(),
)
def test_only_a_sound_signature_by_a_pinned_certificate_is_believed(document: bytes, trust: Trust):
    assert trust_of(backend.parse(document), {PIN}) is trust


def test_a_signature_of_one_provider_does_not_speak_for_the_whole():
    inner = backend.sign(backend.parse(entity(A, "Alfa")), keys("registry"))
    assert trust_of(backend.parse(aggregate(inner, entity(B, "Beta"))), {PIN}) is Trust.UNSIGNED


def test_the_pinned_certificate_beside_another_ones_signature_is_not_enough():
    """Mallory signs and puts the certificate of the registry in the KeyInfo."""
    forged = signed(GOOD, by="mallory")
    mine, theirs = (
        "".join(keys(name).certificate.split("-----")[2].split()).encode() for name in ("mallory", "registry")
    )
    joined = b"".join(forged.split())  # only to find it whatever the line breaks
    assert mine in joined
    root = backend.parse(forged)
    for node in root.iter("{http://www.w3.org/2000/09/xmldsig#}X509Certificate"):
        if node.getparent().getparent().getparent().tag.endswith("}Signature"):
            node.text = theirs.decode()
    assert trust_of(root, {PIN}) is Trust.BROKEN


def test_without_pins_no_signature_is_enough():
    assert trust_of(backend.parse(signed(GOOD)), set()) is Trust.UNKNOWN


# -- the differences


CERTIFICATES = st.frozensets(st.sampled_from("abc"), min_size=1)
DESCRIBED = st.builds(
    Described,
    entity_id=st.sampled_from(["x", "y", "z", "w"]),
    name=st.sampled_from(["uno", "due"]),
    sso_post=st.sampled_from(["p", "q"]),
    certificates=CERTIFICATES,
)


def once(rows: list) -> list:
    return list({getattr(row, "described", row).entity_id: row for row in rows}.values())


@given(st.lists(st.builds(Known, DESCRIBED, st.booleans())).map(once), st.lists(DESCRIBED).map(once))
def test_every_provider_of_either_side_has_one_difference(known: list[Known], listed: list[Described]):
    found = {one.entity_id: one for one in differences(known, listed)}
    ours, theirs = {one.described.entity_id: one for one in known}, {one.entity_id: one for one in listed}
    assert set(found) == set(ours) | set(theirs)
    for entity_id, change in found.items():
        if entity_id not in ours:
            assert change.kind is Difference.NEW
        elif ours[entity_id].manual:
            assert change.kind is Difference.MANUAL
        elif entity_id not in theirs:
            assert change.kind is Difference.MISSING
        else:
            other_keys = ours[entity_id].described.certificates != theirs[entity_id].certificates
            assert (change.kind is Difference.KEYS) is other_keys
            assert (change.kind is Difference.SAME) is (ours[entity_id].described == theirs[entity_id])


def test_a_list_of_names_says_nothing_of_keys():
    ours = Known(Described("x", "Uno", sso_post="p", certificates=frozenset("k")), manual=False)
    assert differences([ours], [Described("x", "Uno")])[0].kind is Difference.SAME
    assert differences([ours], [Described("x", "Due")])[0].fields == ("name",)


# -- taking it


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://a.example/x",
        "https://",
        "https://u:p@a.example/",
        "https://a.example:0x/",
        "https://a .example/",
        "//a",
    ],
)
def test_addresses_that_are_none_are_not_called(url: str):
    assert not gateway.may_be_called(url)


def test_a_file_that_is_not_there_says_so(tmp_path: Path):
    from portal.kernel.errors import GatewayError

    for source in (f"file:{tmp_path}/niente", f"file:{tmp_path}", "file:", "file:/\x00"):
        with pytest.raises(GatewayError):
            gateway.fetch(source)
