"""Many documents at once: the same rows as one by one, however they come, with statements that do not grow."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payments.reconciliation.models import (
    Channel,
    EvidenceFile,
    EvidenceKind,
    EvidenceReading,
    FlowLine,
    ReportingFlow,
    TreasuryMovement,
)
from payments.reconciliation.services import ingest as room
from payments.reconciliation.services.evidence import Incoming, evidence_keep
from payments.reconciliation.services.ingest import ingest, ingest_many
from payments.reconciliation.services.reading import read_pending
from payments.reconciliation.services.sniffing import sniff
from portal.audit.models import Event
from tests.payments.reconciliation.builders import credit, flow_bundle, flow_xml, journal, line, xml_line

BODY = "80000000010"


def _flow(number: int, cents: int = 100) -> tuple[str, bytes]:
    iuf, iuv = f"2026-11-12ABCDITRRXXX-{number}", f"{number:017d}"
    if number % 2:
        return f"{number}.xml", flow_xml(BODY, [xml_line(iuv, "A", f"{cents / 100:.2f}")], total="1.00", iuf=iuf)
    return f"{number}.json", flow_bundle(BODY, [line(iuv, "A", cents)], fdr=iuf)


def _files(entity, count: int) -> list[tuple[str, bytes]]:
    return [*(_flow(number) for number in range(count)), ("giornale.xml", journal(entity, [credit(4590), credit(10)]))]


@pytest.fixture
def take(pisa, actor):
    def run(files):
        return ingest_many(entity=pisa, files=iter(files), channel=Channel.FOLDER, actor=actor)

    return run


def _rows() -> tuple[set, set]:
    lines = FlowLine.objects.values_list("flow__iuf", "seq", "iuv", "iur", "cents", "outcome", "paid_on")
    movements = TreasuryMovement.objects.values_list("account", "document_number", "cents", "remittance_reference")
    return set(lines), set(movements)


def test_many_documents_come_in_together(pisa, take):
    result = take(_files(pisa, 5))
    assert (result.files, result.known, result.read, result.flagged, result.broken, result.rows) == (6, 0, 6, 0, 0, 9)
    assert (ReportingFlow.objects.count(), TreasuryMovement.objects.count()) == (5, 4)
    events = list(Event.objects.order_by("pk").values_list("action", "data"))
    assert events == [
        (
            "reconciliation.evidence_batch_received",
            {
                "last": EvidenceFile.objects.latest("pk").pk,
                "kinds": {"reporting_flow": 5, "treasury_journal": 1},
                "channel": "folder",
            },
        ),
        ("reconciliation.evidence_batch_read", {"states": {"read": 6}, "rows": 9}),
    ]


def test_statements_do_not_grow_with_the_documents(pisa, take):
    spent = []
    for start, count in ((0, 4), (100, 40)):
        files = [_flow(number) for number in range(start, start + count)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            take(files)
        spent.append(len(queries))
    assert spent[0] == spent[1]


def test_the_same_documents_again_in_another_order_add_nothing(pisa, take):
    files = _files(pisa, 6)
    take(files)
    before = _rows()
    random.Random(5).shuffle(files)
    result = take([(f"altro-{name}", content) for name, content in files])
    assert (result.known, result.read, result.rows) == (7, 0, 0)
    assert _rows() == before
    assert EvidenceReading.objects.count() == 7


def test_the_order_of_arrival_and_the_size_of_batches_change_nothing(pisa, livorno, take, actor, monkeypatch):
    files = _files(pisa, 9)
    monkeypatch.setattr(room, "BATCH_FILES", 3)
    random.Random(3).shuffle(files)
    assert take(files).rows == 9 + 4
    one_by_one = _rows()
    assert len(one_by_one[0]) == 9
    assert len(one_by_one[1]) == 4


def test_a_document_twice_in_a_batch_counts_once(take):
    result = take([_flow(1), ("copia.xml", _flow(1)[1]), _flow(2)])
    assert (result.files, result.known, result.read) == (3, 1, 2)
    assert FlowLine.objects.count() == 2


def test_the_same_flow_twice_in_a_batch_with_other_money_is_flagged_alone(take):
    result = take([_flow(2), ("diverso.json", _flow(2, cents=300)[1]), _flow(3)])
    assert (result.read, result.broken) == (2, 1)
    assert FlowLine.objects.count() == 2


def test_what_breaks_is_flagged_alone(pisa, take):
    bad = [
        ("vuoto.xml", b""),
        ("immagine.png", b"\x89PNG\r\n\x1a\n"),
        ("meta.xml", _flow(1)[1][:200]),
        ("altrui.xml", flow_xml("80000000028", [xml_line("01", "A", "1.00")], total="1.00")),
    ]
    result = take([*bad, *_files(pisa, 4)])
    assert (result.broken, result.read, result.rows) == (4, 5, 8)
    assert EvidenceFile.objects.filter(kind="unknown", reading__state="broken").count() == 2


def test_a_batch_kept_by_a_process_that_died_is_read_later(pisa, actor):
    files = [Incoming(sniff(content, name) or EvidenceKind.UNKNOWN, name, content) for name, content in _files(pisa, 3)]
    evidence_keep(entity=pisa, files=files, channel=Channel.FOLDER, actor=actor)
    assert not EvidenceReading.objects.exists()
    assert read_pending(entity=pisa, actor=actor) == 4
    assert (FlowLine.objects.count(), TreasuryMovement.objects.count()) == (3, 4)


def test_the_bytes_are_those_that_came(pisa, actor):
    content = bytes(range(256)) * 5000
    reading = ingest(entity=pisa, content=content, name="a b/c.bin", channel=Channel.UPLOAD, actor=actor)
    evidence = EvidenceFile.objects.get()
    assert (bytes(evidence.content), evidence.size, evidence.name) == (content, len(content), "a_b_c.bin")
    assert (reading.state, evidence.kind, evidence.channel) == ("broken", "unknown", "upload")
    assert evidence.received_at.isoformat().startswith("2026-11-18T09:00:00.")


def test_no_documents_are_no_work(take):
    assert take([]).files == 0
    assert not Event.objects.exists()
