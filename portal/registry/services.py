from django.db import transaction

from portal import clock
from portal.audit.actor import Actor
from portal.audit.services import record
from portal.entities.models import Entity
from portal.registry.models import Direction, ProtocolCounter, ProtocolEntry


@transaction.atomic
def protocol_register(
    *,
    entity: Entity,
    direction: Direction,
    subject: str,
    counterpart: str,
    source: str,
    document_sha256: str,
    actor: Actor,
) -> ProtocolEntry:
    """Register a document. Numbers are consecutive per body and year (Rome time), with no gaps: a rolled back
    transaction gives its number back, because the counter's row is locked until commit (DPR 445/2000 art. 53, 57).
    """
    now = clock.now()
    year = now.astimezone(clock.ROME).year
    ProtocolCounter.objects.bulk_create([ProtocolCounter(entity=entity, year=year)], ignore_conflicts=True)
    counter = ProtocolCounter.objects.select_for_update(of=("self",)).get(entity=entity, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    entry = ProtocolEntry.objects.create(
        entity=entity,
        year=year,
        number=counter.last,
        registered_at=now,
        direction=direction,
        subject=subject[:200],
        counterpart=counterpart[:200],
        source=source,
        document_sha256=document_sha256,
    )
    record("protocol.registered", subject=entry, actor=actor, data={"direction": direction, "source": source})
    return entry
