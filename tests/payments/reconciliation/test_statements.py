"""Lists of provisionals and statements: what they say becomes money once; what is ambiguous is never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.reconciliation.domain.statement_columns import Column, layout_of, placed
from payments.reconciliation.formats import tables
from payments.reconciliation.formats.camt053 import read_camt053
from payments.reconciliation.formats.findings import FormatError
from payments.reconciliation.formats.statements import read_statement
from payments.reconciliation.models import (
    AccountBalance,
    Channel,
    EvidenceFile,
    EvidenceKind,
    MovementSource,
    TreasuryAccount,
    TreasuryMovement,
)
from payments.reconciliation.services.accounts import account_source_set
from payments.reconciliation.services.ingest import ingest
from payments.reconciliation.services.sniffing import sniff
from portal.audit.models import Event
from tests.payments.reconciliation.builders import IUF, REMITTANCE, credit, flow_xml, journal, xml_line
from tests.payments.reconciliation.statement_files import (
    BANK,
    IBAN,
    bank_csv,
    bank_row,
    camt,
    camt_entry,
    postal_csv,
    provisionals,
    workbook,
)

TEXT = REMITTANCE + IUF
ROW = f"2026;0000042;12/11/2026;Poste di prova;{TEXT};45,90;12/11/2026"


@pytest.fixture
def take(pisa, actor):
    def run(content, name="documento"):
        return ingest(entity=pisa, content=content, name=name, channel=Channel.UPLOAD, actor=actor)

    return run


def _codes(reading) -> list[str]:
    return [warning["code"] for warning in reading.warnings]


def _amounts(content: bytes) -> list[int]:
    return [row.cents for row in read_statement(content).movements]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (provisionals(ROW), EvidenceKind.PROVISIONALS_CSV),
        (b"\xef\xbb\xbf" + provisionals(ROW), EvidenceKind.PROVISIONALS_CSV),
        (provisionals(ROW).decode().encode("utf-16"), EvidenceKind.PROVISIONALS_CSV),
        (bank_csv(bank_row("1,00", "x")), EvidenceKind.BANK_STATEMENT),
        (bank_csv(bank_row("1.00", "x"), separator="\t"), EvidenceKind.BANK_STATEMENT),
        (workbook([BANK, bank_row("1,00", "x")]), EvidenceKind.BANK_STATEMENT),
        (postal_csv("12/11/2026;12/11/2026;48;;;;1,00;;x"), EvidenceKind.POSTAL_STATEMENT),
        (camt(camt_entry("1.00", "x")), EvidenceKind.CAMT053),
        (flow_xml("80000000010", [xml_line("01", "A", "1.00")], total="1.00"), EvidenceKind.REPORTING_FLOW),
        (b'{"header": "{}", "payments": []}', EvidenceKind.REPORTING_FLOW),
        (b"<!-- <FlussoRiversamento> --><flusso_giornale_di_cassa/>", EvidenceKind.TREASURY_JOURNAL),
        (b"", None),
        (b"<html><body>Accesso negato</body></html>", None),
        (b"{}", None),
        (b"nome;cognome\na;b\n", None),
        (b"PK\x03\x04rotto", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None),
        (b"%PDF-1.7", None),
    ],
)
def test_a_document_is_known_by_how_it_begins(content, kind):
    assert sniff(content, "qualsiasi.bin") == kind


@given(st.binary(max_size=100))
def test_no_bytes_confuse_the_recognition(content):
    assert sniff(content, "x") is None or content.startswith(b"<")


def test_provisionals_become_credits_of_the_treasurer(take):
    reading = take(provisionals(ROW, "2026;43;12/11/2026;Banca;/RFB/01000000000004285/12.00;1.234,56;"))
    assert (reading.state, reading.loaded, _codes(reading)) == ("read", 2, [])
    first, second = TreasuryMovement.objects.order_by("document_number")
    assert (first.document_number, first.year, first.cents, first.remittance_reference) == ("42", 2026, 4590, IUF)
    assert (first.direction, first.document_type, first.operation) == ("ENTRATA", "SOSPESO ENTRATA", "ESEGUITO")
    assert (first.source, first.counts, first.journal.layout) == ("provisionals", True, "provisionals")
    assert (second.cents, second.remittance_kind, second.value_on) == (123_456, "single", None)


def test_a_provisional_of_the_journal_is_the_same_in_the_list(pisa, take):
    take(journal(pisa, [credit(4590)]))
    number = TreasuryMovement.objects.get(remittance_kind="flow").document_number
    reading = take(provisionals(f"2026;{number};12/11/2026;Poste;{TEXT};45,90;"))
    assert (reading.state, reading.loaded, _codes(reading)) == ("read", 0, ["MOVEMENTS_KNOWN"])
    changed = take(provisionals(f"2026;{number};12/11/2026;Poste;{TEXT};45,91;"))
    assert _codes(changed) == ["MOVEMENTS_CHANGED"]
    assert TreasuryMovement.objects.filter(remittance_kind="flow").count() == 1


def test_a_provisional_of_the_list_is_the_same_in_the_journal(pisa, take):
    take(provisionals(f"2026;1;12/11/2026;Poste;{TEXT};45,90;"))
    reading = take(journal(pisa, [credit(4590)]))
    assert (reading.state, reading.loaded, _codes(reading)) == ("read", 3, ["PROVISIONALS_TAKEN_OVER"])
    rows = TreasuryMovement.objects.filter(remittance_kind="flow").order_by("pk")
    assert list(rows.values_list("source", "counts")) == [("provisionals", False), ("journal", True)]


def test_a_provisional_of_last_year_with_the_same_number_is_another(take):
    reading = take(provisionals(ROW, ROW.replace("2026;", "2025;", 1)))
    assert reading.loaded == 2


def test_a_negative_provisional_takes_one_back(take):
    take(provisionals(ROW, ROW.replace("45,90", "-45,90")))
    assert set(TreasuryMovement.objects.values_list("operation", "cents")) == {("ESEGUITO", 4590), ("STORNATO", 4590)}


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("45,90", 4590),
        ("45.90", 4590),
        ("45,9", 4590),
        ("45", 4500),
        ("1.234,56", 123_456),
        ("1,234.56", 123_456),
        ("1234.56", 123_456),
        ("€ 1.234.567,00", 123_456_700),
    ],
)
def test_amounts_are_read_as_they_are_written(written, cents):
    assert _amounts(bank_csv(bank_row(written, "x"))) == [cents]


@pytest.mark.parametrize("written", ["1.234", "1,234", "1.23.4", "", "dieci", "1e3", "٤٥,٩٠", "45,901", "--1,00"])
def test_amounts_that_may_mean_two_things_are_told_and_left_out(take, written):
    reading = take(bank_csv(bank_row("1,00", "buona"), bank_row(written, "ambigua")))
    assert (reading.state, reading.loaded) == ("broken", 1)
    assert "ROW_UNREADABLE" in _codes(reading)
    assert "riga 3" in reading.warnings[0]["message"]


def test_a_statement_has_both_directions_and_says_nothing_of_other_money():
    paper = read_statement(
        bank_csv(
            bank_row("45,90", TEXT, reference="CRO1"),
            bank_row("10,00", "COMMISSIONI", sign="-"),
            bank_row("-5,00", "BOLLO", sign=""),
        )
    )
    assert [(row.direction, row.cents, row.account) for row in paper.movements] == [
        ("ENTRATA", 4590, "123456"),
        ("USCITA", 1000, "123456"),
        ("USCITA", 500, "123456"),
    ]
    assert (paper.movements[0].operation_reference, paper.movements[0].execution_type) == ("CRO1", "48")
    dollars = bank_row("1,00", "x")
    dollars[3] = "USD"
    with pytest.raises(FormatError, match="nessun movimento"):
        read_statement(bank_csv(dollars))


def test_equal_rows_of_a_day_are_two_and_the_next_statement_repeats_none(take):
    rows = [bank_row("5,00", "PAGAMENTO"), bank_row("5,00", "PAGAMENTO")]
    assert take(bank_csv(*rows)).loaded == 2
    again = take(bank_csv(*rows, bank_row("7,00", "ALTRO", day="13/11/2026")))
    assert (again.loaded, "MOVEMENTS_KNOWN" in _codes(again)) == (1, True)
    assert TreasuryMovement.objects.count() == 3


def test_a_statement_counts_only_when_somebody_says_so(pisa, take, actor):
    reading = take(bank_csv(bank_row("45,90", TEXT)))
    assert (reading.state, reading.loaded, _codes(reading)) == ("flagged", 1, ["ACCOUNT_NEW"])
    account = TreasuryAccount.objects.get(code="123456")
    assert not TreasuryMovement.objects.get().counts
    assert account_source_set(account=account, source=MovementSource.STATEMENT, actor=actor) == 1
    assert TreasuryMovement.objects.get().counts
    assert Event.objects.latest("pk").data == {"source": "statement", "movements": 1}
    later = take(bank_csv(bank_row("1,00", "ALTRO")))
    assert (later.state, TreasuryMovement.objects.filter(counts=True).count()) == ("read", 2)
    assert account_source_set(account=account, source=MovementSource.JOURNAL, actor=actor) == 2
    assert _codes(take(bank_csv(bank_row("2,00", "ALTRO")))) == ["ACCOUNT_ASIDE"]
    assert not TreasuryMovement.objects.filter(counts=True).exists()


def test_a_workbook_says_the_same_as_its_csv():
    from_csv = read_statement(bank_csv(bank_row("45,90", TEXT), bank_row("10,00", "x", sign="-")))
    first, second = bank_row("", TEXT), bank_row("", "x", sign="-")
    for row, amount in ((first, "45.899999999999999"), (second, "10")):
        row[6], row[4], row[5] = amount, ("day", 46338), ("day", 46338)  # type: ignore[call-overload]
    from_book = read_statement(workbook([["Estratto conto"], [], BANK, first, second]))
    assert from_book.movements == from_csv.movements


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04rotto",
        workbook([BANK])[:-40],
        workbook([["a", "b"]]),
        workbook([BANK], **{"xl__sharedStrings.xml": "<sst"}),
        workbook([BANK], **{"xl__worksheets__sheet1.xml": '<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'}),
        bank_csv(),
        b"",
        b"\x00\x01\x02",
    ],
)
def test_a_broken_list_is_an_error_and_nothing_worse(content):
    with pytest.raises(FormatError):
        read_statement(content)


def test_a_workbook_that_swells_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(tables, "MOST_UNPACKED", 100)
    with pytest.raises(FormatError, match="troppo grande"):
        read_statement(workbook([BANK, bank_row("1,00", "x")]))


@given(st.text(max_size=300))
def test_no_text_does_harm(text):
    with pytest.raises(FormatError):
        read_statement(text.encode("utf-8", "surrogatepass"))


def test_titles_are_known_without_case_accents_and_punctuation():
    columns = placed(["Data contabile", "IMPORTO (EUR)", "", "Descrizione  operazione", "descrizione"])
    assert columns == {Column.BOOKED: 0, Column.AMOUNT: 1, Column.TEXT: 3}
    assert layout_of(columns) is not None
    assert layout_of({Column.BOOKED: 0}) is None


def test_a_postal_statement_is_read_by_its_columns(take):
    rows = [
        f"12/11/2026;12/11/2026;48;;;;45,90;;RI1{TEXT} ACCREDITO BOLLETTINO P.A.",
        "12/11/2026;12/11/2026;16;;;1,50;;;COMMISSIONI",
        ";;;;;;;100,00;SALDO FINALE",
    ]
    reading = take(postal_csv(*rows))
    assert (reading.loaded, _codes(reading)) == (2, ["ROW_UNREADABLE", "ACCOUNT_NEW"])
    movement = TreasuryMovement.objects.get(direction="ENTRATA")
    assert (movement.account, movement.cents, movement.remittance_reference) == (IBAN[-12:].lstrip("0"), 4590, IUF)
    assert movement.journal.layout == "postal"


@pytest.mark.parametrize("version", ["02", "08"])
def test_a_camt_statement_is_read_and_marked_unconfirmed(take, version):
    reading = take(camt(camt_entry("45.90", TEXT), camt_entry("9.00", "x", status="PDNG"), version=version))
    assert (reading.loaded, _codes(reading)) == (1, ["LAYOUT_UNCONFIRMED", "ACCOUNT_NEW"])
    movement = TreasuryMovement.objects.get()
    assert (movement.cents, movement.end_to_end, movement.operation_reference) == (4590, "E2E-1", "REF1")
    assert (movement.customer, movement.remittance_reference) == ("Poste", IUF)
    balance = AccountBalance.objects.get()
    assert (balance.account, balance.opening_cents, balance.closing_cents) == ("123456", 10_000, 14_590)
    assert TreasuryAccount.objects.get().iban == IBAN


def test_an_entry_of_several_transactions_is_as_many_movements_when_they_make_it_up():
    entry = camt_entry("3.00", "x").replace("</NtryDtls>", "")
    detail = '<TxDtls><Amt Ccy="EUR">{}</Amt><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls>'
    start = entry.index("<NtryDtls>") + len("<NtryDtls>")
    for second, cents in (("2.00", [100, 200]), ("1.00", [300])):
        several = entry[:start] + detail.format("1.00", "a") + detail.format(second, "b") + "</NtryDtls></Ntry>"
        assert [row.cents for row in read_camt053(camt(several)).movements] == cents


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<Document/>",
        camt(),
        camt(camt_entry("-1.00", "x")),
        camt(camt_entry("1.00", "x").replace("EUR", "USD")),
        camt(camt_entry("1.00", "x").replace("2026-11-12", "domani")),
        camt(camt_entry("1.00", "x"))[:-160],
        b"<Document",
        camt(camt_entry("1.00", "x")).replace(b"<Document", b'<!DOCTYPE D [<!ENTITY a "b">]><Document'),
    ],
)
def test_a_camt_out_of_shape_is_an_error(content):
    with pytest.raises(FormatError):
        read_camt053(content)


@pytest.mark.parametrize("place", [b"</Ntry></Stmt>", b"</Stmt>", b"<Ustrd>due"])
def test_a_camt_cut_half_way_loads_its_whole_entries(take, place):
    content = camt(camt_entry("1.00", "uno"), camt_entry("2.00", "due"))
    reading = take(content[: content.rindex(place)])
    assert (reading.state, reading.loaded) == ("broken", 2 if place == b"</Stmt>" else 1)
    assert "XML_CUT" in _codes(reading)


def test_even_a_list_that_loads_nothing_is_kept(take):
    content = provisionals("2026;;12/11/2026;a;b;1,00;")
    reading = take(content)
    assert (reading.state, _codes(reading)) == ("broken", ["NO_MOVEMENTS"])
    assert bytes(EvidenceFile.objects.get().content) == content


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ("0,00;48,00", [("ENTRATA", 4800)]),
        ("48,00;0,00", [("USCITA", 4800)]),
        ("-48,00;0", [("USCITA", 4800)]),
        (";48,00", [("ENTRATA", 4800)]),
        ("1,00;48,00", []),
        (";", []),
        ("x;48,00", []),
    ],
)
def test_a_zero_in_the_other_column_is_no_amount(take, columns, rows):
    reading = take(postal_csv(f"12/11/2026;12/11/2026;48;;;{columns};;x"))
    assert list(TreasuryMovement.objects.values_list("direction", "cents")) == rows
    assert ("NO_MOVEMENTS" in _codes(reading)) is not bool(rows)
