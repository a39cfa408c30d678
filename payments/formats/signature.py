"""An enveloped XML signature: does it cover the whole document, does it hold, and who put it.

Trust is a path of certificates to one of the installation's anchors, each in force on the day of the judgement. What
a stranger's document says about keys is never believed beyond that.
"""

from base64 import b64decode
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import xmlsec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

DS = "{http://www.w3.org/2000/09/xmldsig#}"
MAX_PATH = 4
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_CANONICAL = frozenset(
    {
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2006/12/xml-c14n11",
    }
)
_STRONG = frozenset(
    f"http://www.w3.org/2001/04/xmldsig-more#{kind}-{digest}"
    for kind in ("rsa", "ecdsa")
    for digest in ("sha256", "sha384", "sha512")
)
_DIGESTS = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)


class Signed(StrEnum):
    """INTACT means that the content is what somebody signed; TRUSTED that an anchor vouches for who."""

    BROKEN = "broken"
    INTACT = "intact"
    TRUSTED = "trusted"


def judge_signature(root: etree._Element, *, anchors: Sequence[x509.Certificate], on: datetime) -> Signed:
    """Judge the only signature of a document, child of its root. Never raises on hostile input."""
    signature = root.find(f"{DS}Signature")
    if signature is None or not _covers_all(root, signature) or not _strong(signature):
        return Signed.BROKEN
    chain = _certificates(signature)
    if not chain or not _holds(signature, chain[0]):
        return Signed.BROKEN
    return Signed.TRUSTED if _leads_to(chain[0], chain[1:], anchors, on=on) else Signed.INTACT


def _covers_all(root: etree._Element, signature: etree._Element) -> bool:
    """One reference, to the whole document, through the enveloped transform: any other could leave a part out."""
    references = signature.findall(f"{DS}SignedInfo/{DS}Reference")
    if len(references) != 1 or references[0].get("URI") != "":
        return False
    transforms = [item.get("Algorithm") for item in references[0].iterfind(f"{DS}Transforms/{DS}Transform")]
    usual = transforms[:1] == [_ENVELOPED] and set(transforms[1:]) <= _CANONICAL
    return usual and len(list(root.iter(f"{DS}Signature"))) == 1


def _strong(signature: etree._Element) -> bool:
    """Only methods with a public key and a digest still good: a shared secret would prove nothing."""
    methods = [item.get("Algorithm") for item in signature.iterfind(f"{DS}SignedInfo/{DS}SignatureMethod")]
    digests = [item.get("Algorithm") for item in signature.iterfind(f"{DS}SignedInfo/{DS}Reference/{DS}DigestMethod")]
    return len(methods) == 1 and set(methods) <= _STRONG and len(digests) == 1 and set(digests) <= _DIGESTS


def _certificates(signature: etree._Element) -> list[x509.Certificate]:
    """Those the document brings, the signer's first; an unreadable one ends the list."""
    found: list[x509.Certificate] = []
    for node in signature.iterfind(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate"):
        try:
            found.append(x509.load_der_x509_certificate(b64decode(node.text or "")))
        except ValueError:
            break
        if len(found) == MAX_PATH:
            break
    return found


def _holds(signature: etree._Element, certificate: x509.Certificate) -> bool:
    context = xmlsec.SignatureContext()
    try:
        context.key = xmlsec.Key.from_memory(
            certificate.public_bytes(Encoding.PEM), xmlsec.constants.KeyDataFormatCertPem, None
        )
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


def _leads_to(
    certificate: x509.Certificate,
    brought: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    *,
    on: datetime,
) -> bool:
    """Whether a path of at most MAX_PATH certificates, all in force, ends at an anchor."""
    for _ in range(MAX_PATH):
        if not certificate.not_valid_before_utc <= on <= certificate.not_valid_after_utc:
            return False
        if any(certificate == anchor or _issued(certificate, anchor, on=on) for anchor in anchors):
            return True
        issuer = next((other for other in brought if other != certificate and _issued(certificate, other, on=on)), None)
        if issuer is None:
            return False
        certificate = issuer
    return False


def _issued(certificate: x509.Certificate, issuer: x509.Certificate, *, on: datetime) -> bool:
    try:
        authority = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature):
        return False
    return authority and issuer.not_valid_before_utc <= on <= issuer.not_valid_after_utc
