"""The test identity provider reads a login request as a real one would: against the metadata of who sends it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from lxml import etree

from spid_auth.saml import backend, redirect
from spid_auth.saml.names import BINDING_POST, FORMAT_ENTITY, FORMAT_TRANSIENT, level_of
from spid_auth.saml.xml import attribute, find, instant, one, text

WINDOW = timedelta(minutes=5)


class RequestRefused(ValueError):
    """The request is not acceptable; the message says why, for the developer who reads the page."""


@dataclass(frozen=True, slots=True)
class ServiceProviderMetadata:
    """What the federation knows of a service provider."""

    entity_id: str
    certificate: str
    acs: dict[str, str]
    attribute_sets: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A login request that may be answered."""

    request_id: str
    audience: str
    acs_url: str
    level: int
    attributes: tuple[str, ...]
    relay_state: str


def read_metadata(document: bytes) -> ServiceProviderMetadata:
    """The metadata of a service provider. Raises NotXml."""
    root = backend.parse(document)
    body = text(
        one(root, "md:SPSSODescriptor/md:KeyDescriptor[@use='signing']/ds:KeyInfo/ds:X509Data/ds:X509Certificate")
    )
    return ServiceProviderMetadata(
        entity_id=attribute(root, "entityID"),
        certificate=f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n",
        acs={
            attribute(node, "index"): attribute(node, "Location")
            for node in find(root, "md:SPSSODescriptor/md:AssertionConsumerService")
            if attribute(node, "Binding") == BINDING_POST
        },
        attribute_sets={
            attribute(node, "index"): tuple(attribute(item, "Name") for item in find(node, "md:RequestedAttribute"))
            for node in find(root, "md:SPSSODescriptor/md:AttributeConsumingService")
        },
    )


def read_post(
    posted: str, relay_state: str, *, sender: ServiceProviderMetadata, sso_url: str, now: datetime
) -> ReadRequest:
    """A request of the HTTP-POST binding. Raises RequestRefused."""
    try:
        root = _parse(redirect.unpacked(posted))
    except redirect.NotPacked:
        raise RequestRefused("La richiesta non è in base64.") from None
    if not backend.root_signed_by(root, sender.certificate):
        raise RequestRefused("La firma della richiesta non è valida per il certificato nei metadati.")
    return _read(root, relay_state, sender, sso_url, now)


def read_redirect(query: str, *, sender: ServiceProviderMetadata, sso_url: str, now: datetime) -> ReadRequest:
    """A request of the HTTP-Redirect binding: the signature covers the query as written. Raises RequestRefused."""
    if not redirect.query_signed_by(query, sender.certificate):
        raise RequestRefused("La firma dell'indirizzo non è valida per il certificato nei metadati.")
    values = dict(parse_qsl(query, keep_blank_values=True))
    try:
        xml = redirect.inflated(values.get("SAMLRequest", ""))
    except redirect.NotPacked:
        raise RequestRefused("La richiesta non è compressa come previsto.") from None
    return _read(_parse(xml), values.get("RelayState", ""), sender, sso_url, now)


def _parse(xml: bytes) -> etree._Element:
    try:
        return backend.parse(xml)
    except backend.NotXml:
        raise RequestRefused("La richiesta non è XML.") from None


def _read(
    root: etree._Element, relay_state: str, sender: ServiceProviderMetadata, sso_url: str, now: datetime
) -> ReadRequest:
    issuer, policy = one(root, "saml:Issuer"), one(root, "samlp:NameIDPolicy")
    context = one(root, "samlp:RequestedAuthnContext")
    level = level_of(text(one(context, "saml:AuthnContextClassRef")))
    issued_at = instant(attribute(root, "IssueInstant"))
    acs_url = sender.acs.get(attribute(root, "AssertionConsumerServiceIndex"))
    attributes = sender.attribute_sets.get(attribute(root, "AttributeConsumingServiceIndex"))
    faults = {
        "Manca l'ID o la versione non è 2.0.": not root.get("ID") or root.get("Version") != "2.0",
        "IssueInstant non è di questi minuti.": issued_at is None or abs(now - issued_at) > WINDOW,
        "Destination non è questo indirizzo.": root.get("Destination") != sso_url,
        "Issuer non è quello dei metadati, o non ha Format e NameQualifier.": text(issuer) != sender.entity_id
        or attribute(issuer, "Format") != FORMAT_ENTITY
        or attribute(issuer, "NameQualifier") != sender.entity_id,
        "NameIDPolicy deve essere transient, senza AllowCreate.": attribute(policy, "Format") != FORMAT_TRANSIENT
        or bool(attribute(policy, "AllowCreate")),
        "Manca il livello SPID richiesto.": level is None or not attribute(context, "Comparison"),
        "ForceAuthn è obbligatorio dal livello 2.": (level or 1) > 1 and root.get("ForceAuthn") != "true",
        "L'indice del servizio di ricezione non è nei metadati.": acs_url is None,
        "L'indice degli attributi non è nei metadati.": attributes is None,
        "Manca RelayState, o rivela un indirizzo.": not relay_state or "http" in relay_state,
    }
    found = [says for says, wrong in faults.items() if wrong]
    if found or level is None or acs_url is None or attributes is None:
        raise RequestRefused(" ".join(found))
    return ReadRequest(attribute(root, "ID"), sender.entity_id, acs_url, level, attributes, relay_state)
