"""Reporting flows of a channel that brings nothing else."""

from payments.reconciliation.models import Channel, EvidenceKind, EvidenceReading
from payments.reconciliation.services.ingest import ingest
from portal.audit.actor import Actor
from portal.entities.models import Entity


def ingest_flow(*, entity: Entity, content: bytes, name: str, channel: Channel, actor: Actor) -> EvidenceReading:
    """Keep a flow (see `reporting_flow_json.bundle`) and read it. Safe to repeat."""
    kind = EvidenceKind.REPORTING_FLOW
    return ingest(entity=entity, content=content, name=name, channel=channel, actor=actor, kind=kind)
