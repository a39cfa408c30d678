"""The registry of the federation, played: an aggregate with the test SPID provider, signed by a key of its own."""

import fcntl
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from lxml import etree

from portal import clock
from spid_auth.saml import backend, certificates
from spid_auth.saml.names import DS, MD
from spid_auth.saml.parties import KeyPair
from spid_auth.saml.xml import written
from spid_auth.sandbox.provider import SPID_FACE

NAME = "Registro di prova"
GOOD_FOR = timedelta(days=2)


def keys() -> KeyPair:
    """The key that signs the registry, made the first time it is asked for."""
    place = Path(settings.DATA_DIR) / "keys" / "sandbox-registry"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pair = certificates.load(place)
        if pair is None:
            holder = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
            pair = certificates.make(holder, now=clock.now(), days=3650)
            certificates.store(pair, place)
    return pair


def document() -> bytes:
    """The signed aggregate."""
    until = written(clock.now() + GOOD_FOR)
    nsmap = {"md": MD, "ds": DS}
    root = etree.Element(f"{{{MD}}}EntitiesDescriptor", {"ID": "_registro", "Name": NAME, "validUntil": until}, nsmap)
    root.append(etree.fromstring(SPID_FACE.metadata()))
    return backend.sign(root, keys())


@require_safe
def aggregate(request: HttpRequest) -> HttpResponse:
    """The registry, as `spid_update_idps --url` takes it."""
    return HttpResponse(document(), content_type="application/samlmetadata+xml")


@require_safe
def fingerprint(request: HttpRequest) -> HttpResponse:
    """What to write in SPID_REGISTRY_PIN to believe it."""
    return HttpResponse(certificates.fingerprint(keys().certificate), content_type="text/plain")
