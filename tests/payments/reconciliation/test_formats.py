"""Readers of documents: what is right loads, what is wrong is told, nothing hostile is obeyed."""

import json
from copy import deepcopy
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from payments.reconciliation.formats import values
from payments.reconciliation.formats.findings import FormatError
from payments.reconciliation.formats.journal_signature import SignatureState, check_signature
from payments.reconciliation.formats.opi_journal import read_journal
from payments.reconciliation.formats.reporting_flow_json import (
    UnreadRef,
    bundle,
    read_bundle,
    read_header,
    read_list,
    read_payments,
)
from tests.payments.reconciliation.builders import (
    credit,
    flow_bundle,
    header_text,
    journal,
    line,
    page_text,
    unsigned_journal,
)
from tests.standards import SHARED_DATA, STANDARDS, need

SAMPLES = SHARED_DATA / "reconciliation"
SCHEMAS = STANDARDS / "reconciliation"
BODY = SimpleNamespace(code="PI", pk=1, fiscal_code="80000000010", name="Provincia di prova")


def _part(root: etree._Element, path: str) -> etree._Element:
    found = root.find(path)
    assert found is not None
    return found


def _codes(document) -> list[str]:
    return [finding.code for finding in document.findings]


# --- Treasury journal ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "layout", "codes"),
    [
        ("OPI_GIORNALE_DI_CASSA_V_1_4.VALID.xml", "1.4", []),
        ("OPI_GIORNALE_DI_CASSA_V_1_7_1.VALID.xml", "1.6+", []),
        ("OPI_GIORNALE_DI_CASSA_V_1_7_1.INVALID.xml", "1.6+", ["PAGE_WRONG"]),
    ],
)
def test_the_official_samples_load_and_only_the_wrong_one_is_flagged(name, layout, codes):
    document = read_journal(need(SAMPLES / name).read_bytes())
    assert (document.layout, len(document.movements), document.complete) == (layout, 4, True)
    assert document.signed
    assert _codes(document) == codes
    assert [balance.closing for balance in document.balances] == [282_938_497, 61_421_854]
    assert {movement.direction for movement in document.movements} == {"ENTRATA", "USCITA"}


@pytest.mark.parametrize("version", ["1_6_1", "1_7_1", "1_8"])
def test_the_sandbox_treasurer_writes_journals_that_the_official_schemas_accept(version):
    schema = etree.XMLSchema(etree.parse(str(need(SCHEMAS / f"OPI_GIORNALE_DI_CASSA_V_{version}.xsd"))))
    root = etree.fromstring(journal(BODY, [credit(4590), credit(100)]))
    assert schema.validate(root), schema.error_log


def test_a_written_journal_is_read_back_whole():
    content = journal(BODY, [credit(4590), credit(7)])
    document = read_journal(content)
    assert document.findings == []
    assert [movement.cents for movement in document.movements] == [4590, 7, 12_540, 98_000]
    assert document.totals is not None
    assert document.totals.closing == 100_000_00 + 4590 + 7 + 12_540 - 98_000
    assert check_signature(content).state is SignatureState.INTACT


def test_a_journal_touched_after_its_signature_is_found_out():
    content = journal(BODY, [credit(4590)])
    assert check_signature(content.replace(b"45.90", b"95.90")).state is SignatureState.BROKEN


def test_a_signature_that_covers_only_a_part_proves_nothing():
    content = journal(BODY, [credit(4590)]).replace(b'Reference URI=""', b'Reference URI="#altro"')
    assert check_signature(content).state is SignatureState.NOT_CHECKED


def test_a_truncated_journal_is_read_as_far_as_it_goes():
    content = journal(BODY, [credit(4590), credit(100)])
    document = read_journal(content[: content.index(b"<importo>98") + 4])
    assert "XML_CUT" in _codes(document)
    assert [movement.cents for movement in document.movements][:2] == [4590, 100]
    assert not document.complete


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "XML_MALFORMED"),
        (b"niente", "XML_MALFORMED"),
        (b"<altro/>", "NOT_A_JOURNAL"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><flusso_giornale_di_cassa/>', "DTD_REFUSED"),
        (
            b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]>'
            b"<flusso_giornale_di_cassa><esercizio>&y;</esercizio></flusso_giornale_di_cassa>",
            "DTD_REFUSED",
        ),
        (
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><flusso_giornale_di_cassa>&x;</flusso_giornale_di_cassa>'
            .encode("utf-16"),
            "DTD_REFUSED",
        ),
    ],
)  # fmt: skip
def test_what_is_no_journal_is_told_and_no_entity_is_expanded(content, code):
    with pytest.raises(FormatError) as error:
        read_journal(content)
    assert error.value.finding.code == code


def test_a_journal_in_the_wrong_encoding_is_healed_and_flagged():
    root = unsigned_journal(BODY, [credit(4590, "RISCOSSIONE CITTÀ")])
    content = b'<?xml version="1.0" encoding="UTF-8"?>' + etree.tostring(root, encoding="unicode").encode("cp1252")
    document = read_journal(content)
    assert "ENCODING_HEALED" in _codes(document)
    assert document.movements[0].remittance == "RISCOSSIONE CITTÀ"


def test_balances_that_do_not_add_up_are_flagged():
    root = unsigned_journal(BODY, [credit(4590)])
    _part(root, "informazioni_conto_evidenza/saldo_finale_conto_evidenza").text = "1.00"
    assert "BALANCE_WRONG" in _codes(read_journal(etree.tostring(root)))


def test_movements_that_do_not_give_the_declared_total_are_flagged():
    root = unsigned_journal(BODY, [credit(4590)])
    _part(root, "informazioni_conto_evidenza/movimento_conto_evidenza/importo").text = "44.90"
    assert "MOVEMENTS_DO_NOT_ADD_UP" in _codes(read_journal(etree.tostring(root)))


@pytest.mark.parametrize("amount", ["", "NaN", "Infinity", "1e3000", "1.005", "quaranta", "99999999999999.00"])
def test_one_unreadable_movement_does_not_hide_the_others(amount):
    root = unsigned_journal(BODY, [credit(4590), credit(100)])
    _part(root, "informazioni_conto_evidenza/movimento_conto_evidenza/importo").text = amount
    document = read_journal(etree.tostring(root))
    assert "MOVEMENT_UNREADABLE" in _codes(document)
    assert [movement.cents for movement in document.movements] == [100, 12_540, 98_000]


def test_the_free_block_of_the_treasurer_invents_no_movement():
    root = unsigned_journal(BODY, [credit(4590)])
    movement = _part(root, "informazioni_conto_evidenza/movimento_conto_evidenza")
    block = etree.SubElement(movement, "dati_a_disposizione_BT")
    block.append(deepcopy(movement))
    assert len(read_journal(etree.tostring(root)).movements) == 3


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content):
    try:
        read_journal(b"<flusso_giornale_di_cassa><testata_messaggio/>" + content)
        read_journal(content)
    except FormatError:
        pass
    check_signature(content)


# --- Reporting flow -----------------------------------------------------------------------------------------------


def test_a_flow_is_read_to_the_cent():
    lines = [line("01", "A", 4590), line("02", "B", 10, seq=2), line("03", "C", 2999, seq=3)]
    document = read_bundle(flow_bundle(BODY.fiscal_code, lines))
    assert [payment.cents for payment in document.payments] == [4590, 10, 2999]
    assert document.computed_cents == document.header.declared_cents == 7599
    assert document.findings == ()


@given(st.integers(1, 10**11))
def test_amounts_never_pass_through_a_float(cents):
    text = page_text([line("01", "A", 1)]).replace("0.01", f"{cents // 100}.{cents % 100:02d}")
    assert read_payments(text).payments[0].cents == cents


@pytest.mark.parametrize("amount", ["45.9", "45.90", "4.59e1"])
def test_every_way_to_write_an_amount_is_the_same_amount(amount):
    assert read_payments(page_text([line("01", "A", 1)]).replace("0.01", amount)).payments[0].cents == 4590


@pytest.mark.parametrize("amount", ["-45.90", "45.90"])
def test_a_revoked_amount_is_negative_however_it_is_signed(amount):
    text = page_text([line("01", "A", 1, status="REVOKED")]).replace("0.01", amount)
    assert read_payments(text).payments[0].cents == -4590


@pytest.mark.parametrize(
    ("status", "outcome"), [("EXECUTED", 0), ("REVOKED", 3), ("STAND_IN", 4), ("STAND_IN_NO_RPT", 8), ("NO_RPT", 9)]
)
def test_every_outcome_of_the_norms_is_accepted(status, outcome):
    assert read_payments(page_text([line("01", "A", 100, status=status)])).payments[0].outcome == outcome


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"cents": 4500}, "TOTAL_WRONG"),
        ({"count": 9}, "COUNT_WRONG"),
    ],
)
def test_a_flow_that_contradicts_itself_is_read_and_flagged(changes, code):
    document = read_bundle(flow_bundle(BODY.fiscal_code, [line("01", "A", 4590)], **changes))
    assert [finding.code for finding in document.findings] == [code]


def test_a_missing_page_is_noticed():
    header = header_text(BODY.fiscal_code, count=1, cents=100)
    document = read_bundle(bundle(header, [page_text([line("01", "A", 100)], page=1, pages=2)]))
    assert [finding.code for finding in document.findings] == ["PAGES_MISSING"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "<xml/>",
        '{"metadata": {"pageNumber": true, "totPage": 1}, "data": []}',
        '{"metadata": {"pageNumber": 1, "totPage": 1}, "data": {}}',
        page_text([line("01", "A", 100)]).replace("1.00", "NaN"),
        "[" * 5000,
    ],
)
def test_a_page_out_of_shape_is_refused_whole(text):
    with pytest.raises(FormatError):
        read_payments(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"metadata": {"pageNumber": 1, "totPage": 1}, "data": [1]}',
        page_text([line("01", "A", 100)]).replace("1.00", "1.001"),
        page_text([line("01", "A", 100)]).replace("1.00", "1e400"),
        page_text([line("01", "A", 100)]).replace('"EXECUTED"', '"ALTRO"'),
        page_text([line("01", "A", 100)]).replace('"01"', '""'),
        page_text([line("x" * 36, "A", 100)]),
        page_text([line("0\x00", "A", 100)]),
        page_text([line("01", "A", 100)]).replace("2026-11-11", "2026-13-11"),
    ],
)
def test_a_line_out_of_shape_is_left_out_and_told(text):
    page = read_payments(text)
    assert (page.payments, [place for place, _reason in page.unread]) == ((), [1])


def test_a_bad_line_or_page_of_a_flow_stops_no_other():
    header = header_text(BODY.fiscal_code, count=4, cents=400)
    bad = page_text([line("01", "A", 100), line("02", "B", 100, seq=2)], pages=3).replace('"02"', '""')
    good = page_text([line("04", "D", 100, seq=4)], page=3, pages=3)
    document = read_bundle(bundle(header, [bad, "{rotta", good]))
    assert [payment.iuv for payment in document.payments] == ["01", "04"]
    assert [finding.code for finding in document.findings] == [
        "LINE_UNREADABLE", "PAGE_UNREADABLE", "PAGES_MISSING", "COUNT_WRONG", "TOTAL_WRONG",
    ]  # fmt: skip


def test_a_bundle_cut_in_its_middle_says_so():
    content = flow_bundle(BODY.fiscal_code, [line("01", "A", 100)])
    with pytest.raises(FormatError) as caught:
        read_bundle(content[: len(content) // 2])
    assert caught.value.finding.code == "BUNDLE_CUT"


@pytest.mark.parametrize("iuf", ["", "a b", "x" * 36, "../../etc", "2026-11-12<b>"])
def test_a_flow_name_out_of_shape_is_refused(iuf):
    with pytest.raises(FormatError):
        read_header(header_text(BODY.fiscal_code, count=1, cents=1, fdr=iuf))
    entry = {"fdr": iuf, "pspId": "P", "revision": 1, "published": "2026-11-13T02:00:00Z"}
    (ref,) = read_list(json.dumps({"metadata": {"pageNumber": 1, "totPage": 1}, "data": [entry]})).refs
    assert isinstance(ref, UnreadRef)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"header": 1, "payments": []}', b"[" * 5000])
def test_a_broken_bundle_is_told(content):
    with pytest.raises(FormatError):
        read_bundle(content)


@given(st.decimals(allow_nan=True, allow_infinity=True) | st.text(max_size=20))
def test_an_amount_is_cents_or_an_error(value):
    try:
        cents = values.cents(value)
    except ValueError:
        return
    assert Decimal(cents) == Decimal(value.strip() if isinstance(value, str) else value) * 100
