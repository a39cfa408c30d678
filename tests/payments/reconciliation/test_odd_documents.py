"""Documents with values that nobody expects: each is told on its own document, and nothing else stops for it."""

import pytest

from payments.reconciliation.models import (
    Channel,
    EvidenceKind,
    EvidenceReading,
    FlowLine,
    ReportingFlow,
)
from payments.reconciliation.services.evidence import Incoming, evidence_keep
from payments.reconciliation.services.ingest import ingest_many
from payments.reconciliation.services.reading import read_pending
from tests.payments.reconciliation.builders import credit, flow_bundle, flow_xml, journal, line, xml_line

GOOD = "2026-11-12BPPIITRRXXX-1"
ODD = "2026-11-12BPPIITRRXXX-2"


def _bundle(body, *lines, **changes):
    return flow_bundle(body.fiscal_code, list(lines) or [line("01", "A", 100)], **{"fdr": ODD} | changes)


def _year(body, year):
    def change(root):
        root.find("esercizio").text = year

    return journal(body, [credit(100)], change=change)


ODD_ONES = {
    "a part of the payment that no flow can have": lambda body: _bundle(body, line("01", "A", 100, transfer=40000)),
    "half a letter": lambda body: _bundle(body, line("01", "A", 100)).replace(b'\\"A\\"', rb"\"\\ud800\""),
    "half a letter in the name of a sender": lambda body: _bundle(body, sender={"pspId": "\ud800", "pspName": "Poste"}),
    "a budget year of another age": lambda body: _year(body, "99999"),
    "an instant before all others": lambda body: _bundle(body, fdrDate="0001-01-01T00:00:00+05:00"),
    "an amount without measure": lambda body: _bundle(
        body, *(line(f"0{seq}", "A", 10**15 - 1, seq=seq) for seq in range(1, 4)), cents=10**15 - 1
    ),
}


@pytest.fixture
def take(pisa, actor):
    def run(*contents):
        files = [(f"{number}.x", content) for number, content in enumerate(contents)]
        return ingest_many(entity=pisa, files=files, channel=Channel.FOLDER, actor=actor)

    return run


@pytest.mark.parametrize("what", ODD_ONES)
def test_an_odd_document_is_told_and_stops_no_other(pisa, take, actor, what):
    content = ODD_ONES[what](pisa)
    good = flow_xml(pisa.fiscal_code, [xml_line("01", "A", "1.00")], total="1.00", iuf=GOOD)
    take(content, good)
    assert ReportingFlow.objects.filter(iuf=GOOD).count() == 1
    odd = EvidenceReading.objects.exclude(evidence__flow__iuf=GOOD).get()
    assert (odd.state, bool(odd.warnings)) == ("flagged" if "amount" in what else "broken", True)
    assert bytes(odd.evidence.content) == content
    assert read_pending(entity=pisa, actor=actor) == 0


def test_what_no_column_can_hold_is_told_by_the_database(pisa, take, monkeypatch):
    monkeypatch.setattr("payments.reconciliation.formats.reporting_flow_json.TRANSFERS", 10**6)
    take(_bundle(pisa, line("01", "A", 100, transfer=40000)), _bundle(pisa, fdr=GOOD))
    assert EvidenceReading.objects.get(state="broken").warnings[0]["code"] == "NOT_STORABLE"
    assert FlowLine.objects.count() == 1


def test_a_document_that_breaks_its_reader_leaves_the_others_to_be_read(pisa, actor, monkeypatch, caplog):
    files = [
        Incoming(EvidenceKind.REPORTING_FLOW, name, _bundle(pisa, fdr=iuf)) for name, iuf in (("a", ODD), ("b", GOOD))
    ]
    evidence_keep(entity=pisa, files=files, channel=Channel.FOLDER, actor=actor)
    from payments.reconciliation.services import flow_rows

    def breaks(kept, entity):
        if kept.name == "a":
            raise ZeroDivisionError("a fault of ours")
        return whole(kept, entity)

    whole = flow_rows.whole_flow
    monkeypatch.setattr(flow_rows, "whole_flow", breaks)
    assert read_pending(entity=pisa, actor=actor) == 1
    assert ReportingFlow.objects.get().iuf == GOOD
    assert "a fault of ours" in caplog.text
    monkeypatch.setattr(flow_rows, "whole_flow", whole)
    assert read_pending(entity=pisa, actor=actor) == 1
