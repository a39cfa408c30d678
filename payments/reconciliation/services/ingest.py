"""The one way in: any document of the outside is kept, recognised, read. Many at once by COPY.

A document that breaks a rule is flagged alone; the same document, or the same rows in another, add nothing.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from payments.reconciliation import events
from payments.reconciliation.formats.findings import Finding, FormatError, Severity
from payments.reconciliation.formats.money import Paper
from payments.reconciliation.formats.xml_reading import WHOLE
from payments.reconciliation.models import Channel, EvidenceKind, EvidenceReading, ReadingState
from payments.reconciliation.services.evidence import (
    READING,
    Incoming,
    Kept,
    entity_locked,
    evidence_keep,
    reading_row,
    tally,
    unread,
)
from payments.reconciliation.services.flow_rows import load_flows, whole_flow
from payments.reconciliation.services.journal_papers import journal_paper
from payments.reconciliation.services.sniffing import sniff
from payments.reconciliation.services.statement_papers import statement_paper
from payments.reconciliation.services.treasury import load_papers
from portal import clock
from portal.audit.actor import Actor
from portal.entities.copying import copy_rows
from portal.entities.models import Entity

# A batch is two transactions of a fixed number of statements; these bound what is in memory at one time.
BATCH_BYTES = 8 * 1024 * 1024
BATCH_FILES = 2000
logger = logging.getLogger(__name__)
_PAPERS: dict[EvidenceKind, Callable[[Kept, Entity], Paper]] = {
    EvidenceKind.TREASURY_JOURNAL: journal_paper,
    EvidenceKind.PROVISIONALS_CSV: statement_paper,
    EvidenceKind.BANK_STATEMENT: statement_paper,
    EvidenceKind.POSTAL_STATEMENT: statement_paper,
    EvidenceKind.CAMT053: statement_paper,
}


@dataclass(slots=True)
class IngestResult:
    """What became of many documents: `known` were there already; the others by how they were read, and their rows."""

    files: int = 0
    known: int = 0
    read: int = 0
    flagged: int = 0
    broken: int = 0
    rows: int = 0

    def add(self, kept: Kept) -> None:
        """Count a document just read."""
        self.rows += kept.rows
        self.read += kept.state is ReadingState.READ
        self.flagged += kept.state is ReadingState.FLAGGED
        self.broken += kept.state is ReadingState.BROKEN


def ingest(
    *, entity: Entity, content: bytes, name: str, channel: Channel, actor: Actor, kind: EvidenceKind | None = None
) -> EvidenceReading:
    """Keep a document and read it as far as it goes. Safe to repeat. `kind` where the channel already tells it."""
    incoming = Incoming(kind or _sniffed(content, name), name, content)
    (kept,) = evidence_keep(entity=entity, files=[incoming], channel=channel, actor=actor)
    read_kept(entity=entity, documents=[kept], actor=actor)
    return EvidenceReading.objects.get(evidence_id=kept.evidence_id)


def ingest_many(*, entity: Entity, files: Iterable[tuple[str, bytes]], channel: Channel, actor: Actor) -> IngestResult:
    """Keep and read a stream of documents (name, bytes), batch by batch. Safe to repeat, in any order.

    While a batch is written, the next one, already kept, is being parsed beside it.
    """
    result = IngestResult()
    waiting: tuple[list[Kept], Future[None]] | None = None
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="parsing") as beside:
        for batch in _batches(files):
            kept = evidence_keep(entity=entity, files=batch, channel=channel, actor=actor)
            result.files += len(batch)
            parsing = beside.submit(_parse_ahead, kept, entity)
            _finish(entity, waiting, result, actor)
            waiting = (kept, parsing)
        _finish(entity, waiting, result, actor)
    result.known = result.files - result.read - result.flagged - result.broken
    return result


def _parse_ahead(documents: Sequence[Kept], entity: Entity) -> None:
    """Everything that needs no database; a large flow is read while it is written."""
    for kept in documents:
        if kept.read or kept.kind is EvidenceKind.UNKNOWN:
            continue
        reader = _PAPERS.get(kept.kind) or (whole_flow if len(kept.content) <= WHOLE else None)
        if reader is not None:
            with suppress(Exception):  # what goes wrong here goes wrong again at its turn, and is told there
                kept.parse(reader, entity)


def _finish(
    entity: Entity, waiting: tuple[list[Kept], Future[None]] | None, result: IngestResult, actor: Actor
) -> None:
    if waiting is None:
        return
    kept, parsing = waiting
    parsing.result()
    for each in read_apart(entity=entity, documents=kept, actor=actor):
        result.add(each)


def read_kept(*, entity: Entity, documents: Sequence[Kept], actor: Actor) -> list[Kept]:
    """Judge kept documents, each once; those that were read now. What cannot be read is remembered as such."""
    waiting = [kept for kept in documents if not kept.read]
    if not waiting:
        return []
    try:
        return _read_together(entity, waiting, actor)
    except (DataError, IntegrityError, UnicodeEncodeError) as error:
        if len(waiting) > 1:
            return [read for kept in waiting for read in read_kept(entity=entity, documents=[kept], actor=actor)]
        return _refused_by_database(entity, waiting[0], error, actor)


def read_apart(*, entity: Entity, documents: Sequence[Kept], actor: Actor) -> list[Kept]:
    """The same; a document that breaks its reader is left unread, to be tried again, and stops no other."""
    try:
        return read_kept(entity=entity, documents=documents, actor=actor)
    except Exception:
        if len(documents) > 1:
            return [read for kept in documents for read in read_apart(entity=entity, documents=[kept], actor=actor)]
        logger.exception("document %s of %s was not read", documents[0].evidence_id, entity.code)
        return []


@transaction.atomic
def _read_together(entity: Entity, waiting: Sequence[Kept], actor: Actor) -> list[Kept]:
    entity_locked(entity)
    fresh = unread(waiting)
    for kept in fresh:
        kept.rows, kept.findings = 0, []
    load_flows(entity=entity, documents=[kept for kept in fresh if kept.kind is EvidenceKind.REPORTING_FLOW])
    papers = []
    for kept in fresh:
        if kept.kind is EvidenceKind.UNKNOWN:
            message = _("Il documento non è fra quelli che si sanno leggere: è conservato com'è.")
            kept.refuse(Finding("NOT_RECOGNISED", message, Severity.BROKEN))
        elif kept.kind in _PAPERS:
            try:
                papers.append((kept, kept.parse(_PAPERS[kept.kind], entity)))
            except FormatError as error:
                kept.refuse(error.finding)
    load_papers(entity=entity, papers=papers)
    _remember(entity, fresh, actor)
    return fresh


@transaction.atomic
def _refused_by_database(entity: Entity, kept: Kept, error: Exception, actor: Actor) -> list[Kept]:
    """A value no column can hold and no reader noticed: said on the document, and the others go on."""
    entity_locked(entity)
    message = _("Il documento contiene un dato che non si può registrare (%(kind)s).")
    kept.refuse(Finding("NOT_STORABLE", message % {"kind": type(error).__name__}, Severity.BROKEN))
    fresh = unread([kept])
    _remember(entity, fresh, actor)
    return fresh


def _remember(entity: Entity, fresh: Sequence[Kept], actor: Actor) -> None:
    if not fresh:
        return
    now = clock.now()
    copy_rows(EvidenceReading, READING, [reading_row(entity, kept, now) for kept in fresh])
    reading = EvidenceReading.objects.get(evidence_id=fresh[0].evidence_id)
    if len(fresh) == 1:
        events.evidence_read(reading=reading, actor=actor)
    else:
        events.evidence_batch_read(
            first=reading,
            states=tally(kept.state for kept in fresh),
            rows=sum(kept.rows for kept in fresh),
            actor=actor,
        )


def _batches(files: Iterable[tuple[str, bytes]]) -> Iterator[list[Incoming]]:
    batch: list[Incoming] = []
    size = 0
    for name, content in files:
        if batch and (size + len(content) > BATCH_BYTES or len(batch) >= BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(Incoming(_sniffed(content, name), name, content))
        size += len(content)
    if batch:
        yield batch


def _sniffed(content: bytes, name: str) -> EvidenceKind:
    return sniff(content, name) or EvidenceKind.UNKNOWN
