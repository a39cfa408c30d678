"""Treasury journals of a channel that brings nothing else."""

from payments.reconciliation.models import Channel, EvidenceKind, EvidenceReading
from payments.reconciliation.services.ingest import ingest
from portal.audit.actor import Actor
from portal.entities.models import Entity


def ingest_journal(*, entity: Entity, content: bytes, name: str, channel: Channel, actor: Actor) -> EvidenceReading:
    """Keep a treasury journal and read it as far as it goes. Safe to repeat."""
    kind = EvidenceKind.TREASURY_JOURNAL
    return ingest(entity=entity, content=content, name=name, channel=channel, actor=actor, kind=kind)
