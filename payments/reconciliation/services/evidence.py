"""Keeping documents: stored and committed first, judged after, each once."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from django.db import connection, transaction

from payments.reconciliation import events
from payments.reconciliation.formats.findings import Finding, FormatError, Severity
from payments.reconciliation.models import Channel, EvidenceFile, EvidenceKind, ReadingState
from payments.reconciliation.services.documents_copy import copy_documents
from portal import clock
from portal.audit.actor import Actor
from portal.entities.copying import reserve_ids
from portal.entities.models import Entity

T = TypeVar("T")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._#-]+")
_LOCK = 0x45564944
_KNOWN = """
SELECT e.kind, e.sha256, e.id, r.id IS NOT NULL FROM payments_reconciliation_evidencefile e
LEFT JOIN payments_reconciliation_evidencereading r ON r.evidence_id = e.id
WHERE e.entity_id = %s AND e.kind = ANY(%s) AND e.sha256 = ANY(%s)"""
_READ = "SELECT evidence_id FROM payments_reconciliation_evidencereading WHERE evidence_id = ANY(%s)"
READING = ("entity_id", "evidence_id", "state", "warnings", "loaded", "read_at")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A document at the door."""

    kind: EvidenceKind
    name: str
    content: bytes


@dataclass(slots=True)
class Kept:
    """A document that was kept: its row, its bytes, and what reading it gives."""

    evidence_id: int
    kind: EvidenceKind
    name: str
    content: bytes
    read: bool = False
    rows: int = 0
    findings: list[Finding] = field(default_factory=list)
    # What was read of it before its turn to be loaded, or why it could not be; None when nobody has tried.
    parsed: Any = None

    def parse(self, reader: Callable[["Kept", Entity], T], entity: Entity) -> T:
        """What a reader says of it, once. Raises FormatError. It asks nothing to the database."""
        if self.parsed is None:
            self.parsed = self._parsed(reader, entity)
        if isinstance(self.parsed, FormatError):
            raise self.parsed
        found: T = self.parsed
        return found

    def _parsed(self, reader: Callable[["Kept", Entity], T], entity: Entity) -> T | FormatError:
        try:
            return reader(self, entity)
        except FormatError as error:
            return error

    @property
    def state(self) -> ReadingState:
        """How the reading went, the worst remark for all."""
        severities = {finding.severity for finding in self.findings}
        if Severity.BROKEN in severities:
            return ReadingState.BROKEN
        return ReadingState.FLAGGED if Severity.FAULT in severities else ReadingState.READ

    def refuse(self, finding: Finding) -> None:
        """Nothing of it is loaded, and this is why."""
        self.rows, self.findings = 0, [finding]


def evidence_store(
    *, entity: Entity, kind: EvidenceKind, content: bytes, name: str, channel: Channel, actor: Actor
) -> EvidenceFile:
    """Keep a document and commit it. The same bytes are kept once, whatever their name."""
    (kept,) = evidence_keep(entity=entity, files=[Incoming(kind, name, content)], channel=channel, actor=actor)
    return EvidenceFile.objects.get(pk=kept.evidence_id)


@transaction.atomic
def evidence_keep(*, entity: Entity, files: Sequence[Incoming], channel: Channel, actor: Actor) -> list[Kept]:
    """Keep documents of a body, each once; in the order given, without those that repeat one of them."""
    entity_locked(entity)
    digests = [hashlib.sha256(file.content).hexdigest() for file in files]
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [entity.pk, sorted({file.kind.value for file in files}), digests])
        known = {(kind, digest): (key, read) for kind, digest, key, read in cursor.fetchall()}
    kept: dict[tuple[str, str], Kept] = {}
    fresh: dict[tuple[str, str], Incoming] = {}
    for file, digest in zip(files, digests, strict=True):
        mark = (file.kind.value, digest)
        if mark in known:
            key, read = known[mark]
            kept.setdefault(mark, Kept(key, file.kind, file.name, file.content, read))
        else:
            fresh.setdefault(mark, file)
    ids = reserve_ids(EvidenceFile, len(fresh))
    for (mark, file), key in zip(fresh.items(), ids, strict=True):
        kept[mark] = Kept(key, file.kind, clean_name(file.name), file.content)
    new = [(digest, kept[kind, digest]) for kind, digest in fresh]
    if new:
        copy_documents(entity_id=entity.pk, documents=new, channel=channel, at=clock.now())
        _received(new, channel, actor)
    return list(kept.values())


def _received(new: Sequence[tuple[str, Kept]], channel: Channel, actor: Actor) -> None:
    if len(new) == 1:
        events.evidence_received(
            evidence=EvidenceFile.objects.defer("content").get(pk=new[0][1].evidence_id), actor=actor
        )
        return
    first = EvidenceFile.objects.defer("content").get(pk=new[0][1].evidence_id)
    events.evidence_batch_received(
        first=first, last_id=new[-1][1].evidence_id, kinds=tally(kept.kind for _digest, kept in new),
        channel=channel, actor=actor,
    )  # fmt: skip


def clean_name(name: str) -> str:
    """A name that can be shown and given back without surprises."""
    return _NOT_IN_NAMES.sub("_", name)[-120:] or "senza nome"


def entity_locked(entity: Entity) -> None:
    """Documents of a body come in one process at a time: what is known does not change until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, entity.pk])


def unread(documents: Sequence[Kept]) -> list[Kept]:
    """Those that nobody has read in the meantime."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [[kept.evidence_id for kept in documents]])
        read = {row[0] for row in cursor.fetchall()}
    return [kept for kept in documents if kept.evidence_id not in read]


def reading_row(entity: Entity, kept: Kept, at: datetime) -> tuple[Any, ...]:
    """The row that remembers how a document was read."""
    warnings = json.dumps([finding.as_json() for finding in kept.findings]) if kept.findings else "[]"
    return (entity.pk, kept.evidence_id, kept.state.value, warnings, kept.rows, at)


def tally(names: Iterable[StrEnum]) -> dict[str, int]:
    """How many of each."""
    return dict(Counter(name.value for name in names))
