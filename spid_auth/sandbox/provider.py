"""Who the test identity provider is, in each of its three faces: addresses, own key made at the first start, metadata.

One process plays a SPID provider (`/idp`), the CIE server (`/cie`) and the Italian eIDAS node (`/eidas`): three
entityIDs, three keys, and the habits in which the real ones differ.
"""

import fcntl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID
from django.conf import settings
from lxml import etree

from portal import clock
from spid_auth.domain.schemes import Scheme
from spid_auth.saml import backend, certificates
from spid_auth.saml.metadata import certificate_body
from spid_auth.saml.names import BINDING_POST, BINDING_REDIRECT, DS, FORMAT_TRANSIENT, MD, SAMLP
from spid_auth.saml.parties import IdentityProviderInfo, KeyPair
from spid_auth.saml.xml import child
from spid_auth.sandbox.requests import CIE_DEMANDS, EIDAS_DEMANDS, SPID_DEMANDS, Demands
from spid_auth.sandbox.responses import CIE_STYLE, SPID_STYLE, Style

NAME = "Identity provider di prova"


@dataclass(frozen=True, slots=True)
class Face:
    """One of the three: what it is called, where it stands, what it asks and how it writes."""

    scheme: Scheme
    # The path in the sandbox and, in the demonstration, the name of the rows that register it.
    prefix: str
    name: str
    plays: str
    demands: Demands = SPID_DEMANDS
    style: Style = SPID_STYLE
    # Levels at which a SessionIndex is sent: SPID at 1, where there is a session to end; CIE at the higher ones too.
    indexed_levels: frozenset[int] = frozenset({1})
    # CIE has no message of logout: its address shows a page of its own.
    logout_messages: bool = True

    @property
    def namespace(self) -> str:
        """Of its addresses."""
        return f"{self.prefix}_sandbox"

    def entity_id(self) -> str:
        """The entityID."""
        return f"{settings.SANDBOX_BASE_URL}/{self.prefix}"

    def sso_url(self) -> str:
        """Where login requests arrive, by POST or by Redirect."""
        return f"{self.entity_id()}/sso"

    def slo_url(self) -> str:
        """Where requests of logout arrive, and answers to our own."""
        return f"{self.entity_id()}/slo"

    def folder(self) -> Path:
        """Where the key stands, and the last answer sent."""
        return Path(settings.DATA_DIR) / "keys" / f"sandbox-{self.prefix}"

    def keys(self) -> KeyPair:
        """The key, made the first time it is asked for."""
        place = self.folder()
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (place / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            pair = certificates.load(place)
            if pair is None:
                holder = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
                pair = certificates.make(holder, now=clock.now(), days=3650)
                certificates.store(pair, place)
        return pair

    def info(self) -> IdentityProviderInfo:
        """The provider as service providers register it."""
        address = self.sso_url()
        return IdentityProviderInfo(
            self.entity_id(), (self.keys().certificate,), sso_post=address, sso_redirect=address
        )

    def metadata(self) -> bytes:
        """The signed IDPSSODescriptor."""
        root = etree.Element(
            f"{{{MD}}}EntityDescriptor",
            {"entityID": self.entity_id(), "ID": f"_sandbox-{self.prefix}"},
            nsmap={"md": MD, "ds": DS},
        )
        role = child(root, MD, "IDPSSODescriptor", protocolSupportEnumeration=SAMLP, WantAuthnRequestsSigned="true")
        key = child(child(child(role, MD, "KeyDescriptor", use="signing"), DS, "KeyInfo"), DS, "X509Data")
        child(key, DS, "X509Certificate", certificate_body(self.keys().certificate))
        for binding in (BINDING_POST, BINDING_REDIRECT) if self.logout_messages else (BINDING_REDIRECT,):
            child(role, MD, "SingleLogoutService", Binding=binding, Location=self.slo_url())
        child(role, MD, "NameIDFormat", FORMAT_TRANSIENT)
        for binding in (BINDING_POST, BINDING_REDIRECT):
            child(role, MD, "SingleSignOnService", Binding=binding, Location=self.sso_url())
        return backend.sign(root, self.keys())


SPID_FACE = Face(Scheme.SPID, "idp", NAME, "di un gestore SPID")
CIE_FACE = Face(
    Scheme.CIE,
    "cie",
    "CIE di prova",
    "del server di CIE",
    demands=CIE_DEMANDS,
    style=CIE_STYLE,
    indexed_levels=frozenset({1, 2, 3}),
    logout_messages=False,
)
EIDAS_FACE = Face(
    Scheme.EIDAS,
    "eidas",
    "Nodo eIDAS di prova",
    "del nodo eIDAS italiano",
    demands=EIDAS_DEMANDS,
    indexed_levels=frozenset(),
)

FACES: dict[Scheme, Face] = {face.scheme: face for face in (SPID_FACE, CIE_FACE, EIDAS_FACE)}
