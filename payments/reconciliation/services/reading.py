"""Documents that were kept and not read, because the process died in between."""

import logging

from payments.reconciliation.models import EvidenceFile, EvidenceKind
from payments.reconciliation.services.evidence import Kept
from payments.reconciliation.services.ingest import read_kept
from portal.audit.actor import Actor
from portal.entities.models import Entity

logger = logging.getLogger(__name__)


def read_pending(*, entity: Entity, actor: Actor) -> int:
    """Read what was left behind, oldest first; how many documents. One at a time: they were not meant to wait, and
    one that breaks its reader is left as it is and does not stop the others.
    """
    pending = EvidenceFile.objects.filter(entity=entity, reading=None).order_by("pk").values_list("pk", flat=True)
    read = 0
    for key in list(pending):
        evidence = EvidenceFile.objects.get(pk=key)
        kept = Kept(key, EvidenceKind(evidence.kind), evidence.name, bytes(evidence.content))
        try:
            read += len(read_kept(entity=entity, documents=[kept], actor=actor))
        except Exception:
            logger.exception("document %s of %s was not read", key, entity.code)
    return read
