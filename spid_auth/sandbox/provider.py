"""Who the test identity provider is: its addresses, its own key made at the first start, its metadata."""

import fcntl
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID
from django.conf import settings
from lxml import etree

from portal import clock
from spid_auth.saml import backend, certificates
from spid_auth.saml.metadata import certificate_body
from spid_auth.saml.names import BINDING_POST, BINDING_REDIRECT, DS, FORMAT_TRANSIENT, MD, SAMLP
from spid_auth.saml.parties import IdentityProviderInfo, KeyPair
from spid_auth.saml.xml import child

NAME = "Identity provider di prova"


def entity_id() -> str:
    """The entityID of the test identity provider."""
    return f"{settings.SANDBOX_BASE_URL}/idp"


def sso_url() -> str:
    """Where login requests arrive, by POST or by Redirect."""
    return f"{entity_id()}/sso"


def slo_url() -> str:
    """Where answers to our requests of logout arrive."""
    return f"{entity_id()}/slo"


def folder() -> Path:
    """Where the key stands, and the last answer sent."""
    return Path(settings.DATA_DIR) / "keys" / "sandbox-idp"


def keys() -> KeyPair:
    """The key of the test identity provider, made the first time it is asked for."""
    place = folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pair = certificates.load(place)
        if pair is None:
            holder = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
            pair = certificates.make(holder, now=clock.now(), days=3650)
            certificates.store(pair, place)
    return pair


def info() -> IdentityProviderInfo:
    """The provider as service providers register it."""
    return IdentityProviderInfo(entity_id(), (keys().certificate,), sso_post=sso_url(), sso_redirect=sso_url())


def metadata() -> bytes:
    """The signed IDPSSODescriptor."""
    root = etree.Element(
        f"{{{MD}}}EntityDescriptor", {"entityID": entity_id(), "ID": "_sandbox-idp"}, nsmap={"md": MD, "ds": DS}
    )
    role = child(root, MD, "IDPSSODescriptor", protocolSupportEnumeration=SAMLP, WantAuthnRequestsSigned="true")
    key = child(child(child(role, MD, "KeyDescriptor", use="signing"), DS, "KeyInfo"), DS, "X509Data")
    child(key, DS, "X509Certificate", certificate_body(keys().certificate))
    child(role, MD, "SingleLogoutService", Binding=BINDING_POST, Location=slo_url())
    child(role, MD, "NameIDFormat", FORMAT_TRANSIENT)
    for binding in (BINDING_POST, BINDING_REDIRECT):
        child(role, MD, "SingleSignOnService", Binding=binding, Location=sso_url())
    return backend.sign(root, keys())
