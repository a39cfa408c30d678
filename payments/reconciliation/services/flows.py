"""Reporting flows: from the kept document to its rows."""

from datetime import timedelta

from django.utils.translation import gettext as _

from payments.reconciliation.formats.findings import Finding, FormatError
from payments.reconciliation.formats.reporting_flow_json import FlowDocument, FlowPayment, read_bundle
from payments.reconciliation.models import Channel, EvidenceFile, EvidenceKind, EvidenceReading, FlowLine, ReportingFlow
from payments.reconciliation.services.evidence import Loaded, evidence_read, evidence_store
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity

# A settlement is at most a few working days ahead of the flow that announces it.
FUTURE = timedelta(days=5)


def ingest_flow(*, entity: Entity, content: bytes, name: str, channel: Channel, actor: Actor) -> EvidenceReading:
    """Keep a flow (see `reporting_flow_json.bundle`) and read it. Safe to repeat."""
    evidence = evidence_store(
        entity=entity, kind=EvidenceKind.REPORTING_FLOW, content=content, name=name, channel=channel, actor=actor
    )
    return evidence_read(evidence=evidence, load=load_flow, actor=actor)


def load_flow(evidence: EvidenceFile) -> Loaded:
    """Write the rows of a kept flow. FormatError when it cannot be read or is not of this body."""
    document = read_bundle(bytes(evidence.content))
    header = document.header
    if header.receiver != evidence.entity.fiscal_code:
        raise FormatError("OTHER_ENTITY", _("Il flusso è destinato all'ente %(code)s.") % {"code": header.receiver})
    key = {"entity_id": evidence.entity_id, "psp_id": header.psp_id, "iuf_key": header.iuf.upper()}
    if ReportingFlow.objects.filter(**key, revision=header.revision, created_at=header.created).exists():
        raise FormatError("FLOW_ALREADY_KNOWN", _("Lo stesso flusso era già arrivato con un contenuto diverso."))
    loaded = Loaded(findings=list(document.findings))
    if header.regulation_date > clock.today() + FUTURE:
        loaded.findings.append(Finding("FUTURE_DATE", _("La data di regolamento è nel futuro.")))
    flow = _create_flow(evidence, document)
    lines = {payment.seq: payment for payment in document.payments}
    FlowLine.objects.bulk_create([_line(flow, payment) for payment in lines.values()], batch_size=2000)
    loaded.rows = len(lines)
    return loaded


def _create_flow(evidence: EvidenceFile, document: FlowDocument) -> ReportingFlow:
    header = document.header
    return ReportingFlow.objects.create(
        entity_id=evidence.entity_id,
        evidence=evidence,
        psp_id=header.psp_id,
        psp_name=header.psp_name,
        iuf=header.iuf,
        iuf_key=header.iuf.upper(),
        revision=header.revision,
        receiver=header.receiver,
        regulation_id=header.regulation_id,
        regulation_date=header.regulation_date,
        created_at=header.created,
        published_at=header.published,
        declared_count=header.declared_count,
        declared_cents=header.declared_cents,
        computed_count=len(document.payments),
        computed_cents=document.computed_cents,
    )


def _line(flow: ReportingFlow, payment: FlowPayment) -> FlowLine:
    return FlowLine(
        entity_id=flow.entity_id,
        flow=flow,
        seq=payment.seq,
        iuv=payment.iuv,
        iur=payment.iur,
        transfer=payment.transfer,
        cents=payment.cents,
        outcome=payment.outcome,
        paid_on=payment.paid_on,
    )
