"""Our key, our certificate and what we are called: the service provider as published."""

import fcntl
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from spid_auth import conf
from spid_auth.saml import certificates
from spid_auth.saml.parties import KeyPair, ServiceProvider


class NotConfigured(DomainError):
    """No key, or no body, to log in for."""


def body() -> Entity:
    """The body that is the service provider: the default one. Raises NotConfigured."""
    entity = Entity.objects.filter(is_default=True).first()
    if entity is None:
        raise NotConfigured("not-configured", str(_("Manca l'ente predefinito.")))
    return entity


def service_provider() -> ServiceProvider:
    """The service provider as its metadata describe it. Raises NotConfigured."""
    entity = body()
    return ServiceProvider(
        entity_id=conf.entity_id(),
        acs_url=conf.acs_url(),
        slo_url=conf.slo_url(),
        organisation=entity.name,
        organisation_url=entity.website or conf.address("/"),
        ipa_code=entity.ipa_code,
        locality=conf.locality(),
        email=entity.email or entity.pec,
        telephone=entity.phone,
    )


def missing_contacts(provider: ServiceProvider) -> list[str]:
    """What AgID wants in the metadata and the body has not said yet."""
    wanted = {"e-mail": provider.email, "telefono": provider.telephone, "codice IPA": provider.ipa_code}
    return [f"manca: {name} dell'ente" for name, value in wanted.items() if not value]


def key_pair() -> KeyPair:
    """Our key and certificate. Raises NotConfigured when they were not made yet (`spid_make_certificate`)."""
    pair = certificates.load(conf.keys_folder())
    if pair is None:
        raise NotConfigured("not-configured", str(_("Manca il certificato SPID dell'ente.")))
    return pair


def ensure_key_pair() -> KeyPair:
    """Our pair, made now if there is none or if it names another entityID. Only for demo and tests."""
    provider, folder = service_provider(), conf.keys_folder()
    with _locked(folder):
        pair = certificates.load(folder)
        if pair is None or certificates.entity_id_of(pair.certificate) != provider.entity_id:
            pair = make_key_pair(provider, folder)
    return pair


def make_key_pair(provider: ServiceProvider, folder: Path) -> KeyPair:
    """Make and store a pair for `provider`, over the one that may be there."""
    holder = certificates.subject(
        name=provider.organisation,
        entity_id=provider.entity_id,
        ipa_code=provider.ipa_code,
        locality=provider.locality,
    )
    pair = certificates.make(holder, now=clock.now())
    certificates.store(pair, folder)
    return pair


class _locked:  # noqa: N801  (reads as a verb: with _locked(folder))
    """Holds a folder while its files are made: two processes that start together make one pair."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / ".lock"

    def __enter__(self) -> None:
        self._file = self._path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()
