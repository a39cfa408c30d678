"""How far each source of a body was read: one row a source, locked by whoever moves it."""

from payments.reconciliation.models import PullCursor, PullSource
from portal.entities.models import Entity


def cursor_locked(*, entity: Entity, source: PullSource) -> PullCursor:
    """The row that says how far a source was read, locked until the transaction ends."""
    PullCursor.objects.bulk_create([PullCursor(entity=entity, source=source)], ignore_conflicts=True)
    return PullCursor.objects.select_for_update(of=("self",)).get(entity=entity, source=source)
