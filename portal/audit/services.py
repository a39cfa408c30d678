"""The audit trail. Each room wraps `record` in typed functions of its own `events.py`."""

from typing import Any

from django.db import models

from portal import clock
from portal.audit.actor import Actor
from portal.audit.models import Event


def record(action: str, *, subject: models.Model, actor: Actor, data: dict[str, Any] | None = None) -> Event:
    """Write one event, in the caller's transaction. `data` holds codes and ids, never free personal text."""
    via = {"via_mandate": actor.via_mandate_id} if actor.via_mandate_id else {}
    return Event.objects.create(
        at=clock.now(),
        entity_id=getattr(subject, "entity_id", None),
        action=action,
        subject_type=subject._meta.label,
        subject_id=str(subject.pk),
        actor_label=actor.label,
        user_id=actor.user_id,
        person_id=actor.person_id,
        mandate_id=actor.mandate_id,
        data={**(data or {}), **via},
    )
