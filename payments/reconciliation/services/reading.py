"""Documents that were kept and not read, because the process died in between."""

from payments.reconciliation.models import EvidenceFile, EvidenceKind
from payments.reconciliation.services.evidence import Kept
from payments.reconciliation.services.ingest import read_apart
from portal.audit.actor import Actor
from portal.entities.models import Entity


def read_pending(*, entity: Entity, actor: Actor) -> int:
    """Read what was left behind, oldest first; how many documents. One at a time: they were not meant to wait, and
    one that breaks its reader is left as it is and does not stop the others.
    """
    pending = EvidenceFile.objects.filter(entity=entity, reading=None).order_by("pk").values_list("pk", flat=True)
    read = 0
    for key in list(pending):
        evidence = EvidenceFile.objects.get(pk=key)
        kept = Kept(key, EvidenceKind(evidence.kind), evidence.name, bytes(evidence.content))
        read += len(read_apart(entity=entity, documents=[kept], actor=actor))
    return read
