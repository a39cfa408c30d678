"""The registry as published: the signed XML aggregate (or the metadata of one provider), and the JSON list of names.

Nothing of a document is used when the document as a whole is broken; a single provider that cannot be used is left
out and named.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from spid_auth.domain.registry import Described
from spid_auth.saml import backend
from spid_auth.saml.names import BINDING_POST, BINDING_REDIRECT, MD, XML_LANG
from spid_auth.saml.xml import attribute, find, instant, one, text

LARGEST = 20 * 1024 * 1024
MOST_PROVIDERS = 500
LEAST_KEY_BITS = 2048


class Broken(ValueError):
    """The document cannot be used at all. The message says why, in Italian, with nothing of the document in it."""


class Unusable(ValueError):
    """One provider cannot be used."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a document says. `root` is the parsed tree, on which the signature is verified; None for a JSON list."""

    providers: tuple[Described, ...]
    left_out: tuple[tuple[str, str], ...]
    root: etree._Element | None


def read(content: bytes, *, now: datetime, may_be_called: Callable[[str], bool]) -> Listing:
    """The providers of a registry. `may_be_called` says which addresses are good enough. Raises Broken."""
    if not content.strip():
        raise Broken("il documento è vuoto")
    if len(content) > LARGEST:
        raise Broken("il documento è troppo grande")
    listing = _json(content) if content.lstrip()[:1] in b"[{" else _xml(content, now, may_be_called)
    names = [one.entity_id for one in listing.providers]
    if len(names) != len(set(names)):
        raise Broken("lo stesso gestore compare due volte")
    if not names:
        raise Broken("il documento non contiene gestori utilizzabili")
    return listing


def _json(content: bytes) -> Listing:
    try:
        rows = json.loads(content)
    except (ValueError, RecursionError):
        raise Broken("il documento non è JSON") from None
    if not isinstance(rows, list) or len(rows) > MOST_PROVIDERS or not all(isinstance(row, dict) for row in rows):
        raise Broken("il documento non è un elenco di gestori")
    found, left_out = [], []
    for place, row in enumerate(rows, start=1):
        try:
            found.append(Described(_entity_id(row.get("entity_id")), _name(row.get("organization_name"))))
        except Unusable as error:
            left_out.append((f"n. {place}", str(error)))
    return Listing(tuple(found), tuple(left_out), None)


def _xml(content: bytes, now: datetime, may_be_called: Callable[[str], bool]) -> Listing:
    try:
        root = backend.parse(content)
    except backend.NotXml:
        raise Broken("il documento non è XML, è troncato o contiene una DTD") from None
    if root.tag not in (f"{{{MD}}}EntitiesDescriptor", f"{{{MD}}}EntityDescriptor"):
        raise Broken("il documento non è un registro di metadati SAML")
    if _is_stale(root, now):
        raise Broken("il documento è scaduto (validUntil)")
    entities = [root] if root.tag.endswith("}EntityDescriptor") else find(root, ".//md:EntityDescriptor")
    providers = [entity for entity in entities if find(entity, "md:IDPSSODescriptor")]
    if len(providers) > MOST_PROVIDERS:
        raise Broken("il documento contiene troppi gestori")
    found, left_out = [], []
    for place, entity in enumerate(providers, start=1):
        try:
            found.append(_provider(entity, now, may_be_called))
        except Unusable as error:
            left_out.append((_shown(attribute(entity, "entityID")) or f"n. {place}", str(error)))
    return Listing(tuple(found), tuple(left_out), root)


def _is_stale(node: etree._Element, now: datetime) -> bool:
    """Past its validUntil, or with one that cannot be read."""
    until = node.get("validUntil")
    if until is None:
        return False
    moment = instant(until)
    return moment is None or moment <= now


def _provider(entity: etree._Element, now: datetime, may_be_called: Callable[[str], bool]) -> Described:
    entity_id, role = _entity_id(entity.get("entityID")), one(entity, "md:IDPSSODescriptor")
    if _is_stale(entity, now) or (role is not None and _is_stale(role, now)):
        raise Unusable("metadati scaduti (validUntil)")
    addresses = {}
    for field, path, binding in (
        ("sso_post", "md:SingleSignOnService", BINDING_POST),
        ("sso_redirect", "md:SingleSignOnService", BINDING_REDIRECT),
        ("slo_post", "md:SingleLogoutService", BINDING_POST),
        ("slo_redirect", "md:SingleLogoutService", BINDING_REDIRECT),
    ):
        doors = [attribute(node, "Location") for node in find(role, path) if attribute(node, "Binding") == binding]
        addresses[field] = doors[0] if doors else ""
    if not all(len(url) <= 500 and may_be_called(url) for url in addresses.values() if url):
        raise Unusable("indirizzi non ammessi")
    if not addresses["sso_post"] and not addresses["sso_redirect"]:
        raise Unusable("manca l'indirizzo di accesso")
    return Described(entity_id, _name(_organisation(entity) or entity_id), **addresses, certificates=_keys(role))


def _keys(role: etree._Element | None) -> frozenset[str]:
    """The signing certificates, in one spelling. A key without `use` signs too."""
    keys = [key for key in find(role, "md:KeyDescriptor") if key.get("use") in (None, "signing")]
    found = frozenset(pem(text(node)) for key in keys for node in find(key, ".//ds:X509Certificate"))
    if not found:
        raise Unusable("manca il certificato di firma")
    return found


def pem(body: str) -> str:
    """A certificate written as base64 of its DER, as PEM. Raises Unusable: unreadable, or a weak key."""
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode("".join(body.split()), validate=True))
        key = certificate.public_key()
    except ValueError:
        raise Unusable("certificato illeggibile") from None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < LEAST_KEY_BITS:
        raise Unusable("chiave di tipo non ammesso o troppo corta")
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _organisation(entity: etree._Element) -> str:
    """The name to show: the Italian one, else the first there is."""
    for path in ("md:Organization/md:OrganizationDisplayName", "md:Organization/md:OrganizationName"):
        names = find(entity, path)
        italian = [node for node in names if node.get(XML_LANG) == "it"]
        for node in (*italian, *names):
            if text(node):
                return text(node)
    return ""


def _entity_id(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 255 or not value.isprintable() or " " in value:
        raise Unusable("entityID mancante o non ammesso")
    if urlsplit_scheme(value) not in {"http", "https", "urn"}:
        raise Unusable("entityID mancante o non ammesso")
    return value


def urlsplit_scheme(value: str) -> str:
    """The scheme of an address, empty when it is none."""
    try:
        return urlsplit(value).scheme
    except ValueError:
        return ""


def _name(value: object) -> str:
    if not isinstance(value, str) or not _shown(value):
        raise Unusable("nome mancante o non ammesso")
    return _shown(value)


def _shown(value: str) -> str:
    """One line that a page can show."""
    line = " ".join(value.split())[:100]
    return line if line.isprintable() else ""
