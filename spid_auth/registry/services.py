"""Writes of the registry of providers. Nothing is ever deleted, and what was good stays until something better comes.

With a signature by a pinned certificate the registry is applied: new providers are on, keys and addresses are
replaced. Without one nothing that a login trusts changes by itself: new providers wait switched off, new keys wait for
somebody's approval, new addresses are only told. A document that is broken changes nothing at all.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit.actor import Actor
from portal.kernel.errors import DomainError, GatewayError
from spid_auth import events
from spid_auth.alerts import alert_clear, alert_raise
from spid_auth.domain.registry import Change, Described, Difference, Known, Trust, differences
from spid_auth.domain.schemes import Scheme
from spid_auth.models import AlertKind, IdentityProvider, RefreshOutcome, RegistryRefresh, Source
from spid_auth.models.federation import certificates_of, split_pems
from spid_auth.registry import gateway
from spid_auth.registry.formats import Broken, Listing, read
from spid_auth.registry.signature import trust_of

SYSTEM = Actor.system("spid_registry")
EXPIRY_NOTICE = timedelta(days=30)
# One refresh at a time, whichever process does it.
LOCK = 0x53504944

FIELDS = {
    "name": "name",
    "sso_post": "sso_post_url",
    "sso_redirect": "sso_redirect_url",
    "slo_post": "slo_post_url",
    "slo_redirect": "slo_redirect_url",
}
FIELD_LABELS = {
    "name": _("nome"),
    "sso_post": _("indirizzo di accesso (POST)"),
    "sso_redirect": _("indirizzo di accesso (Redirect)"),
    "slo_post": _("indirizzo di uscita (POST)"),
    "slo_redirect": _("indirizzo di uscita (Redirect)"),
    "certificates": _("certificati"),
}


@dataclass(frozen=True, slots=True)
class Report:
    """How a refresh went, or would go. `refused` says why nothing was looked at."""

    outcome: RefreshOutcome
    changes: tuple[Change, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    refused: str = ""


def registry_refresh(*, source: str, pins: Collection[str], actor: Actor = SYSTEM, dry_run: bool = False) -> Report:
    """Read the registry at `source` (https address or file:) and apply it; `dry_run` only compares.

    Never raises for what the registry is or is not: a refusal is a row, an alert and the report.
    """
    digest = ""
    try:
        content = gateway.fetch(source)
        digest = sha256(content).hexdigest()
        listing = read(content, now=clock.now(), may_be_called=gateway.may_be_called)
        trust = trust_of(listing.root, pins)
        if trust is Trust.BROKEN:
            raise Broken("la firma del documento non è valida")
    except (GatewayError, Broken) as error:
        return _refused(source, digest, str(error), dry_run=dry_run)
    if dry_run:
        outcome = RefreshOutcome.APPLIED if trust is Trust.PINNED else RefreshOutcome.CAUTIOUS
        return Report(outcome, _compared(listing), listing.left_out)
    return _applied(listing, trust, source=source, digest=digest, pinned=bool(pins), actor=actor)


@transaction.atomic
def _refused(source: str, digest: str, reason: str, *, dry_run: bool) -> Report:
    if not dry_run:
        RegistryRefresh.objects.create(
            at=clock.now(),
            source=source[:500],
            sha256=digest,
            outcome=RefreshOutcome.REFUSED,
            text=reason[:1000],
        )
        text = f"Il registro dei gestori non è stato aggiornato: {reason}. Restano validi i dati precedenti."
        alert_raise(kind=AlertKind.REGISTRY, subject="refresh", text=text)
    return Report(RefreshOutcome.REFUSED, refused=reason)


@transaction.atomic
def _applied(listing: Listing, trust: Trust, *, source: str, digest: str, pinned: bool, actor: Actor) -> Report:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    changes, now = _compared(listing), clock.now()
    described = {one.entity_id: one for one in listing.providers}
    for change in changes:
        apply = _TRUSTED if trust is Trust.PINNED else _CAUTIOUS
        apply[change.kind](change, described.get(change.entity_id), now, actor)
    different = [one for one in changes if one.kind not in (Difference.SAME, Difference.MANUAL)]
    outcome = RefreshOutcome.APPLIED if trust is Trust.PINNED else RefreshOutcome.CAUTIOUS
    refresh = RegistryRefresh.objects.create(
        at=now,
        source=source[:500],
        sha256=digest,
        outcome=outcome,
        providers=len(listing.providers),
        changes=len(different),
        text="; ".join(f"{name}: {reason}" for name, reason in listing.left_out)[:1000],
    )
    told = [f"{one.kind} {one.entity_id}" for one in different]
    events.registry_refreshed(refresh, changes=told, actor=actor)
    _tell(listing, trust, pinned=pinned)
    return Report(outcome, changes, listing.left_out)


def _tell(listing: Listing, trust: Trust, *, pinned: bool) -> None:
    """Alerts about the document as a whole."""
    alert_clear(kind=AlertKind.REGISTRY, subject="refresh")
    if pinned and trust is not Trust.PINNED and listing.root is not None:
        text = "Il registro dei gestori non è firmato da un certificato di SPID_REGISTRY_PIN: nulla si applica da solo."
        alert_raise(kind=AlertKind.REGISTRY, subject="signature", text=text)
    elif trust is Trust.PINNED:
        alert_clear(kind=AlertKind.REGISTRY, subject="signature")
    for name, reason in listing.left_out:
        alert_raise(kind=AlertKind.REGISTRY, subject=name, text=f"Gestore del registro non utilizzabile: {reason}.")


def _compared(listing: Listing) -> tuple[Change, ...]:
    """The SPID providers and those that came from the registry; CIE and others by hand are not in it."""
    rows = IdentityProvider.objects.exclude(scheme=Scheme.ARPA)
    listed = {one.entity_id for one in listing.providers}
    known = [_known(row) for row in rows if row.source == Source.REGISTRY or row.issuer in listed]
    return differences(known, listing.providers)


def _known(row: IdentityProvider) -> Known:
    described = Described(
        row.issuer,
        certificates=frozenset(pem.strip() + "\n" for pem in split_pems(row.certificates)),
        **{name: getattr(row, field) for name, field in FIELDS.items()},
    )
    return Known(described, manual=row.source == Source.MANUAL)


def _row(change: Change) -> IdentityProvider:
    return IdentityProvider.objects.select_for_update(of=("self",)).get(issuer=change.entity_id)


def _save(row: IdentityProvider, changed: list[str], actor: Actor) -> None:
    row.save()
    events.provider_saved(row, changed=changed, actor=actor)


def _create(change: Change, listed: Described | None, now: datetime, actor: Actor, *, enabled: bool) -> None:
    assert listed
    row = IdentityProvider(issuer=listed.entity_id, source=Source.REGISTRY, enabled=enabled, seen_at=now)
    _fill(row, listed)
    _save(row, ["added"], actor)


def _fill(row: IdentityProvider, listed: Described) -> None:
    for name, field in FIELDS.items():
        setattr(row, field, getattr(listed, name))
    row.certificates = "".join(sorted(listed.certificates))


def _take(change: Change, listed: Described | None, now: datetime, actor: Actor) -> None:
    """The registry is signed by who we know: it is right."""
    assert listed
    row = _row(change)
    _fill(row, listed)
    row.pending_certificates, row.seen_at = "", now
    _save(row, list(change.fields), actor)
    _clear(change)


def _hold_back(change: Change, listed: Described | None, now: datetime, actor: Actor) -> None:
    """Nobody we know vouches for it: what logins trust stays, the difference is told."""
    assert listed
    row = _row(change)
    row.seen_at = now
    alert_clear(kind=AlertKind.PROVIDER_MISSING, subject=change.entity_id)
    if "certificates" in change.fields:
        text = f"{row}: il registro pubblica altri certificati, senza una firma riconosciuta. Confrontali e approvali."
        alert_raise(kind=AlertKind.PROVIDER_KEYS, subject=row.issuer, text=text)
        row.pending_certificates = "".join(sorted(listed.certificates))
    others = [str(FIELD_LABELS[name]) for name in change.fields if name != "certificates"]
    if others:
        text = f"{row}: nel registro, senza una firma riconosciuta, sono diversi: {', '.join(others)}."
        alert_raise(kind=AlertKind.PROVIDER_CHANGED, subject=row.issuer, text=text)
    row.save(update_fields=["seen_at", "pending_certificates"])


def _switched_off(change: Change, listed: Described | None, now: datetime, actor: Actor) -> None:
    """A new provider that nobody vouches for, or of which only the name is known."""
    assert listed
    how = "Serve il suo documento di metadati."
    if listed.complete:
        _create(change, listed, now, actor, enabled=False)
        how = "È stato aggiunto non attivo: controllalo e attivalo."
    alert_raise(kind=AlertKind.PROVIDER_NEW, subject=change.entity_id, text=f"Nuovo gestore: {listed.name}. {how}")


def _seen(change: Change, listed: Described | None, now: datetime, actor: Actor) -> None:
    complete = {"pending_certificates": ""} if listed and listed.complete else {}
    IdentityProvider.objects.filter(issuer=change.entity_id).update(seen_at=now, **complete)
    _clear(change)


def _missing(change: Change, listed: Described | None, now: datetime, actor: Actor) -> None:
    text = f"{change.name} non è più nel registro: resta attivo con gli ultimi dati buoni finché non decidi."
    alert_raise(kind=AlertKind.PROVIDER_MISSING, subject=change.entity_id, text=text)


def _ours(change: Change, listed: Described | None, now: datetime, actor: Actor) -> None:
    """Registered by hand: the registry has no say."""


def _switched_on(change: Change, listed: Described | None, now: datetime, actor: Actor) -> None:
    _create(change, listed, now, actor, enabled=True)
    alert_clear(kind=AlertKind.PROVIDER_NEW, subject=change.entity_id)


def _clear(change: Change) -> None:
    for kind in (AlertKind.PROVIDER_KEYS, AlertKind.PROVIDER_CHANGED, AlertKind.PROVIDER_MISSING):
        alert_clear(kind=kind, subject=change.entity_id)


_Apply = Callable[[Change, Described | None, datetime, Actor], None]
_CAUTIOUS: dict[Difference, _Apply] = {
    Difference.NEW: _switched_off,
    Difference.KEYS: _hold_back,
    Difference.UPDATED: _hold_back,
    Difference.MISSING: _missing,
    Difference.MANUAL: _ours,
    Difference.SAME: _seen,
}
_TRUSTED: dict[Difference, _Apply] = _CAUTIOUS | {
    Difference.NEW: _switched_on,
    Difference.KEYS: _take,
    Difference.UPDATED: _take,
}


def pending_digest(provider: IdentityProvider) -> str:
    """Names the waiting certificates: what somebody saw is what they approve."""
    return sha256(provider.pending_certificates.encode()).hexdigest()


@transaction.atomic
def pending_decide(*, provider_id: int, digest: str, approve: bool, actor: Actor) -> IdentityProvider:
    """Use the waiting certificates from now on, or throw them away. Raises DomainError when they changed meanwhile."""
    row = IdentityProvider.objects.select_for_update(of=("self",)).get(pk=provider_id)
    if not row.pending_certificates or pending_digest(row) != digest:
        raise DomainError("pending-changed", str(_("I certificati in attesa sono cambiati: guardali di nuovo.")))
    if approve:
        row.certificates = row.pending_certificates
    row.pending_certificates = ""
    _save(row, ["certificates" if approve else "pending_certificates"], actor)
    alert_clear(kind=AlertKind.PROVIDER_KEYS, subject=row.issuer)
    return row


def expiries_watch(*, now: datetime) -> None:
    """Alert about enabled providers whose last certificate has expired, or will within thirty days."""
    for row in IdentityProvider.objects.filter(enabled=True).exclude(scheme=Scheme.ARPA):
        until = max((one.not_valid_after_utc for one in certificates_of(row.certificates)), default=None)
        if until is None:
            continue
        if until > now + EXPIRY_NOTICE:
            alert_clear(kind=AlertKind.PROVIDER_EXPIRY, subject=row.issuer)
            continue
        verb = "è scaduto" if until <= now else "scade"
        text = f"{row}: il certificato di firma {verb} il {until.astimezone(clock.ROME):%d/%m/%Y}."
        alert_raise(kind=AlertKind.PROVIDER_EXPIRY, subject=row.issuer, text=text)
