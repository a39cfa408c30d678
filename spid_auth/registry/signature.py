"""Who signed a registry. Only the certificates whose SHA-256 is in SPID_REGISTRY_PIN are believed."""

from collections.abc import Collection

from lxml import etree

from spid_auth.domain.registry import Trust
from spid_auth.registry.formats import Unusable, pem
from spid_auth.saml import backend, certificates
from spid_auth.saml.xml import find, text


def trust_of(root: etree._Element | None, pins: Collection[str]) -> Trust:
    """What the signature of the root says, verified on the very tree the providers were read from.

    A signature that does not hold is worse than none: somebody has changed the document.
    """
    if root is None or not find(root, "ds:Signature"):
        return Trust.UNSIGNED
    try:
        signers = {pem(text(node)) for node in find(root, "ds:Signature/ds:KeyInfo//ds:X509Certificate")}
    except Unusable:
        return Trust.BROKEN
    # The certificate inside the document only says which pin to try: by itself it proves nothing.
    holding = [signer for signer in signers if backend.root_signed_by(root, signer)]
    if not holding:
        return Trust.BROKEN
    pinned = any(certificates.fingerprint(signer) in pins for signer in holding)
    return Trust.PINNED if pinned else Trust.UNKNOWN
