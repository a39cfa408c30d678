"""Audit events of reconciliation, one typed function each."""

from typing import Any

from payments.reconciliation.models import (
    EvidenceFile,
    EvidenceReading,
    Match,
    ReconciliationRun,
    Suggestion,
    TreasuryAccount,
    WorkItem,
)
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


def account_described(*, account: TreasuryAccount, actor: Actor) -> None:
    """Somebody wrote what an account is."""
    record("reconciliation.account_described", subject=account, actor=actor)


def run_finished(*, run: ReconciliationRun, counts: dict[str, Any], actor: Actor) -> None:
    """A run changed something: matches by rule, verdicts by code, and the fingerprint of what stands now."""
    record("reconciliation.run_finished", subject=run, actor=actor, data={**counts, "full": run.full, "hash": run.hash})


def suggestion_decided(*, suggestion: Suggestion, actor: Actor) -> None:
    """A person confirmed or discarded a proposal; open means that a second person is waited for."""
    documents = {"flows": suggestion.flows, "movements": suggestion.movements}
    data = {**documents, "state": suggestion.state, "rule": suggestion.rule, "cents": suggestion.cents}
    record("reconciliation.suggestion_decided", subject=suggestion, actor=actor, data=data)


def match_revoked(*, match: Match, actor: Actor) -> None:
    """A person took a match back."""
    documents = {
        "flow": match.flow_id,
        "movement": match.movement_id,
        "line": match.line_id,
        "receipt": match.receipt_id,
    }
    record("reconciliation.match_revoked", subject=match, actor=actor, data={**documents, "rule": match.rule})


def work_changed(*, item: WorkItem, before: str, actor: Actor) -> None:
    """Somebody took, put off, ignored or gave back a problem. The reason stays with the item."""
    record(
        "reconciliation.work_changed",
        subject=item,
        actor=actor,
        data={
            "verdict": item.verdict_id,
            "code": item.verdict.code,
            "before": before,
            "after": item.state,
            "assignee": item.assignee_id,
            "due_on": item.due_on,
        },
    )
