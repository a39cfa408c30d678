"""The terms an answer was judged on: which answer, which keys of the provider, which tolerance on the clocks."""

from hashlib import sha256
from typing import Any

from portal import clock
from spid_auth import conf
from spid_auth.models import AuthnTransaction, IdentityProvider, ProviderRevision, SamlMessage


def take(message: SamlMessage) -> None:
    """Note on the request of `message` the terms it is about to be judged on.

    They reach the database with the verdict: of two answers judged at once only the one that wins is written.
    """
    started = message.transaction
    started.judged = message
    started.provider_revision = provider_revision(started.idp)
    started.skew_seconds = int(conf.skew().total_seconds())


def written(started: AuthnTransaction) -> dict[str, Any]:
    """The fields that go into the database with the verdict."""
    return {name: getattr(started, name) for name in ("judged", "provider_revision", "skew_seconds")}


def provider_revision(idp: IdentityProvider) -> ProviderRevision:
    """The provider as it is now, kept once for as long as it does not change."""
    said = {
        "issuer": idp.issuer,
        "sso_post_url": idp.sso_post_url,
        "sso_redirect_url": idp.sso_redirect_url,
        "certificates": idp.certificates,
    }
    digest = sha256("\0".join(said.values()).encode()).hexdigest()
    kept, _created = ProviderRevision.objects.get_or_create(
        provider=idp, digest=digest, defaults=said | {"at": clock.now()}
    )
    return kept
