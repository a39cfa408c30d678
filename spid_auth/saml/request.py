"""The AuthnRequest: built for SPID, signed for one of the two bindings."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from spid_auth.saml import backend, redirect
from spid_auth.saml.names import (
    BINDING_POST,
    FORMAT_ENTITY,
    FORMAT_TRANSIENT,
    LEVELS,
    SAML,
    SAMLP,
)
from spid_auth.saml.parties import IdentityProviderInfo, KeyPair, ServiceProvider
from spid_auth.saml.xml import child, written


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """A signed request ready to leave: by form (`fields`) or by address (`location`)."""

    request_id: str
    issued_at: datetime
    xml: bytes
    binding: str
    destination: str
    fields: tuple[tuple[str, str], ...] = ()
    location: str = ""


def new_identifier() -> str:
    """A fresh SAML identifier: 160 random bits, valid as xs:ID."""
    return f"_{secrets.token_hex(20)}"


def build(
    *,
    provider: ServiceProvider,
    keys: KeyPair,
    idp: IdentityProviderInfo,
    level: int,
    attribute_set: int,
    relay_state: str,
    now: datetime,
) -> LoginRequest:
    """A signed AuthnRequest for `idp` at SPID `level` (1-3). Raises LookupError when the IdP has no login endpoint."""
    binding, destination = idp.sso()
    issued_at = now.replace(microsecond=0)
    request_id = new_identifier()
    root = _document(provider, request_id, issued_at, destination, level, attribute_set)
    if binding == BINDING_POST:
        xml = backend.sign(root, keys)
        fields = (("SAMLRequest", base64.b64encode(xml).decode()), ("RelayState", relay_state))
        return LoginRequest(request_id, issued_at, xml, binding, destination, fields=fields)
    xml = etree.tostring(root)
    query = redirect.signed_query("SAMLRequest", xml, relay_state, keys)
    location = f"{destination}{'&' if '?' in destination else '?'}{query}"
    return LoginRequest(request_id, issued_at, xml, binding, destination, location=location)


def _document(
    provider: ServiceProvider, request_id: str, issued_at: datetime, destination: str, level: int, attribute_set: int
) -> etree._Element:
    root = etree.Element(
        f"{{{SAMLP}}}AuthnRequest",
        {
            "ID": request_id,
            "Version": "2.0",
            "IssueInstant": written(issued_at),
            "Destination": destination,
            "AssertionConsumerServiceIndex": "0",
            "AttributeConsumingServiceIndex": str(attribute_set),
        },
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    if level > 1:
        root.set("ForceAuthn", "true")
    child(root, SAML, "Issuer", provider.entity_id, Format=FORMAT_ENTITY, NameQualifier=provider.entity_id)
    # No AllowCreate: SPID forbids it.
    child(root, SAMLP, "NameIDPolicy", Format=FORMAT_TRANSIENT)
    context = child(root, SAMLP, "RequestedAuthnContext", Comparison="minimum")
    child(context, SAML, "AuthnContextClassRef", LEVELS[level])
    return root
