"""Reporting flows in XML: legal ones load whatever an old schema says, broken ones are kept and told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from payments.reconciliation.formats import xml_reading
from payments.reconciliation.formats.findings import FormatError
from payments.reconciliation.formats.reporting_flow import FlowPayment
from payments.reconciliation.formats.reporting_flow_xml import open_flow_xml
from payments.reconciliation.models import Channel, EvidenceFile, EvidenceKind, FlowLine, ReportingFlow
from payments.reconciliation.services.ingest import ingest
from tests.payments.reconciliation.builders import DAY, flow_bundle, flow_xml, line, xml_line
from tests.standards import SHARED_DATA, STANDARDS, need

BODY = "80000000010"
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.fixture
def take(pisa, actor):
    def run(content, name="flusso.xml", kind=None):
        return ingest(entity=pisa, content=content, name=name, channel=Channel.FOLDER, actor=actor, kind=kind)

    return run


def _codes(reading) -> list[str]:
    return [warning["code"] for warning in reading.warnings]


def _lines(content: bytes) -> list[FlowPayment]:
    return list(open_flow_xml(content).payments)


def test_a_flow_of_the_archive_loads_its_lines(take):
    reading = take(flow_xml(BODY, [xml_line("01", "A", "45.90"), xml_line("02", "B", "0.10")], total="46.00"))
    assert (reading.state, reading.loaded, reading.warnings) == ("read", 2, [])
    assert reading.evidence.kind == EvidenceKind.REPORTING_FLOW
    flow = ReportingFlow.objects.get()
    assert (flow.psp_id, flow.revision, flow.regulation_date, flow.published_at) == ("BPPIITRRXXX", 1, DAY, None)
    assert (flow.declared_cents, flow.computed_cents, flow.computed_count) == (4600, 4600, 2)
    assert flow.created_at.isoformat() == "2026-11-13T01:00:00+00:00"  # written by the clock of Italy
    assert list(FlowLine.objects.order_by("seq").values_list("iuv", "cents")) == [("01", 4590), ("02", 10)]


def test_the_synthetic_flow_of_the_reference_data_is_read():
    content = need(SHARED_DATA / "reconciliation" / "synthetic_fdr.xml").read_bytes()
    reading = open_flow_xml(content)
    assert [payment.cents for payment in reading.payments] == [5100, 5100]
    assert (reading.header.receiver, reading.header.declared_cents, reading.findings) == ("80000000000", 10_200, [])


@pytest.mark.parametrize("code", [0, 3, 4, 8, 9])
@pytest.mark.parametrize("amount", ["12.00", "-12.00"])
def test_outcomes_of_the_rules_are_all_legal_and_revokes_have_both_signs(code, amount):
    (payment,) = _lines(flow_xml(BODY, [xml_line("01", "A", amount, code=str(code))], total="12.00"))
    assert payment.outcome == code
    assert payment.cents == (-1200 if code == 3 or amount.startswith("-") else 1200)


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ([xml_line("01", "A", "12.00", code="4")], "12.00"),
        ([xml_line("01", "A", "12.00", code="8")], "12.00"),
        ([xml_line("01", "A", "12.00"), xml_line("02", "B", "-2.00", code="3")], "10.00"),
    ],
)
def test_the_old_schema_refuses_what_the_rules_allow_and_nothing_is_refused_for_its_sake(take, lines, total):
    schema = etree.XMLSchema(file=need(STANDARDS / "reconciliation" / "pagopa-api_FlussoRiversamento_1_0_4.xsd"))
    assert schema.validate(etree.fromstring(flow_xml(BODY, [xml_line("01", "A", "12.00")], total="12.00")))
    content = flow_xml(BODY, lines, total=total)
    assert not schema.validate(etree.fromstring(content))
    reading = take(content)
    assert (reading.state, reading.loaded, reading.warnings) == ("read", len(lines), [])


@pytest.mark.parametrize("wrong", ["1", "7", "", "EXECUTED", "٣"])
def test_a_line_with_an_unknown_outcome_is_left_out_and_told(take, wrong):
    lines = [xml_line("01", "A", "45.90"), xml_line("02", "B", "1.00", code=wrong)]
    reading = take(flow_xml(BODY, lines, total="46.90"))
    assert (reading.state, reading.loaded) == ("broken", 1)
    assert _codes(reading) == ["LINE_UNREADABLE", "COUNT_WRONG", "TOTAL_WRONG"]


@pytest.mark.parametrize(
    "bad",
    [
        xml_line("", "A", "1.00"),
        xml_line("01", "x" * 36, "1.00"),
        xml_line("01", "A", "1.001"),
        xml_line("01", "A", "NaN"),
        xml_line("01", "A", "1e400"),
        xml_line("01", "A", ""),
        xml_line("01", "A", "1.00", day="2026-02-30"),
        xml_line("01", "A", "1.00", transfer="0"),
        xml_line("01", "A", "1.00", transfer="uno"),
        "<datiSingoliPagamenti/>",
    ],
)
def test_a_line_out_of_shape_stops_no_other(bad):
    reading = open_flow_xml(flow_xml(BODY, [bad, xml_line("02", "B", "1.00")], total="1.00"))
    assert [(payment.seq, payment.iuv) for payment in reading.payments] == [(2, "02")]
    assert reading.findings[0].code == "LINE_UNREADABLE"


def test_a_line_may_have_no_index_of_its_transfer():
    assert _lines(flow_xml(BODY, [xml_line("01", "A", "1.00", transfer=None)], total="1.00"))[0].transfer == 1


def test_totals_that_do_not_add_up_are_told(take):
    reading = take(flow_xml(BODY, [xml_line("01", "A", "45.90")], total="45.91", count=2))
    assert (reading.state, _codes(reading), reading.loaded) == ("flagged", ["COUNT_WRONG", "TOTAL_WRONG"], 1)


def test_a_flow_for_another_body_is_kept_and_loads_nothing(take):
    reading = take(flow_xml("80000000028", [xml_line("01", "A", "45.90")], total="45.90"))
    assert (reading.state, _codes(reading), reading.loaded) == ("broken", ["OTHER_ENTITY"], 0)
    assert not ReportingFlow.objects.exists()


def test_half_a_flow_does_not_take_the_place_of_the_whole_one(take):
    whole = flow_xml(BODY, [xml_line("01", "A", "45.90"), xml_line("02", "B", "0.10")], total="46.00")
    half = whole[: whole.rindex(b"<datiSingoliPagamenti>") + 40]
    reading = take(half)
    assert (reading.state, reading.loaded) == ("broken", 1)
    assert _codes(reading) == ["XML_CUT", "COUNT_WRONG", "TOTAL_WRONG"]
    assert take(whole).loaded == 2
    again = take(half + b" ")
    assert (_codes(again), again.loaded) == (["FLOW_KNOWN_WHOLE"], 0)
    assert list(ReportingFlow.objects.order_by("pk").values_list("whole", "computed_count")) == [(False, 1), (True, 2)]
    assert EvidenceFile.objects.count() == 3


def test_a_flow_cut_in_its_header_loads_nothing(take):
    whole = flow_xml(BODY, [xml_line("01", "A", "45.90")], total="45.90")
    reading = take(whole[: whole.index(b"<numeroTotalePagamenti>")])
    assert (reading.state, _codes(reading), ReportingFlow.objects.count()) == ("broken", ["XML_MALFORMED"], 0)


def test_a_flow_cut_before_its_lines_is_a_header(take):
    whole = flow_xml(BODY, [xml_line("01", "A", "45.90")], total="45.90")
    reading = take(whole[: whole.index(b"<datiSingoliPagamenti>")])
    assert (_codes(reading), reading.loaded) == (["XML_CUT", "COUNT_WRONG", "TOTAL_WRONG"], 0)
    assert ReportingFlow.objects.get().declared_cents == 4590


@pytest.mark.parametrize("fault", [b"<rotto", b"&ignota;", b"</altro>", b"\x00", b"\xff\xfe<a"])
def test_a_flow_broken_in_the_middle_loads_up_to_there(take, fault):
    lines = [xml_line(f"{number:02d}", f"R{number}", "1.00") for number in range(1, 5)]
    whole = flow_xml(BODY, lines, total="4.00")
    place = whole.index(b"<identificativoUnivocoVersamento>03")
    reading = take(whole[:place] + fault + whole[place:])
    assert (reading.state, reading.loaded, "XML_CUT" in _codes(reading)) == ("broken", 2, True)
    assert not ReportingFlow.objects.get().whole


@pytest.mark.parametrize("spoilt", [b"<singoloImportoPagato>0.10", b"<identificativoUnivocoVersamento>02"])
@pytest.mark.parametrize("large", [False, True])
def test_a_flow_with_lines_that_cannot_be_read_gives_way_to_the_right_copy(take, kept, monkeypatch, spoilt, large):
    if large:
        for where in ("formats.xml_reading", "services.flow_rows", "services.ingest"):
            monkeypatch.setattr(f"payments.reconciliation.{where}.WHOLE", 10)
    right = flow_xml(BODY, [xml_line("01", "A", "45.90"), xml_line("02", "B", "0.10")], total="46.00")
    wrong = right.replace(spoilt, spoilt.partition(b">")[0] + b">")
    broken = take(wrong)
    assert (broken.loaded, _codes(broken)) == (1, ["LINE_UNREADABLE", "COUNT_WRONG", "TOTAL_WRONG"])
    reading = take(right)
    assert (reading.state, reading.loaded) == ("read", 2)
    kept.run()
    assert kept.standing("flow_totals_mismatch") == []
    again = take(wrong + b" ")
    assert (_codes(again)[-1], again.loaded) == ("FLOW_KNOWN_WHOLE", 0)
    assert list(ReportingFlow.objects.order_by("pk").values_list("whole", "computed_count")) == [(False, 1), (True, 2)]


def test_a_flow_of_the_service_with_a_line_that_cannot_be_read_gives_way_to_the_right_copy(take):
    lines = [line("01", "A", 4590), line("02", "B", 10, seq=2)]
    right = flow_bundle(BODY, lines)
    broken = take(flow_bundle(BODY, [lines[0], lines[1] | {"iuv": ""}]), "flusso.json")
    assert (broken.state, broken.loaded, _codes(broken)[0]) == ("broken", 1, "LINE_UNREADABLE")
    reading = take(right, "flusso.json")
    assert (reading.state, reading.loaded) == ("read", 2)
    assert list(ReportingFlow.objects.order_by("pk").values_list("whole", "computed_count")) == [(False, 1), (True, 2)]


def test_a_line_that_cannot_be_read_and_that_the_header_does_not_count_leaves_the_flow_whole(take):
    take(flow_xml(BODY, [xml_line("01", "A", "45.90"), xml_line("", "B", "0.10")], total="45.90", count=1))
    assert ReportingFlow.objects.get().whole


def test_rubbish_after_the_end_leaves_the_flow_whole(take):
    content = flow_xml(BODY, [xml_line("01", "A", "45.90")], total="45.90")
    assert _codes(take(content + b"</altro>")) == ["XML_CUT"]
    assert ReportingFlow.objects.get().whole
    assert _codes(take(content)) == ["FLOW_KNOWN"]


def test_of_two_halves_the_longer_one_counts_whatever_comes_first(kept, take):
    lines = [xml_line(f"{number:02d}", f"R{number}", "1.00") for number in range(1, 5)]
    whole = flow_xml(BODY, lines, total="4.00")
    for shown in ("03", "02"):
        take(whole[: whole.index(b"<identificativoUnivocoVersamento>" + shown.encode())])
    kept.run()
    current = ReportingFlow.objects.get(verdicts__closed_run=None, verdicts__code="flow_totals_mismatch")
    assert current.computed_count == 2


@pytest.mark.parametrize("large", [False, True])
def test_bombs_are_not_lit(take, monkeypatch, large):
    if large:
        monkeypatch.setattr(xml_reading, "WHOLE", 10)
    content = flow_xml(BODY, [xml_line("&b;", "A", "45.90")], total="45.90")
    head, body = content.split(b"\n", 1)
    reading = take(head + BOMB + body)
    assert (reading.state, _codes(reading)) == ("broken", ["DTD_REFUSED"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("identificativoFlusso", ""),
        ("identificativoFlusso", "x" * 36),
        ("dataOraFlusso", "ieri"),
        ("dataRegolamento", "2026-13-01"),
        ("numeroTotalePagamenti", "-1"),
        ("numeroTotalePagamenti", "9999999999"),
        ("importoTotalePagamenti", "tanto"),
        ("revisioneFlusso", "0"),
    ],
)
def test_a_header_out_of_shape_is_refused(name, value):
    text = flow_xml(BODY, [xml_line("01", "A", "1.00")], total="1.00", revision="1").decode()
    start, end = text.index(f"<{name}>") + len(name) + 2, text.index(f"</{name}>")
    with pytest.raises(FormatError) as error:
        open_flow_xml((text[:start] + value + text[end:]).encode())
    assert name in error.value.finding.message


@pytest.mark.parametrize("content", [b"", b"<", b"<FlussoRiversamento/>", b"<altro/>", b"\x00\xff\xfe", b"<a>" * 5000])
def test_rubbish_is_an_error_and_nothing_worse(content):
    with pytest.raises(FormatError):
        _lines(content)


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(content):
    with pytest.raises(FormatError):
        _lines(content)


def test_without_a_namespace_or_with_a_prefix_it_is_the_same_flow():
    content = flow_xml(BODY, [xml_line("01", "A", "1.00")], total="1.00")
    bare = content.replace(b' xmlns="http://www.digitpa.gov.it/schemas/2011/Pagamenti/"', b"")
    assert _lines(bare) == _lines(content)


def test_a_flow_that_lies_about_its_letters_is_healed():
    content = flow_xml(BODY, [xml_line("01", "A", "1.00")], total="1.00").replace(b"Poste di prova", b"Citt\xe0 S.p.A.")
    reading = open_flow_xml(content)
    assert (reading.header.psp_name, [finding.code for finding in reading.findings]) == (
        "Città S.p.A.",
        ["ENCODING_HEALED"],
    )


def test_a_large_flow_is_read_as_a_stream_with_the_same_rows(pisa, take, monkeypatch):
    lines = [xml_line(f"{number:02d}", f"R{number}", "1.00", code="3" if number == 7 else "0") for number in range(30)]
    content = flow_xml(BODY, lines, total="28.00")
    small = _lines(content)
    monkeypatch.setattr(xml_reading, "WHOLE", 10)
    monkeypatch.setattr("payments.reconciliation.services.flow_rows.WHOLE", 10)
    assert _lines(content) == small
    assert (take(content).loaded, FlowLine.objects.count()) == (30, 30)
    again = take(content + b"\n")
    assert (_codes(again), again.loaded) == (["FLOW_KNOWN"], 0)
    cut = take(flow_xml(BODY, lines, total="28.00", iuf="2026-11-12ALTRO-1")[:-30])
    assert (_codes(cut)[0], cut.loaded, FlowLine.objects.count()) == ("XML_CUT", 29, 59)
    whole = take(flow_xml(BODY, lines, total="28.00", iuf="2026-11-12ALTRO-1"))
    assert (whole.loaded, ReportingFlow.objects.filter(whole=True).count()) == (30, 2)


def test_a_flow_sent_again_later_is_another_row(take):
    first = flow_xml(BODY, [xml_line("01", "A", "1.00")], total="1.00")
    second = flow_xml(BODY, [xml_line("01", "A", "2.00")], total="2.00", created="2026-11-14T02:00:00")
    for content in (second, first):
        assert take(content).state == "read"
    latest = ReportingFlow.objects.order_by("-revision", "-created_at")[0]
    assert (ReportingFlow.objects.count(), latest.declared_cents) == (2, 200)


def test_the_revision_is_read_where_it_is_written(take):
    take(flow_xml(BODY, [xml_line("01", "A", "1.00")], total="1.00", revision="3"))
    assert ReportingFlow.objects.get().revision == 3


def test_the_same_flow_by_two_ways_counts_once(take):
    take(flow_bundle(BODY, [line("01", "A", 100)]), "flusso.json")
    reading = take(flow_xml(BODY, [xml_line("01", "A", "1.00")], total="1.00"))
    assert (reading.state, _codes(reading), FlowLine.objects.count()) == ("read", ["FLOW_KNOWN"], 1)


def test_the_same_flow_with_other_money_is_called_out(take):
    take(flow_xml(BODY, [xml_line("01", "A", "1.00")], total="1.00"))
    reading = take(flow_xml(BODY, [xml_line("01", "A", "3.00")], total="3.00"))
    assert (reading.state, _codes(reading)) == ("broken", ["FLOW_ALREADY_KNOWN"])
    assert ReportingFlow.objects.get().declared_cents == 100
