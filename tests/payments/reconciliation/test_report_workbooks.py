"""The reports as spreadsheets, read back from their archive."""

import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scopes_disabled
from lxml import etree

from payments.reconciliation.domain.sheets import Column, Kind, Row, Sheet
from payments.reconciliation.domain.workbook import CONTENT_TYPE, workbook
from payments.reconciliation.formats.tables import read_table
from portal.accounts.models import User
from portal.audit.models import Event
from portal.entities.models import Role, StaffRole
from tests.payments.reconciliation.books_of import BookKeeper

XLSX = "admin:payments_reconciliation_reports_xlsx"
YEAR_END = "admin:payments_reconciliation_year_end_file"
SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")']


def sheet(*rows: tuple, title: str = "Prova", total: tuple | None = None) -> Sheet:
    columns = [
        Column("Chi"), Column("Giorno", Kind.DAY), Column("Quanti", Kind.NUMBER), Column("Euro", Kind.MONEY),
        Column("In parole", words=True), Column("Euro per giorni", Kind.PRODUCT, extra=True),
    ]  # fmt: skip
    return Sheet("prova", title, "", "", columns, [Row(values) for values in rows], total)


def part(content: bytes, name: str) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return etree.fromstring(archive.read(name))


def cells(content: bytes, number: int = 1) -> dict[str, tuple[str, str, str]]:
    """What stands in each cell: its type, its text, the format that its style gives it."""
    styles = part(content, "xl/styles.xml")
    own = {each.get("numFmtId"): each.get("formatCode") for each in styles.iterfind(".//m:numFmt", SPACE)}
    forms = [each.get("numFmtId") for each in styles.iterfind("m:cellXfs/m:xf", SPACE)]
    page = part(content, f"xl/worksheets/sheet{number}.xml")
    assert page.find(".//m:f", SPACE) is None
    return {
        cell.get("r"): (cell.get("t", "n"), "".join(cell.itertext()), own.get(form, form))
        for cell in page.iterfind(".//m:c", SPACE)
        for form in [forms[int(cell.get("s", "0"))]]
    }


def test_days_are_days_and_amounts_are_numbers_of_euro():
    found = cells(workbook([sheet(("Anna", date(2026, 11, 11), 12, -123456, "tre", 900000))], heading="Pisa"))
    money, day = '#,##0.00\\ "€"', "dd/mm/yyyy"
    assert found["A1"] == ("inlineStr", "Chi", "49")
    assert [found[f"{letter}2"] for letter in "ABCDE"] == [
        ("inlineStr", "Anna", "49"), ("n", "46337", day), ("n", "12", "3"), ("n", "-1234.56", money),
        ("n", "9000.00", "4"),
    ]  # fmt: skip
    assert found["E1"][1] == "Euro per giorni"
    assert "F1" not in found


@pytest.mark.parametrize("text", [*FORMULAS, "a_x0041_b", "x\x00y", "x\ud800y", "<b>&", "  spazi  ", "é" * 40_000])
def test_what_people_wrote_is_text_whatever_it_looks_like(text):
    content = workbook([sheet((text, None, 1, 1, "", 1))], heading="Pisa")
    kind, said, form = cells(content)["A2"]
    assert (kind, form) == ("inlineStr", "49")
    assert len(said) <= 32_767 + 10
    assert said.startswith(text.split("\x00")[0].split("\ud800")[0].split("_x")[0][:100])
    assert "_x0041_" not in said.replace("_x005F_x0041_", "")


def test_titles_stay_in_sight_and_totals_stand_under_the_rows():
    content = workbook(
        [sheet(("Anna", None, 1, 100, "", 1), ("B", None, 2, 50, "", 1), total=("In tutto", None, 3, 150, None, 2))],
        heading="Pisa & Livorno",
    )
    page = part(content, "xl/worksheets/sheet1.xml")
    pane = page.find(".//m:pane", SPACE)
    assert (pane.get("ySplit"), pane.get("topLeftCell"), pane.get("state")) == ("1", "A2", "frozen")
    assert page.find("m:autoFilter", SPACE).get("ref") == "A1:E3"
    assert (cells(content)["A4"][1], cells(content)["D4"][1]) == ("In tutto", "1.50")
    assert page.findtext(".//m:oddHeader", namespaces=SPACE) == "&LPisa && Livorno: Prova"
    widths = [float(each.get("width")) for each in page.iterfind(".//m:col", SPACE)]
    assert len(widths) == 5
    assert all(9 <= width <= 60 for width in widths)


def test_a_table_without_rows_has_only_its_titles():
    found = cells(workbook([sheet(total=("In tutto", None, 0, 0, None, 0))], heading="Pisa"))
    assert set(found) == {f"{letter}1" for letter in "ABCDE"}


def test_names_of_pages_are_those_that_spreadsheets_accept():
    index = part(workbook([sheet(title='Com\'è [2026]: "a/b" ' + "x" * 40)], heading=""), "xl/workbook.xml")
    name = index.find(".//m:sheet", SPACE).get("name")
    assert name == 'Com\'è  2026   "a b" xxxxxxxxxxx'
    inside = name.replace("'", "''")
    assert index.findtext(".//m:definedName", namespaces=SPACE) == f"'{inside}'!$1:$1"


def test_what_we_write_our_own_reader_reads():
    columns = [Column("DATA CONTABILE", Kind.DAY), Column("IMPORTO", Kind.MONEY), Column("DESCRIZIONE")]
    rows = [Row((date(2026, 11, 12), 123456, "=RIVERSAMENTO"))]
    table = read_table(workbook([Sheet("m", "Movimenti", "", "", columns, rows)], heading="Pisa"))
    ((_number, found),) = table.cells()
    assert sorted(found.values()) == ["1234.56", "2026-11-12", "=RIVERSAMENTO"]


def test_the_same_figures_make_the_same_bytes():
    assert workbook([sheet()], heading="Pisa") == workbook([sheet()], heading="Pisa")


@pytest.fixture
def accountant(pisa, time_machine) -> Client:
    time_machine.move_to(datetime(2026, 11, 25, 9, tzinfo=UTC))
    user = User.objects.create_user(username="ragioniera", kind="staff", is_staff=True)
    with scopes_disabled():
        StaffRole.objects.create(entity=pisa, user=user, role=Role.ACCOUNTANT)
    client = Client()
    client.force_login(user)
    return client


def test_each_report_and_all_of_them_are_spreadsheets_and_who_takes_them_is_written_down(accountant, pisa):
    BookKeeper(pisa).receipt("01000000000000001", "RT-1", 4590, psp_name="=Banca", psp_id="=1")
    one = accountant.get(reverse(XLSX, args=["giorni"]), {"mese": "2026-11"})
    assert one["Content-Type"] == CONTENT_TYPE
    assert one["Content-Disposition"] == 'attachment; filename="giorni-2026-11.xlsx"'
    found = cells(one.content)
    assert (found["A2"][1], found["C2"][1]) == ("46337", "45.90")
    whole = accountant.get(reverse(XLSX, args=["rapporti"]), {"mese": "2026-11"})
    names = [each.get("name") for each in part(whole.content, "xl/workbook.xml").iterfind(".//m:sheet", SPACE)]
    assert names == [
        "Quadratura per giorno", "Provvisori aperti per anzianità", "PSP in ritardo", "Doppi da rimborsare",
        "Incassi per accertamento e mese",
    ]  # fmt: skip
    assert ("inlineStr", "=Banca", "49") in cells(whole.content, 3).values()
    taken = Event.objects.filter(action="reconciliation.report_downloaded").order_by("pk")
    assert [(event.data["report"], event.data["kind"]) for event in taken] == [("giorni", "xlsx"), ("rapporti", "xlsx")]
    assert accountant.get(reverse(XLSX, args=["inventato"])).status_code == 404


def test_the_end_of_the_year_is_a_file_too(accountant, pisa, actor):
    keep = BookKeeper(pisa)
    keep.rule("CANONI", keep.assessment("301"))
    for place, cents in (("1", 1000), ("2", 500)):
        iuv = f"0100000000000000{place}"
        keep.position(iuv, ("CANONI", cents))
        flow = keep.flow(f"F{place}", (iuv, f"RT-{place}", 1, cents))
        keep.meets(flow, 1, keep.receipt(iuv, f"RT-{place}", cents))
        changes = {} if place == "1" else {"year": 2027, "booked_on": date(2027, 1, 4)}
        keep.credited(flow, keep.movement(place, cents, **changes))
    text = accountant.get(reverse(YEAR_END, args=["csv"]), {"anno": "2026"}).content.decode()
    assert text.splitlines()[1] == "301/2026;15,00;10,00;5,00;0,00;Entrata 301, capitolo 30301"
    whole = accountant.get(reverse(YEAR_END, args=["xlsx"]), {"anno": "2026"})
    assert whole["Content-Disposition"] == 'attachment; filename="chiusura-2026.xlsx"'
    found = cells(whole.content, 2)
    assert (found["A2"][1], found["E2"][1], found["F3"][1]) == ("2/2027", "5.00", "5.00")
    assert Event.objects.filter(action="reconciliation.report_downloaded").count() == 2
    page = accountant.get(reverse("admin:payments_reconciliation_year_end"), {"anno": "2026"}).content.decode()
    assert "Scarica le due tabelle (XLSX)" in page
    assert accountant.get(reverse(YEAR_END, args=["pdf"])).status_code == 404
