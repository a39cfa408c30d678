"""Audit events of service keys."""

from portal.api.models import ServiceKey
from portal.audit.actor import Actor
from portal.audit.services import record


def key_created(*, key: ServiceKey, actor: Actor) -> None:
    """A system was given a key."""
    data = {"scopes": key.scopes, "expires_on": key.expires_on.isoformat(), "hint": key.hint}
    record("api.key_created", subject=key, actor=actor, data=data)


def key_revoked(*, key: ServiceKey, actor: Actor) -> None:
    """A key opens nothing any more."""
    record("api.key_revoked", subject=key, actor=actor, data={"hint": key.hint})
