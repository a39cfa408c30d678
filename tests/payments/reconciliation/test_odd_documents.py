"""Documents with values that nobody expects: each is told on its own document, and nothing else stops for it."""

from datetime import date

import pytest
from django_scopes import scopes_disabled

from payments.reconciliation import tasks
from payments.reconciliation.formats import values
from payments.reconciliation.gateways import journal_drop
from payments.reconciliation.models import (
    Channel,
    EvidenceFile,
    EvidenceKind,
    EvidenceReading,
    FlowLine,
    PullCursor,
    ReportingFlow,
    Verdict,
)
from payments.reconciliation.services import flow_rows, passes
from payments.reconciliation.services.evidence import Incoming, evidence_keep
from payments.reconciliation.services.ingest import ingest_many
from payments.reconciliation.services.pulling import pull_journals
from payments.reconciliation.services.reading import read_pending
from tests.payments.reconciliation.builders import DAY, credit, flow_bundle, flow_xml, journal, line, xml_line

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


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1999-12-31", "2100-01-01"])
def test_a_flow_of_another_age_is_told_and_the_run_goes_on(pisa, kept, take, day):
    xml = flow_xml(pisa.fiscal_code, [xml_line("02", "B", "1.00")], total="1.00")
    settled = f"<dataRegolamento>{DAY}</dataRegolamento>".encode()
    paid = _bundle(pisa, line("01", "A", 100) | {"payDate": f"{day}T00:00:00Z"}, line("02", "B", 100, seq=2))
    take(
        _bundle(pisa, regulationDate=day),
        xml.replace(settled, f"<dataRegolamento>{day}</dataRegolamento>".encode()),
        xml.replace(b"2026-11-13T02:00:00", f"{day}T02:00:00".encode()),
        paid,
        _bundle(pisa, fdr=GOOD),
    )
    assert sorted(EvidenceReading.objects.values_list("state", flat=True)) == ["broken"] * 4 + ["read"]
    assert FlowLine.objects.count() == 2  # the good one, and what can be read of the one with a bad line
    assert kept.run().run_id is not None


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_journal_of_another_age_is_told_and_the_run_goes_on(pisa, kept, take, day):
    def moved(name):
        def change(root):
            next(root.iter(name)).text = day

        return journal(
            pisa, [credit(100)], change=change, ledger={"closing": 0, "journal": len(name), "number": len(name) * 10}
        )

    take(*(moved(name) for name in ("data_riferimento_GdC", "data_movimento", "data_valuta_ente")))
    states = EvidenceReading.objects.order_by("evidence_id").values_list("state", "loaded")
    assert [(state, rows < 3) for state, rows in states] == [("broken", True), ("broken", True), ("read", False)]
    kept.run()


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(1, 1, 1), date(2999, 12, 31)])
def test_a_day_of_another_age_that_is_in_the_tables_stops_no_run(pisa, kept, monkeypatch, day):
    asked = []
    monkeypatch.setattr(passes, "settlement_window", lambda day: asked.append(day) or (day, day))
    with monkeypatch.context() as before:
        before.setattr(values, "FIRST_YEAR", 1)
        before.setattr(values, "LAST_YEAR", 9999)
        kept.flow([line("01", "A", 100)], regulationDate=day.isoformat())
    kept.flow([line("02", "B", 100)], fdr=GOOD)
    kept.run(full=True)
    assert asked == [DAY]
    assert ReportingFlow.objects.filter(regulation_date=day).exists()


def test_the_trouble_of_a_body_leaves_the_others_their_run(two_bodies, monkeypatch, caplog):
    pisa, livorno = two_bodies
    for entity in two_bodies:
        (journal_drop.incoming(entity.code) / "a.xml").write_bytes(journal(entity, [credit(entity.pk)]))
    begin = passes.pairs

    def breaks(sql, known, *, full):
        if known["entity"] == pisa.pk:
            raise OverflowError("a fault of ours")
        return begin(sql, known, full=full)

    monkeypatch.setattr(passes, "pairs", breaks)
    for entity in two_bodies:
        tasks.pull_journals(entity.pk)
    assert "a fault of ours" in caplog.text
    with scopes_disabled():
        assert set(Verdict.objects.values_list("entity_id", flat=True)) == {livorno.pk}


@pytest.mark.parametrize("task", ["pull_flows", "pull_journals"])
def test_a_pull_that_breaks_is_told_and_what_was_there_is_matched_all_the_same(pisa, monkeypatch, caplog, task):
    def breaks(**_given):
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(tasks.pulling, task, breaks)
    getattr(tasks, task)(pisa.pk)
    assert "a fault of ours" in caplog.text
    assert PullCursor.objects.get(source="matching").succeeded_at


def test_a_document_that_breaks_its_reader_leaves_the_folder_and_the_others_are_read(pisa, monkeypatch, caplog):
    def breaks(kept, entity):
        if kept.name == "b.json":
            raise ZeroDivisionError("a fault of ours")
        return whole(kept, entity)

    whole = flow_rows.whole_flow
    for where in ("ingest", "flow_rows"):
        monkeypatch.setattr(f"payments.reconciliation.services.{where}.whole_flow", breaks)
    for name, iuf in (("a", GOOD), ("b", ODD), ("c", "2026-11-12BPPIITRRXXX-3")):
        (journal_drop.incoming(pisa.code) / f"{name}.json").write_bytes(_bundle(pisa, fdr=iuf))
    assert pull_journals(entity=pisa) == 3
    assert ReportingFlow.objects.count() == 2
    assert EvidenceFile.objects.filter(reading=None).get().name == "b.json"
    assert "a fault of ours" in caplog.text
    assert list(journal_drop.incoming(pisa.code).iterdir()) == []
