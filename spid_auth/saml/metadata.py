"""The metadata a public body publishes as service provider.

Sources: AgID technical rules, notices 6 and 29 (SPID) and 19 v4 (aggregators); CIE SAML documentation.
"""

import hashlib
import re
from collections.abc import Callable, Sequence

from lxml import etree

from spid_auth.domain.modes import ACTIVITY_TAGS, Mode
from spid_auth.domain.schemes import AttributeSet, Scheme
from spid_auth.saml import backend
from spid_auth.saml.names import (
    BINDING_POST,
    BINDING_REDIRECT,
    CIE,
    DS,
    FORMAT_BASIC,
    FORMAT_TRANSIENT,
    MD,
    SAMLP,
    SPID,
    XML_LANG,
)
from spid_auth.saml.parties import KeyPair, ServiceProvider
from spid_auth.saml.xml import child

ENTITY_TYPE = f"{{{SPID}}}entityType"


def build(provider: ServiceProvider, keys: KeyPair, published: Sequence[str] = ()) -> bytes:
    """The signed EntityDescriptor. `published` are all the certificates to announce, the one in use among them.

    Same input, same identifier, so that copies can be compared. No validUntil: the federations refuse it.
    """
    certificates = tuple(published) or (keys.certificate,)
    root = etree.Element(
        f"{{{MD}}}EntityDescriptor",
        {"entityID": provider.entity_id, "ID": _identifier(provider, certificates)},
        nsmap={"md": MD, "ds": DS} | ({"cie": CIE} if provider.scheme is Scheme.CIE else {"spid": SPID}),
    )
    _role(root, provider, certificates)
    _organisation(root, provider)
    write_contacts = _cie_contact if provider.scheme is Scheme.CIE else _CONTACTS[provider.mode]
    write_contacts(root, provider)
    return backend.sign(root, keys)


def certificate_body(pem: str) -> str:
    """The base64 of a PEM certificate, without armour and line breaks."""
    return re.sub(r"-----[^-]+-----|\s", "", pem)


def _identifier(provider: ServiceProvider, certificates: Sequence[str]) -> str:
    digest = hashlib.sha256(f"{provider!r}{''.join(certificates)}".encode()).hexdigest()
    return f"_{digest[:32]}"


def _key(parent: etree._Element, namespace: str, use: str, certificate: str) -> None:
    holder = child(parent, namespace, "KeyDescriptor", use=use)
    data = child(child(holder, DS, "KeyInfo"), DS, "X509Data")
    child(data, DS, "X509Certificate", certificate_body(certificate))


def _role(root: etree._Element, provider: ServiceProvider, certificates: Sequence[str]) -> None:
    role = child(
        root,
        MD,
        "SPSSODescriptor",
        protocolSupportEnumeration=SAMLP,
        AuthnRequestsSigned="true",
        WantAssertionsSigned="true",
    )
    for certificate in certificates:
        _key(role, MD, "signing", certificate)
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


def _public_body(root: etree._Element, provider: ServiceProvider, **attributes: str) -> etree._Element:
    """The contact of the body itself, without its addresses."""
    contact = child(root, MD, "ContactPerson", None, contactType="other", **attributes)
    extensions = child(contact, MD, "Extensions")
    child(extensions, SPID, "IPACode", provider.ipa_code)
    child(extensions, SPID, "Public")
    child(contact, MD, "Company", provider.organisation)
    return contact


def _direct_contact(root: etree._Element, provider: ServiceProvider) -> None:
    _addresses(_public_body(root, provider), provider.email, provider.telephone)


def _aggregator_contact(root: etree._Element, provider: ServiceProvider) -> None:
    """Who presents the body, or operates for it: an operator without a body of its own is named alone."""
    aggregator = provider.aggregator
    if aggregator is None:
        raise ValueError("an aggregated service provider has an aggregator")
    contact = child(root, MD, "ContactPerson", None, contactType="other", **{ENTITY_TYPE: "spid:aggregator"})
    extensions = child(contact, MD, "Extensions")
    child(extensions, SPID, "IPACode", aggregator.ipa_code)
    child(extensions, SPID, "VATNumber", f"IT{aggregator.fiscal_code}")
    child(extensions, SPID, "FiscalCode", aggregator.fiscal_code)
    child(extensions, SPID, ACTIVITY_TAGS[provider.mode])
    if aggregator.validation_certificate:
        _key(extensions, SPID, "spid:validation", aggregator.validation_certificate)
    child(contact, MD, "Company", aggregator.organisation)
    _addresses(contact, aggregator.email, aggregator.telephone)


def _both_contacts(root: etree._Element, provider: ServiceProvider) -> None:
    _aggregator_contact(root, provider)
    _public_body(root, provider, **{ENTITY_TYPE: "spid:aggregated"})


_CONTACTS: dict[Mode, Callable[[etree._Element, ServiceProvider], None]] = {
    Mode.DIRECT: _direct_contact,
    Mode.AGGREGATED_FULL: _both_contacts,
    Mode.AGGREGATED_LIGHT: _both_contacts,
    Mode.OPERATOR_FULL: _aggregator_contact,
    Mode.OPERATOR_LIGHT: _aggregator_contact,
}


def _cie_contact(root: etree._Element, provider: ServiceProvider) -> None:
    contact = child(root, MD, "ContactPerson", contactType="administrative")
    extensions = child(contact, MD, "Extensions")
    child(extensions, CIE, "Public")
    child(extensions, CIE, "IPACode", provider.ipa_code)
    child(extensions, CIE, "Municipality", provider.municipality)
    if provider.province:
        child(extensions, CIE, "Province", provider.province)
    child(extensions, CIE, "Country", "IT")
    child(contact, MD, "Company", provider.organisation)
    _addresses(contact, provider.email, provider.telephone)


def _addresses(contact: etree._Element, email: str, telephone: str) -> None:
    if email:
        child(contact, MD, "EmailAddress", email)
    if telephone:
        child(contact, MD, "TelephoneNumber", international(telephone))


def international(number: str) -> str:
    """An Italian telephone number as the technical rules want it: with the country code, without spaces."""
    digits = re.sub(r"[^\d+]", "", number)
    return digits if digits.startswith("+") else f"+39{digits}"
