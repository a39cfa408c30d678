"""Documents are kept before they are judged, once each, and only for their own body."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django_scopes import scope

from payments.reconciliation.models import (
    Channel,
    EvidenceFile,
    EvidenceKind,
    EvidenceReading,
    FlowLine,
    ReportingFlow,
    TreasuryJournal,
    TreasuryMovement,
)
from payments.reconciliation.services.evidence import evidence_store
from payments.reconciliation.services.flows import ingest_flow
from payments.reconciliation.services.journals import ingest_journal
from payments.reconciliation.services.reading import read_pending
from portal.audit.models import Event
from tests.payments.reconciliation.builders import DAY, credit, flow_bundle, journal, line


@pytest.fixture
def take(pisa, actor):
    """Take a journal in."""

    def run(content, name="giornale.xml"):
        return ingest_journal(entity=pisa, content=content, name=name, channel=Channel.FOLDER, actor=actor)

    return run


@pytest.fixture
def take_flow(pisa, actor):
    def run(content, name="flusso.json"):
        return ingest_flow(entity=pisa, content=content, name=name, channel=Channel.API, actor=actor)

    return run


def _codes(reading) -> list[str]:
    return [warning["code"] for warning in reading.warnings]


def test_a_good_journal_is_read_without_remarks(pisa, take):
    reading = take(journal(pisa, [credit(4590)]))
    assert (reading.state, reading.loaded, reading.warnings) == ("read", 3, [])
    assert TreasuryJournal.objects.get().closing_cents == 100_000_00 + 4590 + 12_540 - 98_000
    assert [event.action for event in Event.objects.order_by("pk")] == [
        "reconciliation.evidence_received",
        "reconciliation.evidence_read",
    ]


def test_the_same_bytes_under_another_name_are_the_same_document(pisa, take):
    content = journal(pisa, [credit(4590)])
    first = take(content, "primo.xml")
    assert take(content, "secondo.xml").pk == first.pk
    assert (EvidenceFile.objects.count(), TreasuryMovement.objects.count()) == (1, 3)


def test_a_tampered_journal_is_kept_loaded_and_flagged(pisa, take):
    content = journal(pisa, [credit(4590)]).replace(b"45.90", b"45.91")
    reading = take(content)
    assert reading.state == "flagged"
    assert {"SIGNATURE_BROKEN", "MOVEMENTS_DO_NOT_ADD_UP"} <= set(_codes(reading))
    assert bytes(EvidenceFile.objects.get().content) == content


def test_the_same_journal_with_another_content_does_not_replace_the_first(pisa, take):
    take(journal(pisa, [credit(4590)]))
    reading = take(journal(pisa, [credit(9999)]))
    assert (reading.state, _codes(reading)) == ("broken", ["JOURNAL_ALREADY_KNOWN"])
    assert EvidenceFile.objects.count() == 2
    assert set(TreasuryMovement.objects.filter(remittance_kind="flow").values_list("cents", flat=True)) == {4590}


def test_a_movement_that_comes_back_changed_is_called_out(pisa, take):
    take(journal(pisa, [credit(4590)], ledger={"closing": 0, "journal": 1, "number": 0}))
    reading = take(journal(pisa, [credit(4600)], ledger={"closing": 0, "journal": 2, "number": 0}))
    assert "MOVEMENTS_CHANGED" in _codes(reading)
    assert reading.loaded == 0
    assert TreasuryMovement.objects.count() == 3


def test_a_truncated_journal_is_kept_and_loaded_as_far_as_it_goes(pisa, take):
    content = journal(pisa, [credit(4590), credit(100)])
    reading = take(content[: int(len(content) * 0.45)])
    assert reading.state == "broken"
    assert "XML_CUT" in _codes(reading)
    assert TreasuryMovement.objects.filter(cents=4590).exists()


def test_a_journal_of_another_body_is_kept_and_loads_nothing(livorno, pisa, take):
    reading = take(journal(livorno, [credit(4590)]))
    assert (reading.state, _codes(reading), reading.loaded) == ("broken", ["OTHER_ENTITY"], 0)
    assert EvidenceFile.objects.count() == 1
    assert not TreasuryMovement.objects.exists()


def test_a_journal_of_the_future_is_flagged(pisa, take):
    assert "FUTURE_DATE" in _codes(take(journal(pisa, [credit(4590)], day=date(2027, 3, 1))))


def test_a_missing_day_shows_in_the_balances(pisa, take):
    ledger = {"closing": 100_00, "journal": 1, "number": 0}
    take(journal(pisa, [credit(4590)], ledger=ledger))
    ledger["journal"] = 2
    good = take(journal(pisa, [credit(10)], ledger=ledger, day=date(2026, 11, 13)))
    assert good.warnings == []
    ledger |= {"journal": 4, "closing": ledger["closing"] + 5}
    assert _codes(take(journal(pisa, [credit(10)], ledger=ledger, day=date(2026, 11, 16)))) == ["JOURNAL_GAP"]


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"<a", b"<altro/>"])
def test_even_rubbish_is_kept(take, content):
    reading = take(content)
    assert reading.state == "broken"
    assert bytes(EvidenceFile.objects.get().content) == content


def test_a_flow_loads_its_lines(pisa, take_flow):
    reading = take_flow(flow_bundle(pisa.fiscal_code, [line("01", "A", 4590), line("02", "B", 10, seq=2)]))
    assert (reading.state, reading.loaded) == ("read", 2)
    flow = ReportingFlow.objects.get()
    assert (flow.declared_cents, flow.computed_cents, flow.regulation_date) == (4600, 4600, DAY)
    assert list(FlowLine.objects.order_by("seq").values_list("cents", flat=True)) == [4590, 10]


def test_a_flow_for_another_body_is_kept_and_loads_nothing(livorno, pisa, take_flow):
    reading = take_flow(flow_bundle(livorno.fiscal_code, [line("01", "A", 4590)]))
    assert (reading.state, _codes(reading)) == ("broken", ["OTHER_ENTITY"])
    assert not ReportingFlow.objects.exists()


def test_the_same_revision_with_another_content_does_not_replace_the_first(pisa, take_flow):
    take_flow(flow_bundle(pisa.fiscal_code, [line("01", "A", 4590)]))
    reading = take_flow(flow_bundle(pisa.fiscal_code, [line("01", "A", 4600)]))
    assert _codes(reading) == ["FLOW_ALREADY_KNOWN"]
    assert ReportingFlow.objects.get().declared_cents == 4590


def test_a_flow_settled_in_a_far_future_is_flagged(pisa, take_flow):
    reading = take_flow(flow_bundle(pisa.fiscal_code, [line("01", "A", 1)], regulationDate="2027-01-31"))
    assert _codes(reading) == ["FUTURE_DATE"]


def test_a_line_repeated_in_a_flow_is_flagged(pisa, take_flow):
    reading = take_flow(flow_bundle(pisa.fiscal_code, [line("01", "A", 1), line("01", "A", 1)]))
    assert _codes(reading) == ["LINE_REPEATED"]
    assert FlowLine.objects.count() == 1


def test_two_bodies_may_keep_the_same_bytes(pisa, livorno, take, actor):
    content = journal(pisa, [credit(4590)])
    take(content)
    with scope(entity=livorno):
        reading = ingest_journal(
            entity=livorno, content=content, name="giornale.xml", channel=Channel.FOLDER, actor=actor
        )
        assert _codes(reading) == ["OTHER_ENTITY"]


def test_a_document_kept_by_a_process_that_died_is_read_later(pisa, actor):
    evidence_store(
        entity=pisa,
        kind=EvidenceKind.TREASURY_JOURNAL,
        content=journal(pisa, [credit(4590)]),
        name="giornale.xml",
        channel=Channel.FOLDER,
        actor=actor,
    )
    assert not EvidenceReading.objects.exists()
    assert read_pending(entity=pisa, actor=actor) == 1
    assert EvidenceReading.objects.get().loaded == 3
    assert read_pending(entity=pisa, actor=actor) == 0


@pytest.mark.parametrize(
    "model", [EvidenceFile, EvidenceReading, ReportingFlow, FlowLine, TreasuryJournal, TreasuryMovement]
)
def test_the_database_refuses_to_change_evidence(pisa, take, take_flow, model):
    take(journal(pisa, [credit(4590)]))
    take_flow(flow_bundle(pisa.fiscal_code, [line("01", "A", 4590)]))
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(entity=pisa)
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all()._raw_delete("default")
