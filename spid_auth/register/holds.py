"""Legal hold: what a judge or an inquiry may need is not deleted at the end of the term."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.audit.actor import Actor
from portal.kernel.errors import DomainError
from spid_auth import events
from spid_auth.models import AuthnTransaction, Identity

MOST = 200


@transaction.atomic
def register_hold(*, model: type[AuthnTransaction] | type[Identity], pk: int, reason: str, actor: Actor) -> None:
    """Keep a request of login, or all those of an identity, beyond the term. Raises DomainError without a reason."""
    row = model.objects.select_for_update(of=("self",)).get(pk=pk)
    row.hold_reason = checked(reason)
    row.save(update_fields=["hold_reason"])
    events.register_hold_changed(row, reason=row.hold_reason, held=True, actor=actor)


@transaction.atomic
def register_release(*, model: type[AuthnTransaction] | type[Identity], pk: int, reason: str, actor: Actor) -> None:
    """End a hold: what is older than the term goes away with the next purge. Raises DomainError without a reason."""
    row = model.objects.select_for_update(of=("self",)).get(pk=pk)
    if not row.hold_reason:
        raise DomainError("not-held", str(_("Questa richiesta non era conservata oltre il termine.")))
    text, row.hold_reason = checked(reason), ""
    row.save(update_fields=["hold_reason"])
    events.register_hold_changed(row, reason=text, held=False, actor=actor)


def checked(reason: str) -> str:
    """A written reason, without spaces around it. Raises DomainError when it is missing or endless."""
    text = " ".join(reason.split())
    if len(text) < 5 or not text.isprintable():
        raise DomainError("no-reason", str(_("Scrivi il motivo, per esempio il numero di protocollo della richiesta.")))
    if len(text) > MOST:
        raise DomainError("long-reason", str(_("Il motivo può avere al massimo %(most)d caratteri.") % {"most": MOST}))
    return text
