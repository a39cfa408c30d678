"""Documents that were kept and not read, because the process died in between."""

from payments.reconciliation.models import EvidenceFile, EvidenceKind
from payments.reconciliation.services.evidence import evidence_read
from payments.reconciliation.services.flows import load_flow
from payments.reconciliation.services.journals import load_journal
from portal.audit.actor import Actor
from portal.entities.models import Entity

_READERS = {EvidenceKind.REPORTING_FLOW: load_flow, EvidenceKind.TREASURY_JOURNAL: load_journal}


def read_pending(*, entity: Entity, actor: Actor) -> int:
    """Read what was left behind, oldest first; how many documents."""
    pending = list(EvidenceFile.objects.filter(entity=entity, reading=None).defer("content").order_by("pk"))
    for evidence in pending:
        evidence_read(evidence=evidence, load=_READERS[EvidenceKind(evidence.kind)], actor=actor)
    return len(pending)
