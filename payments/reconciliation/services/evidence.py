"""Keeping documents: stored and committed first, judged after, each once."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from payments.reconciliation import events
from payments.reconciliation.formats.findings import Finding, FormatError, Severity
from payments.reconciliation.models import Channel, EvidenceFile, EvidenceKind, EvidenceReading, ReadingState
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._#-]+")


@dataclass(slots=True)
class Loaded:
    """What reading a document gave: how many rows, and the remarks."""

    rows: int = 0
    findings: list[Finding] = field(default_factory=list)


def evidence_store(
    *, entity: Entity, kind: EvidenceKind, content: bytes, name: str, channel: Channel, actor: Actor
) -> EvidenceFile:
    """Keep a document and commit it. The same bytes are kept once, whatever their name."""
    digest = hashlib.sha256(content).hexdigest()
    known = {"entity": entity, "kind": kind, "sha256": digest}
    try:
        with transaction.atomic():
            found = EvidenceFile.objects.filter(**known).first()
            if found is not None:
                return found
            evidence = EvidenceFile.objects.create(
                **known,
                name=_NOT_IN_NAMES.sub("_", name)[-120:] or "senza nome",
                size=len(content),
                channel=channel,
                received_at=clock.now(),
                content=content,
            )
            events.evidence_received(evidence=evidence, actor=actor)
            return evidence
    except IntegrityError:
        # Another process kept the same bytes in the same moment.
        return EvidenceFile.objects.get(**known)


@transaction.atomic
def evidence_read(*, evidence: EvidenceFile, load: Callable[[EvidenceFile], Loaded], actor: Actor) -> EvidenceReading:
    """Judge a kept document once; what cannot be read is remembered as such."""
    locked = EvidenceFile.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
    known = EvidenceReading.objects.filter(evidence=locked).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            loaded = load(locked)
    except FormatError as error:
        loaded = Loaded(findings=[error.finding])
    reading = EvidenceReading.objects.create(
        entity_id=locked.entity_id,
        evidence=locked,
        state=_state(loaded.findings),
        warnings=[finding.as_json() for finding in loaded.findings],
        loaded=loaded.rows,
        read_at=clock.now(),
    )
    events.evidence_read(reading=reading, actor=actor)
    return reading


def _state(findings: list[Finding]) -> ReadingState:
    severities = {finding.severity for finding in findings}
    if Severity.BROKEN in severities:
        return ReadingState.BROKEN
    return ReadingState.FLAGGED if Severity.FAULT in severities else ReadingState.READ
