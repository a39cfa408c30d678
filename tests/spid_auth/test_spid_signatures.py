"""What is read is what is signed, by a registered key, with today's algorithms."""

from collections.abc import Callable
from copy import deepcopy

import pytest
from lxml import etree

from spid_auth.saml import backend
from spid_auth.saml.names import DS, SAML, SAMLP
from spid_auth.saml.parties import IdentityProviderInfo
from spid_auth.saml.response import Assertion, Refused, judge
from spid_auth.sandbox.responses import accepted, sealed
from tests.spid_auth.factory import IDP, Exchange, at, idp_info, keys, sign_with

EVIL = "TINIT-XXXXXX80A01H501X"
SIGNATURE = f"{{{DS}}}Signature"


@pytest.fixture(autouse=True)
def _it_is_noon(time_machine_at_noon: None) -> None:
    """The toolkit reads the clock by itself."""


def _judge(xml: bytes, idp: IdentityProviderInfo | None = None) -> Assertion:
    return judge(xml, expected=Exchange().expected, idp=idp or idp_info())


def _refusal(xml: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        _judge(xml)
    return caught.value


def test_an_unregistered_key_is_refused_even_if_the_message_carries_its_certificate() -> None:
    xml = Exchange().response(by="stranger")

    assert b"X509Certificate" in xml
    assert _refusal(xml).code == "response"


def test_two_overlapping_certificates_are_both_good() -> None:
    both = IdentityProviderInfo(IDP, (keys("next").certificate, keys("idp").certificate), sso_post=f"{IDP}/sso")

    assert _judge(Exchange().response(), both).level == 2
    assert _judge(Exchange().response(by="next"), both).level == 2


def test_an_assertion_signed_by_a_stranger_inside_a_good_response_is_refused() -> None:
    root = accepted(Exchange().answer)
    backend.sign(at(root, "saml:Assertion"), keys("stranger"))

    assert _refusal(backend.sign(root, keys("idp"))).code == "response"


@pytest.mark.parametrize(("assertion", "response"), [(True, False), (False, True), (False, False)])
def test_both_signatures_are_required(assertion: bool, response: bool) -> None:
    xml = sealed(accepted(Exchange().answer), keys("idp"), assertion=assertion, response=response)

    assert "signatures" in _refusal(xml).reasons


@pytest.mark.parametrize(
    ("method", "digest", "rule"),
    [
        ("TransformRsaSha1", "TransformSha256", "signature-algorithm"),
        ("TransformRsaSha256", "TransformSha1", "digest-algorithm"),
    ],
)
def test_sha1_is_refused(method: str, digest: str, rule: str) -> None:
    root = accepted(Exchange().answer)
    sign_with(at(root, "saml:Assertion"), keys("idp"), method=method, digest=digest)

    refusal = _refusal(backend.sign(root, keys("idp")))

    assert rule in refusal.reasons


@pytest.mark.parametrize(("method", "digest"), [("TransformRsaSha512", "TransformSha512")])
def test_stronger_algorithms_are_accepted(method: str, digest: str) -> None:
    root = accepted(Exchange().answer)
    sign_with(at(root, "saml:Assertion"), keys("idp"), method=method, digest=digest)

    assert _judge(backend.sign(root, keys("idp"))).level == 2


def test_a_changed_attribute_breaks_the_signature() -> None:
    xml = Exchange().response().replace(b"TINIT-BNCGLI85C52Y999U", EVIL.encode())

    refusal = _refusal(xml)

    assert refusal.reasons
    assert all(reason.startswith("toolkit") for reason in refusal.reasons)


def test_a_comment_inside_a_value_does_not_change_who_it_is() -> None:
    xml = Exchange().response().replace(b"TINIT-BNCGLI85C52Y999U", b"TINIT-BNC<!-- -->GLI85C52Y999U")

    assert _judge(xml).attributes["fiscalNumber"] == "TINIT-BNCGLI85C52Y999U"


def test_an_object_inside_a_signature_is_refused() -> None:
    root = backend.parse(Exchange().response())
    etree.SubElement(at(root, "ds:Signature"), f"{{{DS}}}Object").text = "x"

    assert "signature-content" in _refusal(etree.tostring(root)).reasons


def test_an_encrypted_assertion_is_refused() -> None:
    root = backend.parse(Exchange().response())
    etree.SubElement(root, f"{{{SAML}}}EncryptedAssertion")

    assert "one-assertion" in _refusal(etree.tostring(root)).reasons


def test_two_assertions_are_refused() -> None:
    root = accepted(Exchange().answer)
    root.append(accepted(Exchange(person="marco").answer)[-1])
    for assertion in root.findall(f"{{{SAML}}}Assertion"):
        backend.sign(assertion, keys("idp"))

    assert "one-assertion" in _refusal(backend.sign(root, keys("idp"))).reasons


# -- Signature wrapping: the signed part is moved aside and a forged one takes its place.


def _forged(node: etree._Element) -> etree._Element:
    """A copy with another identifier and another codice fiscale, without its signature."""
    copy = deepcopy(node)
    copy.set("ID", "_forged")
    for signature in copy.findall(SIGNATURE):
        copy.remove(signature)
    at(copy, ".//saml:Attribute[@Name='fiscalNumber']/saml:AttributeValue").text = EVIL
    return copy


def _without_signature(node: etree._Element) -> tuple[etree._Element, etree._Element]:
    copy = deepcopy(node)
    signature = at(copy, "ds:Signature")
    copy.remove(signature)
    return copy, signature


def _xsw1(root: etree._Element) -> etree._Element:
    """The forged Response carries the signature, which holds the original Response."""
    forged, (original, signature) = _forged(root), _without_signature(root)
    signature.append(original)
    forged.insert(1, signature)
    return forged


def _xsw2(root: etree._Element) -> etree._Element:
    """Like the first, with the original beside the signature."""
    forged, (original, signature) = _forged(root), _without_signature(root)
    forged.insert(1, signature)
    forged.insert(1, original)
    return forged


def _xsw3(root: etree._Element) -> etree._Element:
    """A forged Assertion stands before the signed one."""
    root.insert(2, _forged(at(root, "saml:Assertion")))
    return root


def _xsw4(root: etree._Element) -> etree._Element:
    """The signed Assertion is inside the forged one."""
    original = at(root, "saml:Assertion")
    forged = _forged(original)
    root.replace(original, forged)
    forged.append(original)
    return root


def _xsw5(root: etree._Element) -> etree._Element:
    """The forged Assertion carries the signature; the original, without it, is at the end."""
    original, signature = _without_signature(at(root, "saml:Assertion"))
    forged = _forged(at(root, "saml:Assertion"))
    forged.insert(1, signature)
    root.replace(at(root, "saml:Assertion"), forged)
    root.append(original)
    return root


def _xsw6(root: etree._Element) -> etree._Element:
    """The forged Assertion carries the signature, which holds the original."""
    original, signature = _without_signature(at(root, "saml:Assertion"))
    forged = _forged(at(root, "saml:Assertion"))
    signature.append(original)
    forged.insert(1, signature)
    root.replace(at(root, "saml:Assertion"), forged)
    return root


def _xsw7(root: etree._Element) -> etree._Element:
    """A forged Assertion hides in the Extensions."""
    extensions = etree.Element(f"{{{SAMLP}}}Extensions")
    extensions.append(_forged(at(root, "saml:Assertion")))
    root.insert(2, extensions)
    return root


def _xsw8(root: etree._Element) -> etree._Element:
    """The original Assertion hides in an Object of the signature the forged one carries."""
    original, signature = _without_signature(at(root, "saml:Assertion"))
    forged = _forged(at(root, "saml:Assertion"))
    etree.SubElement(signature, f"{{{DS}}}Object").append(original)
    forged.insert(1, signature)
    root.replace(at(root, "saml:Assertion"), forged)
    return root


@pytest.mark.parametrize("wrap", [_xsw1, _xsw2, _xsw3, _xsw4, _xsw5, _xsw6, _xsw7, _xsw8])
@pytest.mark.parametrize("keep_outer_signature", [True, False])
def test_wrapped_signatures_are_refused_by_our_own_rules(
    wrap: Callable[[etree._Element], etree._Element], keep_outer_signature: bool
) -> None:
    root = backend.parse(Exchange().response())
    if wrap not in (_xsw1, _xsw2) and not keep_outer_signature:
        root.remove(at(root, "ds:Signature"))

    refusal = _refusal(etree.tostring(wrap(root)))

    ours = {"one-assertion", "signatures", "signature-reference", "signature-content", "unique-identifiers"}
    assert ours & set(refusal.reasons)


@pytest.mark.parametrize("wrap", [_xsw3, _xsw4, _xsw5, _xsw6, _xsw7, _xsw8])
def test_a_provider_that_signs_a_wrapped_message_is_not_followed_either(
    wrap: Callable[[etree._Element], etree._Element],
) -> None:
    root = accepted(Exchange().answer)
    backend.sign(at(root, "saml:Assertion"), keys("idp"))

    assert _refusal(backend.sign(wrap(root), keys("idp"))).code == "response"


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", "not-xml"),
        (b"<", "not-xml"),
        (b"\xff\xfe", "not-xml"),
        (b'<!DOCTYPE r [<!ENTITY e "x">]><r>&e;</r>', "not-xml"),
        (b"<!DOCTYPE samlp:Response SYSTEM 'file:///etc/passwd'><r/>", "not-xml"),
        (b"<a>" * 300 + b"</a>" * 300, "not-xml"),
        (b"<r/>", "response"),
    ],
)
def test_hostile_documents_are_refused_without_being_followed(xml: bytes, code: str) -> None:
    assert _refusal(xml).code == code


def test_a_document_type_before_a_good_response_is_refused() -> None:
    assert _refusal(b"<!DOCTYPE r>" + Exchange().response()).code == "not-xml"
