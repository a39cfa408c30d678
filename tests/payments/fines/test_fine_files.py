"""The files of the back office: whatever a spreadsheet does to them, and every cell that cannot be."""

import gc
import tracemalloc
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.fines.domain.columns import CellError, read_date, read_euro
from payments.fines.domain.rows import Act, FineRow
from payments.fines.domain.stages import ServedHow
from payments.fines.formats.readings import MOST_SHOWN, RowError, read_acts, read_served
from payments.fines.formats.tables import column_map
from payments.fines.law import law
from tests.payments.fines.fine_files import HEADINGS, served, table

TODAY = date(2026, 11, 20)


def read(content: bytes) -> tuple[list[FineRow], list[RowError]]:
    reading = read_acts(content, law=law(), today=TODAY)
    rows = [row for _line, row in reading]
    return rows, reading.totals.errors


def errors_of(**cells: str) -> list[tuple[str, str]]:
    rows, errors = read(table(cells))
    assert (rows == []) is bool(errors)
    return [(error.column, error.message) for error in errors]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_file_is_the_same_whatever_separator_and_encoding(separator, encoding):
    rows, errors = read(
        table(
            {"debitore": "Niccolò D'Àngelo", "luogo": "Località Càscina; bivio"}, separator=separator, encoding=encoding
        )
    )
    assert errors == []
    (row,) = rows
    assert (row.debtor_name, row.place) == ("Niccolò D'Àngelo", "Località Càscina; bivio")
    assert (row.min_cents, row.max_cents, row.costs_cents) == (4200, 17300, 1650)
    assert row.act == Act("V", "1001", 2026)
    assert str(row.act) == "V1001/2026"


def test_the_columns_may_have_other_names_and_another_order_and_some_may_be_missing():
    content = (
        "Targa;N. Verbale;Minimo;Massimo;Spese;Data Infrazione;Località;Norma;CF;Cognome Nome;Altro\n"
        "ab 123 cd; 77 ;42;173,0;0;2026-03-10;Pisa;art. 7;rssmra60d20f205c;Mario  Rossi;boh\n"
    )
    rows, errors = read(content.encode())
    assert errors == []
    assert rows[0].act == Act("", "77", 2026)
    assert (rows[0].plate, rows[0].debtor_name, rows[0].debtor_code) == ("AB123CD", "Mario Rossi", "RSSMRA60D20F205C")
    assert rows[0].discountable
    assert not rows[0].driver_data


@pytest.mark.parametrize(
    ("text", "cents"),
    [("42", 4200), ("42,5", 4250), ("42.50", 4250), ("1.234,56", 123456), ("1234,56", 123456), ("€ 1.234,56", 123456),
     ("0,01", 1), ("10,00 €", 1000), ("999.999,99", 99_999_999)],
)  # fmt: skip
def test_amounts_as_people_and_programs_write_them(text, cents):
    assert read_euro(text) == cents


@pytest.mark.parametrize(
    "text",
    [
        "-42,00",
        "1.234",
        "1,234.56",
        "42,555",
        "quarantadue",
        "4 2 euro",
        "1e3",
        "1000000",
        "٤٢",
        "12.34.56",
        ",50",
        "=42",
    ],
)
def test_amounts_that_could_mean_something_else_are_refused(text):
    with pytest.raises(CellError):
        read_euro(text)


@given(cents=st.integers(min_value=0, max_value=99_999_999))
def test_every_amount_reads_back_in_the_three_usual_ways(cents):
    euro, rest = divmod(cents, 100)
    assert read_euro(f"{euro},{rest:02d}") == cents
    assert read_euro(f"{euro}.{rest:02d}") == cents
    assert read_euro(f"{euro:,}".replace(",", ".") + f",{rest:02d}") == cents


@pytest.mark.parametrize(
    "text", ["31/02/2026", "2026-13-01", "10/03/26", "3/2026", "oggi", "10/03/2026 14:30", "0/0/0000"]
)
def test_days_that_do_not_exist_are_refused(text):
    with pytest.raises(CellError):
        read_date(text)


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"numero_verbale": ""}, "numero_verbale"),
        ({"numero_verbale": "12\x0034"}, ""),
        ({"numero_verbale": "1" * 21}, "numero_verbale"),
        ({"numero_verbale": "12'; DROP TABLE"}, "numero_verbale"),
        ({"anno": "26"}, "anno"),
        ({"anno": "2029"}, "anno"),
        ({"data_violazione": "2026-03-41"}, "data_violazione"),
        ({"data_violazione": "21/11/2026"}, "data_violazione"),
        ({"data_violazione": "10/03/2019", "anno": "2019"}, "data_violazione"),
        ({"luogo": ""}, "luogo"),
        ({"luogo": "x" * 141}, "luogo"),
        ({"luogo": "Pisa\u202easiP"}, "luogo"),
        ({"targa": "ÀB123CD"}, "targa"),
        ({"nazione": "Francia"}, "nazione"),
        ({"importo_minimo": "0"}, "importo_minimo"),
        ({"importo_minimo": "-1"}, "importo_minimo"),
        ({"importo_minimo": "2000000"}, "importo_minimo"),
        ({"importo_massimo": "41,99"}, "importo_massimo"),
        ({"spese": "gratis"}, "spese"),
        ({"sconto": "forse"}, "sconto"),
        ({"tipo_debitore": "X"}, "tipo_debitore"),
        ({"codice_fiscale": "RSSMRA60D20F205R"}, "codice_fiscale"),
        ({"codice_fiscale": ""}, "codice_fiscale"),
        ({"tipo_debitore": "G"}, "codice_fiscale"),
        ({"debitore": ""}, "debitore"),
        ({"debitore": "x" * 141}, "debitore"),
        ({"cap": "5" * 17}, "cap"),
        ({"data_notifica": "09/03/2026"}, "data_notifica"),
        ({"data_notifica": "21/11/2026"}, "data_notifica"),
        ({"modo_notifica": "piccione"}, "modo_notifica"),
    ],
)
def test_a_wrong_cell_is_named_and_the_line_is_left_out(cells, column):
    found = errors_of(**cells)
    assert [name for name, _message in found] == [column]
    assert all(message.endswith(".") for _name, message in found)


def test_every_wrong_cell_of_a_line_is_said_at_once_with_the_line_of_the_spreadsheet():
    rows, errors = read(table({}, {"numero_verbale": "1002", "targa": "", "importo_minimo": "x"}))
    assert len(rows) == 1
    assert [(error.line, error.column) for error in errors] == [(3, "targa"), (3, "importo_minimo")]


def test_the_same_act_twice_is_an_error_that_names_the_first_line():
    rows, errors = read(table({}, {"numero_verbale": "1002"}, {"numero_verbale": " 1001 "}))
    assert len(rows) == 2
    assert errors == [RowError(4, "numero_verbale", "Lo stesso verbale è già alla riga 2.")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vuoto"),
        (b"\xef\xbb\xbf", "vuoto"),
        (b"   \n \n", "vuoto"),
        (b"PK\x03\x04\x00\x00", "dati binari"),
        (b"a;b;c\n1;2;3\n", "mancano le colonne"),
        (table(), "non contiene righe"),
        (table({}) + b'"1003;V;2026', "virgolette"),
        (table({}).replace(b"targa", b"numero_verbale", 1), "due volte"),
        (table({"luogo": "\x81"}, encoding="latin-1"), "non si leggono"),
        (table({}).replace(b"Mario Rossi", b"x" * 5000), "4096"),
    ],
)
def test_what_is_not_a_table_of_ours_is_said_in_one_sentence(content, words):
    _rows, errors = read(content)
    assert len(errors) == 1
    assert words in errors[0].message


def test_a_line_with_one_cell_too_many_is_refused():
    _rows, errors = read(table({}).rstrip() + b";di troppo\r\n")
    assert [error.message for error in errors] == ["La riga ha più celle dell'intestazione."]


def test_empty_lines_are_passed_over_and_lines_keep_their_number():
    rows, errors = read(table({}).rstrip() + b"\r\n;;;\r\n\r\n" + table({"targa": ""}).split(b"\r\n")[1])
    assert len(rows) == 1
    assert [error.line for error in errors] == [5]


def test_a_foreign_plate_needs_no_codice_fiscale_and_has_a_reference():
    rows, errors = read(table({"nazione": "DE", "targa": "M AB 1234", "codice_fiscale": "", "debitore": "Jörg Müller"}))
    assert errors == []
    assert rows[0].is_foreign
    assert rows[0].reference.startswith("RF")
    assert rows[0].reference.endswith("V10012026")


def test_a_foreign_act_whose_number_does_not_fit_the_reference_is_refused():
    found = errors_of(nazione="DE", numero_verbale="1" * 20, codice_fiscale="")
    assert [name for name, _message in found] == ["numero_verbale"]


def test_the_totals_add_up_and_only_the_first_errors_are_kept():
    lines = [{"numero_verbale": str(n), "targa": "" if n % 2 else "AB123CD"} for n in range(1000)]
    reading = read_acts(table(*lines), law=law(), today=TODAY)
    assert len(list(reading)) == 500
    totals = reading.totals
    assert (totals.rows, totals.errors_count, len(totals.errors)) == (1000, 500, MOST_SHOWN)
    assert (totals.sanction_cents, totals.costs_cents) == (500 * 4200, 500 * 1650)


def test_a_hundred_thousand_lines_are_read_as_a_stream():
    line = table({}).split(b"\r\n")[1].split(b";", 1)[1]
    content = table({}) + b"".join(b"N%d;%s\r\n" % (n, line) for n in range(100_000))
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    reading = read_acts(content, law=law(), today=TODAY)
    assert sum(1 for _row in zip(reading, range(3000), strict=False)) == 3000
    grown = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert reading.totals.rows in {3000, 3001}
    assert grown < 2 * len(content)


def test_days_of_service_have_a_file_of_their_own():
    reading = read_served(served(("1001", "20/03/2026"), ("1002", "2026-03-21"), how="giacenza"), today=TODAY)
    rows = [row for _line, row in reading]
    assert [(str(row.act), row.served_on) for row in rows] == [
        ("V1001/2026", date(2026, 3, 20)), ("V1002/2026", date(2026, 3, 21)),
    ]  # fmt: skip
    assert {row.served_how for row in rows} == {ServedHow.STORED}


@pytest.mark.parametrize(("day", "how"), [("", "consegna"), ("21/11/2026", "consegna"), ("20/03/2026", "boh")])
def test_a_wrong_day_of_service_is_an_error(day, how):
    reading = read_served(served(("1001", day), how=how), today=TODAY)
    assert list(reading) == []
    assert reading.totals.errors_count == 1


@given(content=st.binary(max_size=400))
def test_no_bytes_break_the_reading(content):
    reading = read_acts(content, law=law(), today=TODAY)
    assert list(reading) == []
    assert reading.totals.errors_count >= 1


@given(
    cells=st.dictionaries(
        st.sampled_from(HEADINGS), st.text(max_size=30, alphabet=st.characters(exclude_categories=["Cs"])), max_size=4
    )
)
def test_no_text_in_a_cell_breaks_the_reading(cells):
    reading = read_acts(table(cells), law=law(), today=TODAY)
    assert len(list(reading)) + min(reading.totals.errors_count, 1) >= 1


def test_the_map_says_something_for_every_field_of_a_fine():
    names = {column.name for column in column_map("acts").columns}
    assert names == (set(FineRow.__dataclass_fields__) - {"act"}) | {"number", "series", "year"}
