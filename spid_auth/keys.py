"""Our keys, our certificates and what we are called: the service providers as published."""

import fcntl
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from spid_auth import conf
from spid_auth.domain.modes import AGGREGATED, Mode
from spid_auth.domain.schemes import EIDAS_PROFILE, PROFILES, Scheme
from spid_auth.models import ServiceProviderEntity
from spid_auth.saml import certificates
from spid_auth.saml.parties import Aggregator, KeyPair, ServiceProvider


class NotConfigured(DomainError):
    """No key, or no body, to log in for."""


def membership(code: str = "") -> ServiceProviderEntity:
    """How a body takes part in the federations, by its code; the default body when empty. Raises NotConfigured.

    The default body is in SPID on its own account also without a row; another body only with one.
    """
    rows = ServiceProviderEntity.objects.select_related("body", "aggregator__body")
    chosen = {"body__code": code.upper()} if code else {"body__is_default": True}
    row = rows.filter(**chosen).first()
    if row is None:
        body = Entity.objects.filter(is_default=True).first()
        if body is None or (code and code.upper() != body.code):
            raise NotConfigured("not-configured", str(_("L'ente non partecipa alla federazione.")))
        row = ServiceProviderEntity(body=body)
    return row


def membership_named(sp_entity_id: str) -> ServiceProviderEntity:
    """Whose entityID this is, the default body's when nobody's any more. Raises NotConfigured."""
    for row in ServiceProviderEntity.objects.select_related("body", "aggregator__body"):
        if sp_entity_id in {entity_id(row), entity_id(row, Scheme.CIE)}:
            return row
    return membership()


def service_provider(scheme: Scheme = Scheme.SPID, *, of: ServiceProviderEntity | None = None) -> ServiceProvider:
    """A body (the default one) as its metadata describe it. Raises NotConfigured."""
    row = of or membership()
    body, mode = row.body, Mode.DIRECT if scheme is Scheme.CIE else Mode(row.mode)
    sets = PROFILES[scheme].sets
    if scheme is not Scheme.CIE and row.with_eidas:
        sets = (*PROFILES[Scheme.SPID].sets, *EIDAS_PROFILE.sets)
    return ServiceProvider(
        entity_id=entity_id(row, scheme),
        acs_url=conf.acs_url(scheme),
        slo_url=conf.slo_url(scheme),
        organisation=body.name,
        organisation_url=body.website or conf.address("/"),
        ipa_code=body.ipa_code,
        locality=row.locality or conf.locality(),
        email=row.contact_email or body.email or body.pec,
        telephone=row.contact_phone or body.phone,
        attribute_sets=sets,
        scheme=scheme,
        mode=mode,
        aggregator=_aggregator(row) if mode is not Mode.DIRECT else None,
        municipality=row.municipality,
        province=row.province,
    )


def entity_id(row: ServiceProviderEntity, scheme: Scheme = Scheme.SPID) -> str:
    """The entityID of a body: the address of its metadata."""
    mode = Mode(row.mode)
    plain = row.body.is_default and (mode is Mode.DIRECT or scheme is Scheme.CIE)
    return conf.address(conf.metadata_path(scheme, mode=mode, code="" if plain else row.body.code))


def _aggregator(row: ServiceProviderEntity) -> Aggregator:
    """Who presents the body; an operator presents itself."""
    presenter = row.aggregator or row
    return Aggregator(
        organisation=presenter.body.name,
        ipa_code=presenter.body.ipa_code,
        fiscal_code=presenter.body.fiscal_code,
        email=presenter.contact_email or presenter.body.email or presenter.body.pec,
        telephone=presenter.contact_phone or presenter.body.phone,
        validation_certificate=row.validation_certificate if row.mode == Mode.AGGREGATED_LIGHT else "",
    )


def missing_contacts(provider: ServiceProvider) -> list[str]:
    """What the federation wants in the metadata and the body has not said yet."""
    wanted = {"e-mail": provider.email, "telefono": provider.telephone, "codice IPA": provider.ipa_code}
    if provider.scheme is Scheme.CIE:
        wanted["codice catastale del comune"] = provider.municipality
    return [f"manca: {name} dell'ente" for name, value in wanted.items() if not value]


def signer(row: ServiceProviderEntity) -> ServiceProviderEntity:
    """Whose keys sign for a body: those of the aggregator for the aggregated, its own for the others."""
    return row.aggregator if row.mode in AGGREGATED and row.aggregator is not None else row


def key_pair(of: ServiceProviderEntity | None = None, *, now: datetime | None = None) -> KeyPair:
    """The pair a body signs with at a moment (now). Raises NotConfigured when none is active."""
    pairs = _pairs(signer(of or membership()), now or clock.now())
    if not pairs or not pairs[0][0]:
        raise NotConfigured("not-configured", str(_("Manca il certificato SPID dell'ente.")))
    return pairs[0][1]


def published_certificates(of: ServiceProviderEntity | None = None, *, now: datetime | None = None) -> list[str]:
    """The certificates to announce: the one in use, those about to be, and the last ones while they are valid.

    Identity providers read metadata days late: a new certificate is announced before it signs, an old one stays.
    """
    return [pair.certificate for _active, pair in _pairs(signer(of or membership()), now or clock.now())]


def _pairs(row: ServiceProviderEntity, now: datetime) -> list[tuple[bool, KeyPair]]:
    """(signs now, pair), the one in use first. A body without rows has the pair of its folder."""
    if row._state.adding or not row.certificates.exists():
        pair = certificates.load(default_folder(row))
        return [(True, pair)] if pair else []
    usable = row.certificates.filter(withdrawn_at__isnull=True, expires_at__gt=now).order_by("-active_from")
    found = [(one.active_from <= now, certificates.load(conf.keys_folder() / one.folder)) for one in usable]
    pairs = [(active, pair) for active, pair in found if pair]
    active = [pair for pair in pairs if pair[0]]
    return [*active, *(pair for pair in pairs if not pair[0])]


def default_folder(row: ServiceProviderEntity) -> Path:
    """Where the pair of a body without certificates on record stands."""
    return conf.keys_folder() if row.body.is_default else conf.keys_folder() / row.body.code


def ensure_key_pair() -> KeyPair:
    """Our pair, made now if there is none or if it names another entityID. Only for demo and tests."""
    row = membership()
    provider, folder = service_provider(of=row), default_folder(row)
    with _locked(folder):
        pair = certificates.load(folder)
        if pair is None or certificates.entity_id_of(pair.certificate) != provider.entity_id:
            pair = make_key_pair(provider, folder)
    return pair


def make_key_pair(provider: ServiceProvider, folder: Path, *, days: int = certificates.DAYS) -> KeyPair:
    """Make and store a pair for `provider`, over the one that may be there."""
    holder = certificates.subject(
        name=provider.organisation,
        entity_id=provider.entity_id,
        ipa_code=provider.ipa_code,
        locality=provider.locality,
    )
    pair = certificates.make(holder, now=clock.now(), days=days)
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
