"""Audit events of the providers."""

from payments.events import PAYMENTS
from payments.models import ProviderExport
from portal.audit.actor import Actor
from portal.audit.services import record


def provider_answered(export: ProviderExport) -> None:
    """A provider took a position, gave it back or refused it."""
    record(
        "payments.provider_answered",
        subject=export,
        actor=PAYMENTS,
        data={"provider": export.provider, "state": str(export.state)},
    )


def provider_asked_again(export: ProviderExport, *, actor: Actor) -> None:
    """The office asked to send again a position that a provider had refused."""
    record("payments.provider_asked_again", subject=export, actor=actor, data={"provider": export.provider})
