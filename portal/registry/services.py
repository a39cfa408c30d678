from django.db import transaction

from portal import clock
from portal.audit.actor import Actor
from portal.audit.services import record
from portal.entities.models import Entity
from portal.registry.models import Direction, NumberSeries, ProtocolEntry


def next_number(*, entity: Entity, series: str, year: int) -> int:
    """The next number of a series, consecutive per body and year. Must run inside the transaction that uses it."""
    NumberSeries.objects.bulk_create([NumberSeries(entity=entity, series=series, year=year)], ignore_conflicts=True)
    row = NumberSeries.objects.select_for_update(of=("self",)).get(entity=entity, series=series, year=year)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


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
    """Register a document under the next number of the body's year, in Rome time (DPR 445/2000 art. 53, 57)."""
    now = clock.now()
    year = now.astimezone(clock.ROME).year
    entry = ProtocolEntry.objects.create(
        entity=entity,
        year=year,
        number=next_number(entity=entity, series="protocol", year=year),
        registered_at=now,
        direction=direction,
        subject=subject[:200],
        counterpart=counterpart[:200],
        source=source,
        document_sha256=document_sha256,
    )
    record("protocol.registered", subject=entry, actor=actor, data={"direction": direction, "source": source})
    return entry
