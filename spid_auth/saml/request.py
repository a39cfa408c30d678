"""The AuthnRequest of SPID, CIE and the eIDAS node, signed for one of the two bindings."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from spid_auth.domain.schemes import Comparison, Purpose
from spid_auth.saml import backend, redirect
from spid_auth.saml.names import (
    BINDING_POST,
    FORMAT_ENTITY,
    FORMAT_TRANSIENT,
    LEVELS,
    SAML,
    SAMLP,
    SPID,
)
from spid_auth.saml.parties import IdentityProviderInfo, KeyPair, ServiceProvider
from spid_auth.saml.xml import attribute, child, written


@dataclass(frozen=True, slots=True)
class SignedRequest:
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


@dataclass(frozen=True, slots=True)
class Wish:
    """What a login asks for: how sure, which attributes, which kind of identity, by which binding."""

    level: int
    attribute_set: int
    comparison: Comparison = Comparison.MINIMUM
    force: bool = True
    purpose: Purpose | None = None
    binding: str = BINDING_POST


def build(
    *,
    provider: ServiceProvider,
    keys: KeyPair,
    idp: IdentityProviderInfo,
    wish: Wish,
    relay_state: str,
    now: datetime,
) -> SignedRequest:
    """A signed AuthnRequest for `idp`. Raises LookupError when the identity provider has no login endpoint."""
    binding, destination = idp.sso(wish.binding)
    issued_at = now.replace(microsecond=0)
    request_id = new_identifier()
    root = _document(provider, request_id, issued_at, destination, wish)
    return packed(root, binding=binding, destination=destination, keys=keys, relay_state=relay_state, at=issued_at)


def packed(
    root: etree._Element, *, binding: str, destination: str, keys: KeyPair, relay_state: str, at: datetime
) -> SignedRequest:
    """A protocol message signed as its binding wants: inside, for a form; outside, in the address."""
    request_id = attribute(root, "ID")
    if binding == BINDING_POST:
        xml = backend.sign(root, keys)
        fields = (("SAMLRequest", base64.b64encode(xml).decode()), ("RelayState", relay_state))
        return SignedRequest(request_id, at, xml, binding, destination, fields=fields)
    xml = etree.tostring(root)
    query = redirect.signed_query("SAMLRequest", xml, relay_state, keys)
    location = f"{destination}{'&' if '?' in destination else '?'}{query}"
    return SignedRequest(request_id, at, xml, binding, destination, location=location)


def _document(
    provider: ServiceProvider, request_id: str, issued_at: datetime, destination: str, wish: Wish
) -> etree._Element:
    root = etree.Element(
        f"{{{SAMLP}}}AuthnRequest",
        {
            "ID": request_id,
            "Version": "2.0",
            "IssueInstant": written(issued_at),
            "Destination": destination,
            "AssertionConsumerServiceIndex": "0",
            "AttributeConsumingServiceIndex": str(wish.attribute_set),
        },
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    if wish.force:
        root.set("ForceAuthn", "true")
    child(root, SAML, "Issuer", provider.entity_id, Format=FORMAT_ENTITY, NameQualifier=provider.entity_id)
    if wish.purpose is not None:
        extensions = etree.SubElement(root, f"{{{SAMLP}}}Extensions", nsmap={"spid": SPID})
        child(extensions, SPID, "Purpose", wish.purpose.value)
    # No AllowCreate: SPID forbids it.
    child(root, SAMLP, "NameIDPolicy", Format=FORMAT_TRANSIENT)
    context = child(root, SAMLP, "RequestedAuthnContext", Comparison=wish.comparison.value)
    child(context, SAML, "AuthnContextClassRef", LEVELS[wish.level])
    return root
