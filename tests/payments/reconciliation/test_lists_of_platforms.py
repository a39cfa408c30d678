"""The complete list of the platforms for public bodies, and workbooks of before 2007."""

import struct
from contextlib import suppress

import pytest

from payments.reconciliation.formats.findings import FormatError
from payments.reconciliation.formats.old_workbook import OLE, old_workbook
from payments.reconciliation.formats.statements import read_statement
from payments.reconciliation.models import Channel, EvidenceKind, TreasuryMovement
from payments.reconciliation.services.ingest import ingest
from payments.reconciliation.services.sniffing import refusal, sniff
from tests.payments.reconciliation import old_workbooks
from tests.payments.reconciliation.builders import IUF
from tests.payments.reconciliation.statement_files import BANK, bank_row

TITLES = (
    "annoBolletta;codBolletta;enteIpaCode;iuf;iuv;codConto;causale;importoCentesimi;dataBolletta;pspCognome;"
    "aeProvvisorio;codProvvisorio;endToEndId"
)


def complete(*rows: str) -> bytes:
    return "\n".join([TITLES, *rows]).encode()


@pytest.fixture
def take(pisa, actor):
    def run(content, name="elenco"):
        return ingest(entity=pisa, content=content, name=name, channel=Channel.UPLOAD, actor=actor)

    return run


def _codes(reading) -> list[str]:
    return [warning["code"] for warning in reading.warnings]


def test_the_complete_list_becomes_provisionals_with_the_references_of_its_columns(take, pisa):
    reading = take(
        complete(
            f"2026;0000812;{pisa.ipa_code};{IUF};;0000100;Bonifico;4590;2026-11-12;Poste di prova;2026;0000042;E2E-1",
            "2026;0000813;;;01000000000004285;;Bonifico;1200;12/11/2026;Banca;;;",
        )
    )
    assert (reading.evidence.kind, reading.state) == (EvidenceKind.PROVISIONALS_CSV, "read")
    assert (reading.loaded, _codes(reading)) == (2, ["LAYOUT_UNCONFIRMED"])
    first, second = TreasuryMovement.objects.order_by("pk")
    assert (first.document_number, first.year, first.cents, first.receipt_number) == ("42", 2026, 4590, "812")
    assert (first.remittance_kind, first.remittance_reference, first.end_to_end) == ("flow", IUF, "E2E-1")
    assert (second.document_number, second.remittance_kind, second.source) == ("813", "single", "provisionals")


def test_what_the_text_says_already_is_not_said_twice(take):
    take(complete(f"2026;1;;{IUF};;;/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{IUF};4590;2026-11-12;Poste;;;"))
    assert TreasuryMovement.objects.get().remittance.count(IUF) == 1


@pytest.mark.parametrize(
    "row",
    [
        "2026;;;;;;x;4590;2026-11-12;Poste;;;",
        "2026;1;;;;;x;45,90;2026-11-12;Poste;;;",
        "2026;1;;;;;x;;2026-11-12;Poste;;;",
        "26;1;;;;;x;4590;2026-11-12;Poste;;;",
        "2026;1;;;;;x;4590;2026-13-12;Poste;;;",
        "2026;'; DROP;;;;;x;4590;2026-11-12;Poste;;;",
    ],
)
def test_a_row_out_of_shape_stops_no_other(row):
    paper = read_statement(complete(row, "2026;2;;;;;x;100;2026-11-12;Poste;;;"))
    assert ([movement.cents for movement in paper.movements], paper.findings[-1].code) == ([100], "ROW_UNREADABLE")


def test_the_list_of_another_body_is_kept_and_loads_nothing(take):
    reading = take(complete("2026;1;p_altro;;;;x;4590;2026-11-12;Poste;;;"))
    assert (reading.state, _codes(reading), TreasuryMovement.objects.count()) == ("broken", ["OTHER_ENTITY"], 0)


def test_a_workbook_of_before_2007_is_read_like_the_others(take):
    day = ("day", 46338)
    row = [*bank_row("", "BONIFICO POSTE")]
    row[4], row[5], row[6] = day, day, 45.9
    reading = take(old_workbooks.old_workbook([["Banca di prova"], BANK, row]), "estratto.xls")
    assert (reading.evidence.kind, reading.loaded) == (EvidenceKind.BANK_STATEMENT, 1)
    movement = TreasuryMovement.objects.get()
    assert (movement.cents, movement.booked_on.isoformat(), movement.source) == (4590, "2026-11-12", "statement")


GOOD = old_workbooks.old_workbook([BANK, bank_row("45,90", "BONIFICO")])


@pytest.mark.parametrize(
    "content",
    [
        GOOD[:700],
        GOOD[: len(GOOD) // 2],
        OLE + "Workbook".encode("utf-16-le") * 300,
        GOOD[:512] + struct.pack("<I", 1) * 128 + GOOD[1024:],
        GOOD[:1536] + b"\xff" * (len(GOOD) - 1536),
        old_workbooks.compound(struct.pack("<HH", 0x0809, 0xFFFF) + b"\x00\x06" * 10),
        old_workbooks.compound(b"niente", name="WordDocument"),
        old_workbooks.old_workbook([]),
        old_workbooks.old_workbook([["soltanto", "parole"]]),
    ],
)
def test_a_hostile_workbook_is_flagged_in_italian_and_breaks_nothing(take, content):
    reading = take(content, "estratto.xls")
    assert (reading.state, reading.loaded) == ("broken", 0)
    assert reading.warnings[0]["code"] in {"NOT_A_TABLE", "TITLES_UNKNOWN", "NOT_RECOGNISED"}


@pytest.mark.parametrize("place", range(0, len(GOOD), 97))
def test_no_changed_byte_breaks_the_reader(place):
    content = GOOD[:place] + bytes([GOOD[place] ^ 0xFF]) + GOOD[place + 1 :]
    with suppress(FormatError):
        assert all(isinstance(cell, str) for row in old_workbook(content) for cell in row)


def test_a_workbook_too_large_is_told(monkeypatch):
    monkeypatch.setattr("payments.reconciliation.formats.old_workbook.MOST_BYTES", 100)
    with pytest.raises(FormatError, match="troppo grande"):
        old_workbook(GOOD)


def test_a_document_of_words_is_refused_at_the_door():
    words = old_workbooks.compound(b"niente", name="WordDocument")
    assert sniff(words, "lettera.xls") is None
    assert refusal(words, "lettera.xls").startswith("Il file non è")
    assert refusal(GOOD, "estratto.xls") == ""
