"""The digital stamp as a document: what is read, and everything that makes it worthless."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from payments.domain.stamps import StampFinding, StampState, stamp_state
from payments.formats import xml
from payments.formats.signature import DS as DS_TAG
from payments.formats.stamp import SCHEMA_FILE, read_stamp
from payments.sandbox.stamps import DS, Stamp, authority, make_signer, seller
from portal import clock
from tests.standards import STANDARDS, need


def read(content, *, anchors=(), days=0):
    known = [signer.certificate for signer in anchors]
    return read_stamp(content, anchors=known, on=clock.now() + timedelta(days=days))


def test_a_good_stamp_is_read_whole_and_its_signer_is_known():
    reading = read(Stamp().signed(), anchors=[authority()])
    assert (reading.findings, reading.signer_known) == ((), True)
    stamp = reading.stamp
    assert (stamp.iubd, stamp.cents, stamp.psp_name) == ("01234567890123", 1600, "PSP di prova")
    assert stamp.bought_at.isoformat() == "2026-11-22T10:00:00+01:00"
    assert stamp.digest == Stamp().digest


def test_the_signer_itself_may_be_an_anchor():
    assert read(Stamp().signed(), anchors=[seller()]).signer_known


def test_without_anchors_a_good_signature_proves_nothing_and_breaks_nothing():
    reading = read(Stamp().signed())
    assert (reading.findings, reading.signer_known) == ((), False)


@pytest.mark.parametrize(
    "what", ["of another authority", "self-signed", "expired", "from a certificate that is no authority"]
)
def test_a_signer_nobody_vouches_for_is_not_trusted(what):
    days = 0
    if what == "of another authority":
        signer = make_signer("x", issuer=make_signer("Autorita' di prova", authority=True))
    elif what == "self-signed":
        signer = make_signer("Autorita' di prova")
    elif what == "expired":
        signer, days = make_signer("x", issuer=authority(), days=1), 30
    else:
        signer = make_signer("x", issuer=seller())
    anchors = [seller()] if what.startswith("from") else [authority()]
    reading = read(Stamp().signed(signer), anchors=anchors, days=days)
    assert (reading.findings, reading.signer_known) == ((StampFinding.UNTRUSTED,), False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"16.00", b"61.00"),
        (b"01234567890123", b"01234567890124"),
        (b"PSP di prova", b"PSP  di prova"),
        (b"2026-11-22T10", b"2026-11-22T11"),
        (b"<IUBD>", b"<!-- nota --><IUBD>"),
    ],
)
def test_a_changed_byte_breaks_the_signature(old, new):
    content = Stamp().signed()
    assert old in content
    reading = read(content.replace(old, new, 1), anchors=[authority()])
    # Comments are not part of what this canonical form signs.
    assert reading.findings == (() if b"nota" in new else (StampFinding.SIGNATURE,))


def _without_certificate(root):
    root.find(f".//{DS_TAG}KeyInfo").clear()


def _with_a_key_of_its_own(root):
    info = root.find(f".//{DS_TAG}KeyInfo")
    info.clear()
    etree.SubElement(etree.SubElement(info, f"{DS_TAG}KeyValue"), f"{DS_TAG}RSAKeyValue")


def _with_a_shared_secret(root):
    root.find(f".//{DS_TAG}SignatureMethod").set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")


def _with_a_weak_digest(root):
    root.find(f".//{DS_TAG}SignedInfo/{DS_TAG}Reference/{DS_TAG}DigestMethod").set("Algorithm", f"{DS}sha1")


def _with_a_filter(root):
    transforms = root.find(f".//{DS_TAG}Transforms")
    etree.SubElement(transforms, f"{DS_TAG}Transform").set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")


def _of_a_part_only(root):
    root.find(f".//{DS_TAG}Reference").set("URI", "#parte")


def _with_two_references(root):
    reference = root.find(f".//{DS_TAG}Reference")
    reference.addnext(etree.fromstring(etree.tostring(reference)))


def _with_a_false_certificate(root):
    root.find(f".//{DS_TAG}X509Certificate").text = "AAAA"


@pytest.mark.parametrize(
    "spoil",
    [
        _without_certificate,
        _with_a_key_of_its_own,
        _with_a_shared_secret,
        _with_a_weak_digest,
        _with_a_filter,
        _of_a_part_only,
        _with_two_references,
        _with_a_false_certificate,
    ],
)
def test_a_signature_that_proves_less_than_it_says_is_broken(spoil):
    root = etree.fromstring(Stamp().signed())
    spoil(root)
    assert read(etree.tostring(root), anchors=[authority()]).findings == (StampFinding.SIGNATURE,)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<",
        b"\x00\xff",
        b"PDF-1.7",
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
        Stamp().signed().replace(b"<marcaDaBollo", b"<!DOCTYPE marcaDaBollo><marcaDaBollo", 1),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_what_is_not_xml_of_ours_is_unreadable(content):
    assert read(content).findings == (StampFinding.UNREADABLE,)


@pytest.mark.parametrize(
    "content",
    [
        b"<a/>",
        Stamp().unsigned().encode(),
        Stamp(kind="02").signed(),
        Stamp(iubd="").signed(),
        Stamp(amount="16.001").signed(),
        Stamp(amount="-16.00").signed(),
        Stamp(amount="9" * 40).signed(),
        Stamp(bought_at="ieri").signed(),
        Stamp(bought_at="0001-01-01T00:00:00+14:00").signed(),
        Stamp().signed().replace(b"xmlenc#sha256", b"xmlenc#sha512", 1),
    ],
    ids=range(10),
)
def test_what_is_not_a_stamp_says_so(content):
    assert read(content).findings == (StampFinding.SCHEMA,)


def test_another_encoding_is_read_too():
    root = etree.fromstring(Stamp().signed())
    assert read(etree.tostring(root, encoding="UTF-16"), anchors=[authority()]).findings == ()


@given(content=st.binary(max_size=300))
def test_no_bytes_make_it_fail(content):
    assert read(content).findings


@given(place=st.integers(0, 5000), byte=st.integers(0, 255))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_spoiled_byte_makes_a_stamp_more_than_it_is(place, byte):
    content = bytearray(Stamp().signed())
    content[place % len(content)] = byte
    reading = read(bytes(content), anchors=[authority()])
    if reading.signer_known:
        assert reading.stamp == read(Stamp().signed()).stamp


@pytest.fixture(scope="module")
def official():
    # The schema asks for the one of XML Signature beside it: both are there.
    return etree.XMLSchema(file=str(need(STANDARDS / "pagopa" / "xsd-common" / "MarcaDaBollo.xsd")))


@pytest.mark.parametrize(
    "stamp", [Stamp(), Stamp(kind="02"), Stamp(iubd=""), Stamp(amount="1.234"), Stamp(bought_at="x")]
)
def test_our_schema_of_the_stamp_judges_as_the_official_one(official, stamp):
    root = etree.fromstring(stamp.signed())
    assert xml.schema(SCHEMA_FILE).validate(root) == official.validate(root)


@pytest.mark.parametrize("what", ["remove", "repeat", "rename"])
def test_a_changed_structure_is_judged_the_same(official, what):
    count = sum(1 for node in etree.fromstring(Stamp().signed()).iterdescendants() if DS not in node.tag)
    for place in range(count):
        root = etree.fromstring(Stamp().signed())
        chosen = [node for node in root.iterdescendants() if DS not in node.tag][place]
        if what == "remove":
            chosen.getparent().remove(chosen)
        elif what == "repeat":
            chosen.addnext(etree.fromstring(etree.tostring(chosen)))
        else:
            chosen.tag = "altro"
        assert xml.schema(SCHEMA_FILE).validate(root) == official.validate(root)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("wrong", [True, False])
def test_a_stamp_is_valid_only_when_nothing_is_wrong_and_the_signer_is_known(wrong, known):
    state = stamp_state([StampFinding.DIGEST] if wrong else [], signer_known=known)
    expected = StampState.INVALID if wrong else StampState.VALID if known else StampState.UNVERIFIED
    assert state is expected
