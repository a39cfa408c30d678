"""The metadata a public body publishes as SPID service provider (AgID technical rules, notices 6 and 29)."""

import hashlib
import re

from lxml import etree

from spid_auth.saml import backend
from spid_auth.saml.names import (
    BINDING_POST,
    BINDING_REDIRECT,
    DS,
    FORMAT_BASIC,
    FORMAT_TRANSIENT,
    MD,
    SAMLP,
    SPID,
    XML_LANG,
)
from spid_auth.saml.parties import AttributeSet, KeyPair, ServiceProvider
from spid_auth.saml.xml import child


def build(provider: ServiceProvider, keys: KeyPair) -> bytes:
    """The signed EntityDescriptor. Same input, same identifier, so that copies can be compared."""
    root = etree.Element(
        f"{{{MD}}}EntityDescriptor",
        {"entityID": provider.entity_id, "ID": _identifier(provider, keys)},
        nsmap={"md": MD, "ds": DS, "spid": SPID},
    )
    _role(root, provider, keys)
    _organisation(root, provider)
    _contact(root, provider)
    return backend.sign(root, keys)


def certificate_body(pem: str) -> str:
    """The base64 of a PEM certificate, without armour and line breaks."""
    return re.sub(r"-----[^-]+-----|\s", "", pem)


def _identifier(provider: ServiceProvider, keys: KeyPair) -> str:
    digest = hashlib.sha256(f"{provider!r}{keys.certificate}".encode()).hexdigest()
    return f"_{digest[:32]}"


def _role(root: etree._Element, provider: ServiceProvider, keys: KeyPair) -> None:
    role = child(
        root,
        MD,
        "SPSSODescriptor",
        protocolSupportEnumeration=SAMLP,
        AuthnRequestsSigned="true",
        WantAssertionsSigned="true",
    )
    key = child(child(child(role, MD, "KeyDescriptor", use="signing"), DS, "KeyInfo"), DS, "X509Data")
    child(key, DS, "X509Certificate", certificate_body(keys.certificate))
    for binding in (BINDING_POST, BINDING_REDIRECT):
        child(role, MD, "SingleLogoutService", Binding=binding, Location=provider.slo_url)
    child(role, MD, "NameIDFormat", FORMAT_TRANSIENT)
    child(
        role,
        MD,
        "AssertionConsumerService",
        Binding=BINDING_POST,
        Location=provider.acs_url,
        index="0",
        isDefault="true",
    )
    for attribute_set in provider.attribute_sets:
        _attribute_service(role, attribute_set)


def _attribute_service(role: etree._Element, attribute_set: AttributeSet) -> None:
    service = child(role, MD, "AttributeConsumingService", index=str(attribute_set.index))
    child(service, MD, "ServiceName", attribute_set.name, **{XML_LANG: "it"})
    for name in attribute_set.attributes:
        child(service, MD, "RequestedAttribute", Name=name, NameFormat=FORMAT_BASIC)


def _organisation(root: etree._Element, provider: ServiceProvider) -> None:
    organisation = child(root, MD, "Organization")
    child(organisation, MD, "OrganizationName", provider.organisation, **{XML_LANG: "it"})
    child(organisation, MD, "OrganizationDisplayName", provider.organisation, **{XML_LANG: "it"})
    child(organisation, MD, "OrganizationURL", provider.organisation_url, **{XML_LANG: "it"})


def _contact(root: etree._Element, provider: ServiceProvider) -> None:
    contact = child(root, MD, "ContactPerson", contactType="other")
    extensions = child(contact, MD, "Extensions")
    child(extensions, SPID, "IPACode", provider.ipa_code)
    child(extensions, SPID, "Public")
    child(contact, MD, "Company", provider.organisation)
    if provider.email:
        child(contact, MD, "EmailAddress", provider.email)
    if provider.telephone:
        child(contact, MD, "TelephoneNumber", international(provider.telephone))


def international(number: str) -> str:
    """An Italian telephone number as the technical rules want it: with the country code, without spaces."""
    digits = re.sub(r"[^\d+]", "", number)
    return digits if digits.startswith("+") else f"+39{digits}"
