"""Keys given to the systems of others, taken back, and recognised."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _
from django_scopes import scopes_disabled

from portal import clock
from portal.api import events
from portal.api.models import ServiceKey
from portal.api.scopes import scopes
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import DomainError

# A key that nobody renews dies by itself.
LONGEST: Final = timedelta(days=731)
# How often the last use of a key is written down: a key that works all day is no reason to write all day.
_NOTED_EVERY: Final = timedelta(minutes=5)
_SHOWN: Final = 8


class KeyRefused(DomainError):
    """The key opens nothing: unknown, expired or taken back."""


@transaction.atomic
def key_create(
    *, entity: Entity, label: str, allowed: Sequence[str], expires_on: date, user_id: int | None, actor: Actor
) -> tuple[ServiceKey, str]:
    """A new key, and its text, which nobody can read again. Raises DomainError."""
    if not allowed or set(allowed) - set(scopes()):
        raise DomainError("scopes_wrong", _("Scegli che cosa può fare la chiave."))
    today = clock.today()
    if not today < expires_on <= today + LONGEST:
        raise DomainError("expiry_wrong", _("Una chiave vale al massimo due anni, e almeno fino a domani."))
    text = secrets.token_urlsafe(32)
    key = ServiceKey.objects.create(
        entity=entity, label=label, scopes=sorted(set(allowed)), hint=text[:_SHOWN], digest=_digest(text),
        created_at=clock.now(), created_by_id=user_id, expires_on=expires_on,
    )  # fmt: skip
    events.key_created(key=key, actor=actor)
    return key, text


@transaction.atomic
def key_revoke(*, key_id: int, actor: Actor) -> ServiceKey:
    """From now on the key opens nothing. Safe to repeat."""
    key = ServiceKey.objects.select_for_update(of=("self",)).get(pk=key_id)
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])
        events.key_revoked(key=key, actor=actor)
    return key


def key_recognise(text: str) -> ServiceKey:
    """The key of this text, and a note that it was used. Raises KeyRefused."""
    with scopes_disabled():
        key = ServiceKey.objects.select_related("entity").filter(digest=_digest(text)).first()
        if key is None:
            raise KeyRefused("key_unknown", _("La chiave non è riconosciuta."))
        if key.revoked_at is not None:
            raise KeyRefused("key_revoked", _("La chiave è stata revocata: chiedine un'altra all'ente."))
        if key.is_expired(clock.today()):
            raise KeyRefused("key_expired", _("La chiave è scaduta: chiedine un'altra all'ente."))
        now = clock.now()
        if key.last_used_at is None or key.last_used_at < now - _NOTED_EVERY:
            ServiceKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
