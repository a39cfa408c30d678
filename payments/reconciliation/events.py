"""Audit events of reconciliation, one typed function each."""

from payments.reconciliation.models import EvidenceFile, EvidenceReading, ReconciliationRun, TreasuryAccount
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


def evidence_batch_received(
    *, first: EvidenceFile, last_id: int, kinds: dict[str, int], channel: str, actor: Actor
) -> None:
    """Many documents came in together: how many of each kind, the first and the last of them."""
    record(
        "reconciliation.evidence_batch_received",
        subject=first,
        actor=actor,
        data={"last": last_id, "kinds": kinds, "channel": channel},
    )


def evidence_batch_read(*, first: EvidenceReading, states: dict[str, int], rows: int, actor: Actor) -> None:
    """Many documents were read together: how many went how, and the rows they gave."""
    record("reconciliation.evidence_batch_read", subject=first, actor=actor, data={"states": states, "rows": rows})


def account_source_set(*, account: TreasuryAccount, changed: int, actor: Actor) -> None:
    """Somebody said which document counts for an account."""
    record(
        "reconciliation.account_source_set",
        subject=account,
        actor=actor,
        data={"source": account.source, "movements": changed},
    )


def run_finished(*, run: ReconciliationRun, counts: dict[str, int], actor: Actor) -> None:
    """A run put documents together: how many, by rule."""
    record("reconciliation.run_finished", subject=run, actor=actor, data={"matches": counts})
