"""The test identity provider reads a login request as a real one would: against the metadata of who sends it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from lxml import etree

from spid_auth.domain.schemes import EIDAS_PROFILE, Comparison, Purpose
from spid_auth.saml import backend, redirect
from spid_auth.saml.names import BINDING_POST, FORMAT_ENTITY, FORMAT_TRANSIENT, level_of
from spid_auth.saml.xml import attribute, find, instant, one, text

WINDOW = timedelta(minutes=5)


class RequestRefused(ValueError):
    """The request is not acceptable; the message says why, for the developer who reads the page."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What one of the systems asks of a request, beyond what all of them do."""

    comparisons: frozenset[str]
    always_force: bool = False
    purposes: bool = False
    # Empty: any index of the metadata of who asks.
    attribute_indexes: frozenset[str] = frozenset()


SPID_DEMANDS = Demands(frozenset({*Comparison, "maximum"}), purposes=True)
CIE_DEMANDS = Demands(frozenset({Comparison.EXACT, Comparison.MINIMUM}), always_force=True)
EIDAS_DEMANDS = Demands(
    SPID_DEMANDS.comparisons,
    always_force=True,
    attribute_indexes=frozenset(str(one_set.index) for one_set in EIDAS_PROFILE.sets),
)


@dataclass(frozen=True, slots=True)
class ServiceProviderMetadata:
    """What the federation knows of a service provider. During a roll-over it announces more than one certificate."""

    entity_id: str
    certificates: tuple[str, ...]
    acs: dict[str, str]
    attribute_sets: dict[str, tuple[str, ...]]
    slo_url: str = ""


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A login request that may be answered. Plain values: it travels in the pages, signed."""

    request_id: str
    audience: str
    acs_url: str
    level: int
    attributes: tuple[str, ...]
    relay_state: str
    comparison: str = Comparison.MINIMUM.value
    purpose: str = ""
    force: bool = True

    def grants(self, level: int) -> bool:
        """Whether a login at this level is what was asked for."""
        return {
            Comparison.EXACT.value: level == self.level,
            Comparison.BETTER.value: level > self.level,
            "maximum": level <= self.level,
        }.get(self.comparison, level >= self.level)


def read_metadata(document: bytes) -> ServiceProviderMetadata:
    """The metadata of a service provider. Raises NotXml."""
    root = backend.parse(document)
    role = one(root, "md:SPSSODescriptor")
    announced = find(role, "md:KeyDescriptor[@use='signing']/ds:KeyInfo/ds:X509Data/ds:X509Certificate")
    return ServiceProviderMetadata(
        entity_id=attribute(root, "entityID"),
        certificates=tuple(
            f"-----BEGIN CERTIFICATE-----\n{text(node)}\n-----END CERTIFICATE-----\n" for node in announced
        ),
        acs={
            attribute(node, "index"): attribute(node, "Location")
            for node in find(role, "md:AssertionConsumerService")
            if attribute(node, "Binding") == BINDING_POST
        },
        attribute_sets={
            attribute(node, "index"): tuple(attribute(item, "Name") for item in find(node, "md:RequestedAttribute"))
            for node in find(role, "md:AttributeConsumingService")
        },
        slo_url=next((attribute(node, "Location") for node in find(role, "md:SingleLogoutService")), ""),
    )


def parse_post(posted: str) -> etree._Element:
    """The message of a form. Raises RequestRefused."""
    try:
        return _parse(redirect.unpacked(posted))
    except redirect.NotPacked:
        raise RequestRefused("La richiesta non è in base64.") from None


def parse_query(query: str, field: str = "SAMLRequest") -> tuple[etree._Element, str]:
    """(message, RelayState) of an address. Raises RequestRefused."""
    values = dict(parse_qsl(query, keep_blank_values=True))
    try:
        xml = redirect.inflated(values.get(field, ""))
    except redirect.NotPacked:
        raise RequestRefused("La richiesta non è compressa come previsto.") from None
    return _parse(xml), values.get("RelayState", "")


def check_root_signature(root: etree._Element, sender: ServiceProviderMetadata) -> None:
    """Raises RequestRefused unless one of the announced keys signed the message."""
    if not any(backend.root_signed_by(root, certificate) for certificate in sender.certificates):
        raise RequestRefused("La firma della richiesta non è valida per i certificati nei metadati.")


def check_query_signature(query: str, sender: ServiceProviderMetadata) -> None:
    """Raises RequestRefused unless one of the announced keys signed the address."""
    if not any(redirect.query_signed_by(query, certificate) for certificate in sender.certificates):
        raise RequestRefused("La firma dell'indirizzo non è valida per i certificati nei metadati.")


def read_post(
    posted: str,
    relay_state: str,
    *,
    sender: ServiceProviderMetadata,
    sso_url: str,
    now: datetime,
    demands: Demands = SPID_DEMANDS,
) -> ReadRequest:
    """A request of the HTTP-POST binding. Raises RequestRefused."""
    root = parse_post(posted)
    check_root_signature(root, sender)
    return _read(root, relay_state, sender, sso_url, now, demands)


def read_redirect(
    query: str,
    *,
    sender: ServiceProviderMetadata,
    sso_url: str,
    now: datetime,
    demands: Demands = SPID_DEMANDS,
) -> ReadRequest:
    """A request of the HTTP-Redirect binding: the signature covers the query as written. Raises RequestRefused."""
    check_query_signature(query, sender)
    root, relay_state = parse_query(query)
    return _read(root, relay_state, sender, sso_url, now, demands)


def _parse(xml: bytes) -> etree._Element:
    try:
        return backend.parse(xml)
    except backend.NotXml:
        raise RequestRefused("La richiesta non è XML.") from None


def _read(
    root: etree._Element,
    relay_state: str,
    sender: ServiceProviderMetadata,
    sso_url: str,
    now: datetime,
    demands: Demands,
) -> ReadRequest:
    context = one(root, "samlp:RequestedAuthnContext")
    level = level_of(text(one(context, "saml:AuthnContextClassRef")))
    acs_url = sender.acs.get(attribute(root, "AssertionConsumerServiceIndex"))
    attributes = sender.attribute_sets.get(attribute(root, "AttributeConsumingServiceIndex"))
    found = [*_common_faults(root, sender, sso_url, now), *_own_faults(root, demands, level or 1)]
    if acs_url is None:
        found.append("L'indice del servizio di ricezione non è nei metadati.")
    if attributes is None:
        found.append("L'indice degli attributi non è nei metadati.")
    if level is None:
        found.append("Manca il livello richiesto.")
    if not relay_state or "http" in relay_state:
        found.append("Manca RelayState, o rivela un indirizzo.")
    if found or level is None or acs_url is None or attributes is None:
        raise RequestRefused(" ".join(found))
    return ReadRequest(
        attribute(root, "ID"),
        sender.entity_id,
        acs_url,
        level,
        attributes,
        relay_state,
        comparison=attribute(context, "Comparison"),
        purpose=text(one(root, "samlp:Extensions/spid:Purpose")),
        force=root.get("ForceAuthn") == "true",
    )


def _common_faults(root: etree._Element, sender: ServiceProviderMetadata, sso_url: str, now: datetime) -> list[str]:
    """What every system refuses."""
    issuer, policy = one(root, "saml:Issuer"), one(root, "samlp:NameIDPolicy")
    issued_at = instant(attribute(root, "IssueInstant"))
    faults = {
        "Manca l'ID o la versione non è 2.0.": not root.get("ID") or root.get("Version") != "2.0",
        "IssueInstant non è di questi minuti.": issued_at is None or abs(now - issued_at) > WINDOW,
        "Destination non è questo indirizzo.": root.get("Destination") != sso_url,
        "Issuer non è quello dei metadati, o non ha Format e NameQualifier.": text(issuer) != sender.entity_id
        or attribute(issuer, "Format") != FORMAT_ENTITY
        or attribute(issuer, "NameQualifier") != sender.entity_id,
        "NameIDPolicy deve essere transient, senza AllowCreate.": attribute(policy, "Format") != FORMAT_TRANSIENT
        or bool(attribute(policy, "AllowCreate")),
    }
    return [says for says, wrong in faults.items() if wrong]


def _own_faults(root: etree._Element, demands: Demands, level: int) -> list[str]:
    """What this system refuses."""
    comparison = attribute(one(root, "samlp:RequestedAuthnContext"), "Comparison")
    purpose = find(root, "samlp:Extensions/spid:Purpose")
    index = attribute(root, "AttributeConsumingServiceIndex")
    must_force = demands.always_force or level > 1
    faults = {
        "Comparison manca, o non è tra quelli ammessi.": comparison not in demands.comparisons,
        "ForceAuthn è obbligatorio (in SPID dal livello 2).": must_force and root.get("ForceAuthn") != "true",
        "Purpose non è previsto, o non è tra quelli ammessi.": bool(purpose)
        and (not demands.purposes or text(purpose[0]) not in set(Purpose)),
        "L'indice degli attributi non è quello di un servizio eIDAS.": bool(demands.attribute_indexes)
        and index not in demands.attribute_indexes,
    }
    return [says for says, wrong in faults.items() if wrong]
