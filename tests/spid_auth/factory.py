"""One login exchange, made by hand: the request we sent and Responses to it, good or broken in one point."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

import xmlsec
from cryptography import x509
from cryptography.x509.oid import NameOID
from lxml import etree

from spid_auth.saml import backend, certificates
from spid_auth.saml.names import NAMESPACES
from spid_auth.saml.parties import IdentityProviderInfo, KeyPair, ServiceProvider
from spid_auth.saml.rules import Expected
from spid_auth.sandbox.people import person
from spid_auth.sandbox.responses import Answer, accepted, sealed

BASE = "http://127.0.0.1:8000"
IDP = "http://localhost:8001/idp"
NOON = datetime(2026, 11, 20, 11, 0, 0, tzinfo=UTC)
PROVIDER = ServiceProvider(
    entity_id=f"{BASE}/spid/metadata",
    acs_url=f"{BASE}/spid/acs",
    slo_url=f"{BASE}/spid/slo",
    organisation="Provincia di Prova",
    organisation_url=BASE,
    ipa_code="p_prova",
    locality="Pisa",
    email="spid@provincia.example",
    telephone="+39 050 000000",
)

Mutation = Callable[[etree._Element], None]


@cache
def keys(name: str) -> KeyPair:
    """A key pair that is made once a run."""
    if name == "sp":
        holder = certificates.subject(
            name=PROVIDER.organisation,
            entity_id=PROVIDER.entity_id,
            ipa_code=PROVIDER.ipa_code,
            locality=PROVIDER.locality,
        )
    else:
        holder = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return certificates.make(holder, now=datetime(2026, 1, 1, tzinfo=UTC), days=3650)


def idp_info() -> IdentityProviderInfo:
    return IdentityProviderInfo(IDP, (keys("idp").certificate,), sso_post=f"{IDP}/sso", sso_redirect=f"{IDP}/sso")


@dataclass(frozen=True)
class Exchange:
    """A request sent at `sent`, answered at `now`."""

    now: datetime = NOON
    sent: datetime = NOON - timedelta(minutes=1)
    request_id: str = "_0123456789abcdef0123456789abcdef01234567"
    level: int = 2
    person: str = "giulia"

    @property
    def expected(self) -> Expected:
        return Expected(
            request_id=self.request_id,
            request_instant=self.sent,
            level=self.level,
            idp_entity_id=IDP,
            sp_entity_id=PROVIDER.entity_id,
            acs_url=PROVIDER.acs_url,
            now=self.now,
        )

    @property
    def answer(self) -> Answer:
        somebody = person(self.person)
        assert somebody
        return Answer(
            request_id=self.request_id,
            issuer=IDP,
            acs_url=PROVIDER.acs_url,
            audience=PROVIDER.entity_id,
            level=self.level,
            attributes=somebody.attributes(),
            issued_at=self.now,
        )

    def response(self, *mutations: Mutation, by: str = "idp", **changes: object) -> bytes:
        """A Response signed by a good key after the mutations: only what they touch is wrong."""
        root = accepted(replace(self.answer, **changes))  # type: ignore[arg-type]
        for mutate in mutations:
            mutate(root)
        return sealed(root, keys(by))

    def tampered(self, *mutations: Mutation) -> bytes:
        """A good Response changed after it was signed."""
        root = backend.parse(self.response())
        for mutate in mutations:
            mutate(root)
        return etree.tostring(root)


def at(root: etree._Element, path: str) -> etree._Element:
    """The first element at `path`."""
    found: list[etree._Element] = root.xpath(path, namespaces=NAMESPACES)
    return found[0]


def put(path: str, name: str, value: str) -> Mutation:
    """Give an attribute another value."""
    return lambda root: at(root, path).set(name, value)


def unset(path: str, name: str) -> Mutation:
    """Take an attribute off."""

    def mutate(root: etree._Element) -> None:
        del at(root, path).attrib[name]

    return mutate


def write(path: str, value: str) -> Mutation:
    """Give an element another text."""

    def mutate(root: etree._Element) -> None:
        at(root, path).text = value

    return mutate


def empty(path: str) -> Mutation:
    """Leave an element without children, text and attributes."""
    return lambda root: at(root, path).clear()


def drop(path: str) -> Mutation:
    """Take an element off."""

    def mutate(root: etree._Element) -> None:
        element = at(root, path)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return mutate


def sign_with(node: etree._Element, pair: KeyPair, *, method: str, digest: str) -> None:
    """Sign a node with chosen algorithms, which the product never uses."""
    signature = xmlsec.template.create(
        node, xmlsec.constants.TransformExclC14N, getattr(xmlsec.constants, method), ns="ds"
    )
    at(node, "saml:Issuer").addnext(signature)
    reference = xmlsec.template.add_reference(signature, getattr(xmlsec.constants, digest), uri=f"#{node.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pair.private_key, xmlsec.constants.KeyDataFormatPem, None)
    xmlsec.tree.add_ids(node, ["ID"])
    context.sign(signature)
