"""Reads of the login."""

import random
import re
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap

from cryptography.hazmat.primitives.hashes import SHA256
from django.db.models import QuerySet

from spid_auth.domain.schemes import Scheme
from spid_auth.models import AuthnTransaction, Identity, IdentityProvider, SamlMessage, ServiceProviderEntity
from spid_auth.models.federation import certificates_of
from spid_auth.oidc import conf as oidc

_ORDER = random.SystemRandom()
_RELAY_STATE = re.compile(r"[A-Za-z0-9_-]{20,64}")


def providers_by_scheme() -> dict[str, list[IdentityProvider]]:
    """The enabled identity providers of each system, shuffled: SPID wants none of them favoured.

    The OpenID Connect provider is there only while ARPA_OIDC is complete.
    """
    enabled = IdentityProvider.objects.filter(enabled=True)
    providers = [one for one in enabled if one.scheme != Scheme.ARPA or oidc.is_agreed_with(one.issuer)]
    _ORDER.shuffle(providers)
    return {scheme.value: [one for one in providers if one.scheme == scheme] for scheme in Scheme}


def takes_part(row: ServiceProviderEntity | None, scheme: Scheme) -> bool:
    """Whether a body may send its citizens to a system. The OpenID Connect provider asks for no membership of it."""
    if scheme is Scheme.ARPA or row is None:
        return scheme is Scheme.ARPA
    return {Scheme.CIE: row.with_cie, Scheme.EIDAS: row.with_eidas}.get(scheme, True)


def offered(row: ServiceProviderEntity | None) -> dict[str, list[IdentityProvider]]:
    """The identity providers that may be chosen for a body, by system."""
    found = providers_by_scheme()
    return {scheme.value: found[scheme] if takes_part(row, scheme) else [] for scheme in Scheme}


def enabled_provider(reference: str) -> IdentityProvider | None:
    """An enabled identity provider by primary key or entityID."""
    enabled = IdentityProvider.objects.filter(enabled=True)
    if reference.isascii() and reference.isdigit() and len(reference) < 10:
        return enabled.filter(pk=int(reference)).first()
    return enabled.filter(issuer=reference.replace("\x00", "")).first()


def transaction_of_relay(relay_state: str) -> AuthnTransaction | None:
    """The login request a RelayState belongs to. Ours are short and plain: anything else is not looked for."""
    if not _RELAY_STATE.fullmatch(relay_state):
        return None
    return AuthnTransaction.objects.filter(relay_state=relay_state).select_related("idp").first()


def login_of_subject(provider: IdentityProvider, subject: str) -> AuthnTransaction | None:
    """The login that gave us this NameID, which the provider uses to say whose session must end."""
    return AuthnTransaction.objects.filter(response_issuer=provider.issuer, subject=subject).order_by("-pk").first()


def login_in_session(transaction_id: int | None) -> AuthnTransaction | None:
    """The login a session was opened with."""
    if transaction_id is None:
        return None
    return AuthnTransaction.objects.filter(pk=transaction_id).select_related("idp", "identity").first()


def identity_in_session(transaction_id: int | None) -> Identity | None:
    """The identity a session was opened with, by the login it remembers."""
    started = login_in_session(transaction_id)
    return started.identity if started else None


def register_rows() -> QuerySet[AuthnTransaction]:
    """Requests of login, oldest first, with what is needed to judge them again."""
    related = ("idp", "identity", "judged", "provider_revision", "step_up_of")
    return AuthnTransaction.objects.select_related(*related).order_by("pk")


def register_keys() -> set[str]:
    """Names of the keys that sealed what is still in the register."""
    return set(SamlMessage.objects.exclude(key="").values_list("key", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate of a provider as somebody compares it: in use, waiting, or both."""

    subject: str
    fingerprint: str
    until: datetime
    in_use: bool
    waiting: bool


def certificates_beside(provider: IdentityProvider) -> list[CertificateRow]:
    """The certificates of a provider that are in use and those that wait, each once."""
    used = {one.fingerprint(SHA256()).hex(): one for one in certificates_of(provider.certificates)}
    waiting = {one.fingerprint(SHA256()).hex(): one for one in certificates_of(provider.pending_certificates)}
    return [
        CertificateRow(
            one.subject.rfc4514_string(), ":".join(wrap(name.upper(), 2)), one.not_valid_after_utc, name in used,
            name in waiting,
        )
        for name, one in (used | waiting).items()
    ]  # fmt: skip
