"""Integrity of a signed journal: does the enveloped signature still cover these bytes?

It proves that nothing changed after the signature was put; who signed is in the certificate it returns, and trust in
that certificate is the office's agreement with its treasurer, not something a parser can know.
"""

from dataclasses import dataclass
from enum import StrEnum

import xmlsec
from lxml import etree

DS = "{http://www.w3.org/2000/09/xmldsig#}"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_CANONICAL = frozenset(
    {
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2006/12/xml-c14n11",
    }
)


class SignatureState(StrEnum):
    ABSENT = "absent"
    INTACT = "intact"
    BROKEN = "broken"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    state: SignatureState
    certificate: str = ""


def check_signature(content: bytes) -> SignatureCheck:
    """Check the signature of a journal. Never raises on hostile input: what cannot be parsed is NOT_CHECKED."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return SignatureCheck(SignatureState.NOT_CHECKED)
    if root.getroottree().docinfo.internalDTD is not None:
        return SignatureCheck(SignatureState.NOT_CHECKED)
    signature = root.find(f"{DS}Signature")
    if signature is None:
        return SignatureCheck(SignatureState.ABSENT)
    certificate = (signature.findtext(f".//{DS}X509Certificate") or "").strip()
    if not _covers_all(root, signature) or not certificate:
        return SignatureCheck(SignatureState.NOT_CHECKED, certificate)
    return SignatureCheck(_verify(signature, certificate), certificate)


def _covers_all(root: etree._Element, signature: etree._Element) -> bool:
    """One reference, to the whole document, through the enveloped transform: nothing else can be judged here."""
    references = signature.findall(f"{DS}SignedInfo/{DS}Reference")
    if len(references) != 1 or references[0].get("URI") not in {"", f"#{root.get('Id')}"}:
        return False
    transforms = [item.get("Algorithm") for item in references[0].iterfind(f"{DS}Transforms/{DS}Transform")]
    # Any other transform could leave a part of the document out of what is signed.
    usual = transforms[:1] == [_ENVELOPED] and set(transforms[1:]) <= _CANONICAL
    return usual and len(root.findall(f".//{DS}Signature")) == 1


def _verify(signature: etree._Element, certificate: str) -> SignatureState:
    pem = f"-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n"
    context = xmlsec.SignatureContext()
    try:
        context.key = xmlsec.Key.from_memory(
            pem.encode("ascii", "replace"), xmlsec.constants.KeyDataFormatCertPem, None
        )
        context.verify(signature)
    except xmlsec.Error:
        return SignatureState.BROKEN
    return SignatureState.INTACT
