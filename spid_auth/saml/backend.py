"""The only module that knows python3-saml and xmlsec: safe parsing, signatures, the toolkit's own verdict.

The toolkit is a second opinion. What SPID asks is written in `rules.py` and judged on the tree parsed here, the same
one the signatures are verified on.
"""

from contextvars import ContextVar
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import xmlsec
from lxml import etree
from onelogin.saml2 import response as toolkit
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from onelogin.saml2.xmlparser import fromstring

from spid_auth.saml.names import (
    DIGEST_ALGORITHMS,
    DS,
    ENVELOPED,
    EXCLUSIVE_C14N,
    FORMAT_TRANSIENT,
    RSA_SHA256,
    SAML,
    SIGNATURE_ALGORITHMS,
)
from spid_auth.saml.parties import IdentityProviderInfo, KeyPair
from spid_auth.saml.xml import attribute, find

_BINARY_ALGORITHMS = {
    RSA_SHA256: xmlsec.constants.TransformRsaSha256,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": xmlsec.constants.TransformRsaSha384,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": xmlsec.constants.TransformRsaSha512,
}


# The moment the toolkit takes for now: an answer is judged as of its arrival, whenever that is done.
_MOMENT: ContextVar[datetime] = ContextVar("moment")


class _Clocked(OneLogin_Saml2_Utils):  # type: ignore[misc]
    """The toolkit's helpers, with our clock instead of the system's."""

    @staticmethod
    def now() -> int:
        return int(_MOMENT.get().timestamp())


toolkit.OneLogin_Saml2_Utils = _Clocked


class NotXml(ValueError):
    """Not well-formed XML, or XML with a document type or entities."""


class _Response(OneLogin_Saml2_Response):  # type: ignore[misc]
    """The toolkit's response on a tree that is already parsed. Names are compared without surrounding spaces."""

    def __init__(self, settings: OneLogin_Saml2_Settings, document: etree._Element) -> None:
        self._settings = settings
        self._error = None
        self.document = document
        self.response = etree.tostring(document)
        # Encrypted assertions are not part of SPID: left encrypted they are not counted as an Assertion, and refused.
        self.decrypted_document = None
        self.encrypted = None
        self.valid_scd_not_on_or_after = None

    def get_issuers(self) -> list[str]:
        return [issuer.strip() for issuer in super().get_issuers()]

    def get_audiences(self) -> list[str]:
        return [audience.strip() for audience in super().get_audiences()]


def parse(xml: bytes) -> etree._Element:
    """A tree without comments, processing instructions, DTD or entities. Raises NotXml."""
    try:
        root: etree._Element = fromstring(xml, forbid_dtd=True, forbid_entities=True)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXml(str(error)) from error
    return root


def toolkit_refusal(
    document: etree._Element,
    *,
    idp: IdentityProviderInfo,
    sp_entity_id: str,
    acs_url: str,
    request_id: str,
    now: datetime,
) -> str | None:
    """Why the toolkit refuses the Response, None when it accepts. Both signatures by a registered key are required."""
    _MOMENT.set(now)
    response = _Response(_settings(idp, sp_entity_id, acs_url), document)
    address = urlsplit(acs_url)
    here = {"https": "on" if address.scheme == "https" else "off", "http_host": address.netloc}
    try:
        response.is_valid(here | {"script_name": address.path}, request_id=request_id, raise_exceptions=True)
    except (OneLogin_Saml2_ValidationError, OneLogin_Saml2_Error) as error:
        return f"toolkit {error.code}"
    except (ValueError, TypeError, LookupError, AttributeError, etree.LxmlError, xmlsec.Error) as error:
        # The toolkit meets odd trees with whatever exception comes: all of them mean the same to us.
        return f"toolkit {type(error).__name__}"
    return None


def sign(node: etree._Element, keys: KeyPair) -> bytes:
    """Put an enveloped RSA-SHA256 signature in `node`, where its schema wants it, and return the node serialised.

    After the Issuer in protocol messages and assertions, first of all in metadata. `node` may stand inside a message.
    """
    signature = xmlsec.template.create(
        node, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformRsaSha256, ns="ds"
    )
    issuer = node.find(f"{{{SAML}}}Issuer")
    if issuer is not None:
        issuer.addnext(signature)
    else:
        node.insert(0, signature)
    reference = xmlsec.template.add_reference(signature, xmlsec.constants.TransformSha256, uri=f"#{node.get('ID', '')}")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(signature))
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(keys.private_key, xmlsec.constants.KeyDataFormatPem, None)
    context.key.load_cert_from_memory(keys.certificate, xmlsec.constants.KeyDataFormatPem)
    xmlsec.tree.add_ids(node, ["ID"])
    context.sign(signature)
    return bytes(etree.tostring(node))


def sign_bytes(content: bytes, keys: KeyPair) -> bytes:
    """A detached RSA-SHA256 signature (HTTP-Redirect binding)."""
    return bytes(OneLogin_Saml2_Utils.sign_binary(content, keys.private_key))


def bytes_signed_by(content: bytes, signature: bytes, algorithm: str, certificate: str) -> bool:
    """Whether a detached signature is good for this certificate. SHA-1 never is."""
    transform = _BINARY_ALGORITHMS.get(algorithm)
    if transform is None:
        return False
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertPem, None)
    try:
        context.verify_binary(content, transform, signature)
    except xmlsec.Error:
        return False
    return True


def root_signed_by(root: etree._Element, certificate: str) -> bool:
    """Whether the root element carries its own enveloped signature, sound and good for this certificate."""
    signatures = root.findall(f"{{{DS}}}Signature")
    if len(signatures) != 1 or not _is_sound(root, signatures[0]):
        return False
    xmlsec.tree.add_ids(root, ["ID"])
    return bool(OneLogin_Saml2_Utils.validate_node_sign(signatures[0], root, cert=certificate))


def _is_sound(root: etree._Element, signature: etree._Element) -> bool:
    """One reference, to the root, with today's algorithms and the usual transforms."""
    references = [node.get("URI") for node in find(signature, ".//ds:Reference")]
    if not root.get("ID") or references != [f"#{root.get('ID')}"] or find(signature, "ds:Object"):
        return False
    allowed = {
        "ds:SignedInfo/ds:SignatureMethod": SIGNATURE_ALGORITHMS,
        "ds:SignedInfo/ds:CanonicalizationMethod": EXCLUSIVE_C14N,
        ".//ds:DigestMethod": DIGEST_ALGORITHMS,
        ".//ds:Transform": EXCLUSIVE_C14N | {ENVELOPED},
    }
    return all(
        {attribute(node, "Algorithm") for node in find(signature, path)} <= names for path, names in allowed.items()
    )


def _settings(idp: IdentityProviderInfo, sp_entity_id: str, acs_url: str) -> OneLogin_Saml2_Settings:
    described: dict[str, Any] = {
        "strict": True,
        "sp": {
            "entityId": sp_entity_id,
            "assertionConsumerService": {"url": acs_url},
            "NameIDFormat": FORMAT_TRANSIENT,
        },
        "idp": {
            "entityId": idp.entity_id,
            "singleSignOnService": {"url": idp.sso()[1]},
            "x509certMulti": {"signing": list(idp.certificates)},
        },
        "security": {
            "wantAssertionsSigned": True,
            "wantMessagesSigned": True,
            "wantNameId": True,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
        },
    }
    return OneLogin_Saml2_Settings(described)
