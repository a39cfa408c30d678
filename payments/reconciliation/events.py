"""Audit events of reconciliation, one typed function each."""

from payments.reconciliation.models import EvidenceFile, EvidenceReading, ReconciliationRun
from portal.audit.actor import Actor
from portal.audit.services import record


def evidence_received(*, evidence: EvidenceFile, actor: Actor) -> None:
    """A document came in."""
    record(
        "reconciliation.evidence_received",
        subject=evidence,
        actor=actor,
        data={"kind": evidence.kind, "sha256": evidence.sha256, "channel": evidence.channel},
    )


def evidence_read(*, reading: EvidenceReading, actor: Actor) -> None:
    """A document was read, with these remarks."""
    codes = [warning["code"] for warning in reading.warnings]
    record(
        "reconciliation.evidence_read",
        subject=reading,
        actor=actor,
        data={"evidence": reading.evidence_id, "state": reading.state, "loaded": reading.loaded, "warnings": codes},
    )


def run_finished(*, run: ReconciliationRun, counts: dict[str, int], actor: Actor) -> None:
    """A run put documents together: how many, by rule."""
    record("reconciliation.run_finished", subject=run, actor=actor, data={"matches": counts})
