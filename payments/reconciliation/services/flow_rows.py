"""Reporting flows: from kept documents to their rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from payments.reconciliation.domain.flow_names import flow_key
from payments.reconciliation.domain.terms import FUTURE
from payments.reconciliation.formats.findings import Finding, FormatError, Severity
from payments.reconciliation.formats.reporting_flow import FlowPayment, FlowReading
from payments.reconciliation.formats.reporting_flow_json import open_bundle
from payments.reconciliation.formats.reporting_flow_xml import open_flow_xml
from payments.reconciliation.formats.xml_reading import WHOLE
from payments.reconciliation.models import FlowLine, ReportingFlow
from payments.reconciliation.services.evidence import Kept
from portal import clock
from portal.entities.copying import copy_rows, reserve_ids
from portal.entities.models import Entity

FLOW = (
    "id", "entity_id", "evidence_id", "psp_id", "node_psp", "psp_name", "iuf", "iuf_key", "revision", "receiver",
    "regulation_id", "regulation_date", "created_at", "published_at", "declared_count", "declared_cents",
    "computed_count", "computed_cents", "whole",
)  # fmt: skip
LINE = ("entity_id", "flow_id", "seq", "iuv", "iur", "transfer", "cents", "outcome", "paid_on")
_KNOWN = """
SELECT f.psp_id, f.iuf_key, f.revision, f.created_at, f.computed_count, f.computed_cents, f.whole
FROM payments_reconciliation_reportingflow f
JOIN unnest(%s::text[], %s::text[]) AS k(psp_id, iuf_key) ON f.psp_id = k.psp_id AND f.iuf_key = k.iuf_key
WHERE f.entity_id = %s
ORDER BY f.whole, f.computed_count"""
Key = tuple[str, str, int, datetime]
# Of a flow in the tables: payments and cents that were counted in it, and whether all of it had come.
Known = dict[Key, tuple[int, int, bool]]


@dataclass(slots=True)
class Flow:
    """A flow on its way to the tables."""

    kept: Kept
    reading: FlowReading
    lines: list[FlowPayment]

    @property
    def key(self) -> Key:
        """What makes a flow itself."""
        header = self.reading.header
        return (header.psp_id, flow_key(header.iuf, header.regulation_date), header.revision, header.created)


def load_flows(*, entity: Entity, documents: Sequence[Kept]) -> None:
    """Write the rows of kept flows. What cannot be read, or is not of this body, says so in its findings."""
    _load_small(entity, [kept for kept in documents if len(kept.content) <= WHOLE])
    for kept in documents:
        if len(kept.content) > WHOLE:
            _load_large(entity, kept)


def _load_small(entity: Entity, documents: Sequence[Kept]) -> None:
    flows = []
    for kept in documents:
        try:
            flow = kept.parse(whole_flow, entity)
        except FormatError as error:
            kept.refuse(error.finding)
        else:
            flows.append(flow)
    known, fresh = _known(entity, flows), []
    for flow in flows:
        before = known.get(flow.key)
        if before is not None and (before[2] or before == _totals(flow)):
            flow.kept.refuse(_repeated(flow, before))
        else:
            known[flow.key] = _totals(flow)
            fresh.append(flow)
            _done(flow, len(flow.lines))
    keys = reserve_ids(ReportingFlow, len(fresh))
    copy_rows(ReportingFlow, FLOW, [_row(entity, flow, key) for flow, key in zip(fresh, keys, strict=True)])
    numbered = zip(fresh, keys, strict=True)
    copy_rows(FlowLine, LINE, ((entity.pk, key, *line) for flow, key in numbered for line in flow.lines))


def whole_flow(kept: Kept, entity: Entity) -> Flow:
    """All of a flow of this body that is not large. Raises FormatError."""
    flow = _opened(kept, entity)
    flow.lines = list(flow.reading.payments)
    return flow


def _load_large(entity: Entity, kept: Kept) -> None:
    """Lines go to the table while they are read, as far as the document goes."""
    try:
        flow = _opened(kept, entity)
        before = _known(entity, [flow]).get(flow.key)
        if before is not None and before[2]:
            for _line in flow.reading.payments:
                continue
            kept.refuse(_repeated(flow, before))
            return
        (key,) = reserve_ids(ReportingFlow, 1)
        written = 0

        def lines() -> Iterator[tuple[Any, ...]]:
            nonlocal written
            for line in flow.reading.payments:
                written += 1
                yield (entity.pk, key, *line)

        with transaction.atomic():
            copy_rows(FlowLine, LINE, lines())
            copy_rows(ReportingFlow, FLOW, [_row(entity, flow, key)])
        _done(flow, written)
    except FormatError as error:
        kept.refuse(error.finding)


def _opened(kept: Kept, entity: Entity) -> Flow:
    """The header of a flow of this body. Raises FormatError."""
    is_bundle = kept.content[:64].lstrip()[:1] == b"{"
    reading = open_bundle(kept.content) if is_bundle else open_flow_xml(kept.content)
    receiver = reading.header.receiver
    if receiver != entity.fiscal_code:
        raise FormatError("OTHER_ENTITY", _("Il flusso è destinato all'ente %(code)s.") % {"code": receiver})
    return Flow(kept, reading, [])


def _totals(flow: Flow) -> tuple[int, int, bool]:
    return (flow.reading.count, flow.reading.cents, flow.reading.whole)


def _known(entity: Entity, flows: Sequence[Flow]) -> Known:
    """Flows already in the tables with the names of these; the whole one, where there is one."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [[flow.key[0] for flow in flows], [flow.key[1] for flow in flows], entity.pk])
        return {row[:4]: row[4:] for row in cursor}


def _repeated(flow: Flow, before: tuple[int, int, bool]) -> Finding:
    if before[2] and not flow.reading.whole:
        message = _("Questa copia è incompleta, e il flusso era già arrivato per intero: non se ne carica niente.")
        return Finding("FLOW_KNOWN_WHOLE", message, Severity.BROKEN)
    if before == _totals(flow):
        message = _("Lo stesso flusso era già arrivato in un altro documento, con gli stessi totali.")
        return Finding("FLOW_KNOWN", message, Severity.NOTE)
    message = _("Lo stesso flusso era già arrivato con un contenuto diverso.")
    return Finding("FLOW_ALREADY_KNOWN", message, Severity.BROKEN)


def _done(flow: Flow, rows: int) -> None:
    flow.kept.rows = rows
    flow.kept.findings += flow.reading.findings
    if flow.reading.header.regulation_date > clock.today() + FUTURE:
        flow.kept.findings.append(Finding("FUTURE_DATE", _("La data di regolamento è nel futuro.")))


def _row(entity: Entity, flow: Flow, key: int) -> tuple[Any, ...]:
    header, reading = flow.reading.header, flow.reading
    return (
        key, entity.pk, flow.kept.evidence_id, header.psp_id, header.node_psp, header.psp_name, header.iuf,
        flow.key[1], header.revision, header.receiver, header.regulation_id, header.regulation_date,
        header.created, header.published, header.declared_count, header.declared_cents, reading.count, reading.cents,
        reading.whole,
    )  # fmt: skip
