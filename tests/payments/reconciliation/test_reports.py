"""The reports of the accountant, against a small world whose numbers are known."""

from base64 import b64decode
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope, scopes_disabled
from lxml import etree
from pypdf import PdfReader

from payments.domain.spreadsheet import BOM, Figure, safe
from payments.models import ReceiptTransfer
from payments.reconciliation.domain.accounts import Account
from payments.reconciliation.models import FlowLine, Verdict
from payments.reconciliation.report_charts import drawing_of
from payments.reconciliation.report_sheets import all_sheets, days_sheet
from payments.reconciliation.selectors.ledger import balances, open_provisionals
from payments.reconciliation.selectors.reports import (
    Month,
    assessment_year,
    day_squares,
    duplicates,
    late_psps,
    open_bands,
    psp_deadline,
)
from payments.reconciliation.selectors.year_end import year_end
from payments.reconciliation.services.books import books_update
from portal.accounts.models import User
from portal.audit.models import Event
from portal.entities.models import Role, StaffRole
from tests.payments.reconciliation.books_of import BookKeeper

PAGE, CSV, PDF = (f"admin:payments_reconciliation_reports{end}" for end in ("", "_csv", "_pdf"))
NOVEMBER = Month(date(2026, 11, 1), date(2026, 11, 25))
FIRST, SECOND = date(2026, 11, 11), date(2026, 11, 12)
TOLD = datetime(2026, 11, 13, 2, tzinfo=UTC)


def number(place: int) -> str:
    return f"01{place:015d}"


def flow(keep, name, *lines, **changes):
    return keep.flow(name, *lines, **({"published_at": TOLD} | changes))


@pytest.fixture
def keep(pisa) -> BookKeeper:
    return BookKeeper(pisa)


@pytest.fixture
def world(keep):
    """On the 11th: one payment in order, one not credited, one not reported, one credited and reported late, a line
    without a receipt. On the 12th: one credited alone, one in order, one revoked.
    """
    whole, waiting, late = (
        keep.receipt(number(place), f"RT-{place}", cents) for place, cents in [(1, 4590), (2, 1000), (4, 3000)]
    )
    keep.receipt(number(3), "RT-3", 2000)
    good = flow(keep, "F1", (number(1), "RT-1", 1, 4590), (number(9), "RT-9", 1, 500))
    keep.meets(good, 1, whole)
    keep.credited(good, keep.movement("11", 5090))
    keep.meets(flow(keep, "F2", (number(2), "RT-2", 1, 1000)), 1, waiting)
    slow = flow(
        keep, "F3", (number(4), "RT-4", 1, 3000), psp_id="LENTO", psp_name="Banca lenta",
        published_at=datetime(2026, 11, 19, 9, tzinfo=UTC),
    )  # fmt: skip
    keep.meets(slow, 1, late)
    keep.credited(slow, keep.movement("12", 3000, booked_on=date(2026, 11, 20)))
    keep.alone(keep.receipt(number(5), "RT-5", 700, day=SECOND), keep.movement("13", 700))
    netted = flow(keep, "F4", (number(6), "RT-6", 1, 1500), (number(7), "RT-7", 1, -900))
    keep.meets(netted, 1, keep.receipt(number(6), "RT-6", 1500, day=SECOND))
    keep.meets(netted, 2, keep.receipt(number(7), "RT-7", 900, day=SECOND))
    keep.credited(netted, keep.movement("14", 600))
    return keep


def said_twice(keep, receipt, cents, since):
    return Verdict.objects.create(
        entity=keep.entity, subject="receipt", receipt=receipt, key=receipt.nav, code="duplicate_payment",
        cents=cents, since=since, facts={}, opened_run=keep.run(),
    )  # fmt: skip


def test_each_day_says_what_was_paid_reported_and_credited_and_what_is_missing(pisa, world):
    first, second = day_squares([pisa.pk], month=NOVEMBER)
    assert (first.day, first.receipts, first.receipt_cents) == (FIRST, 4, 10590)
    assert (first.lines, first.line_cents, first.credited) == (4, 9090, 8090)
    assert (first.unreported, first.unexpected, first.uncredited, first.revoked) == (2000, 500, 1000, 0)
    assert not first.squares
    assert (second.day, second.receipts, second.receipt_cents) == (SECOND, 3, 3100)
    assert (second.lines, second.line_cents, second.credited) == (1, 600, 1300)
    assert (second.unreported, second.unexpected, second.uncredited, second.revoked) == (0, 0, 0, 900)
    assert second.squares


def test_two_errors_that_cancel_out_do_not_make_a_day_square(pisa, keep):
    rows = keep.receipt(number(1), "RT-1", 1000), keep.receipt(number(2), "RT-2", 500)
    reported = flow(keep, "F1", (number(1), "RT-1", 1, 900), (number(2), "RT-2", 1, 600))
    for seq, row in enumerate(rows, start=1):
        keep.meets(reported, seq, row)
    keep.credited(reported, keep.movement("1", 1500))
    (day,) = day_squares([pisa.pk], month=NOVEMBER)
    assert day.receipt_cents == day.line_cents == day.credited == 1500
    assert (day.unreported, day.unexpected) == (100, 100)
    assert not day.squares


def test_a_credit_that_is_short_is_missing_to_the_cent_on_the_days_it_does_not_reach(pisa, keep):
    rows = keep.receipt(number(1), "RT-1", 1001), keep.receipt(number(2), "RT-2", 502, day=SECOND)
    reported = flow(keep, "F1", (number(1), "RT-1", 1, 1001), (number(2), "RT-2", 1, 502))
    for seq, row in enumerate(rows, start=1):
        keep.meets(reported, seq, row)
    keep.credited(reported, keep.movement("1", 1300))
    days = day_squares([pisa.pk], month=NOVEMBER)
    assert [(day.credited, day.uncredited) for day in days] == [(1001, 0), (299, 203)]


def test_a_credit_taken_back_a_replaced_flow_and_stamps_do_not_count(pisa, keep):
    row = keep.receipt(number(1), "RT-1", 1000, amount_cents=2600)
    ReceiptTransfer.objects.create(
        entity=pisa, receipt=row, seq=2, beneficiary_fiscal_code=pisa.fiscal_code, amount_cents=1600, is_stamp=True,
        category="x", remittance="x",
    )  # fmt: skip
    keep.meets(flow(keep, "F1", (number(1), "RT-1", 1, 999)), 1, row)
    newer = flow(keep, "F1", (number(1), "RT-1", 1, 1000), revision=2)
    keep.meets(newer, 1, row)
    movement = keep.movement("1", 1000)
    keep.credited(newer, movement)
    assert day_squares([pisa.pk], month=NOVEMBER)[0].squares
    keep.reversal(movement)
    (day,) = day_squares([pisa.pk], month=NOVEMBER)
    assert (day.receipt_cents, day.line_cents, day.credited, day.uncredited) == (1000, 1000, 0, 1000)


def test_lines_of_another_intermediary_are_followed_elsewhere(pisa, keep):
    reported = flow(keep, "F1", (number(1), "RT-1", 1, 1000))
    line = FlowLine.objects.get(flow=reported)
    Verdict.objects.create(
        entity=pisa, subject="line", line=line, key="x", code="other_intermediary", cents=1000, since=FIRST, facts={},
        opened_run=keep.run(),
    )  # fmt: skip
    assert day_squares([pisa.pk], month=NOVEMBER) == []


def test_open_provisionals_are_grouped_by_age_and_sum_up_to_those_of_the_treasurer(pisa, world):
    world.movement("3", 800, booked_on=date(2026, 9, 1))
    world.movement("4", 100, booked_on=date(2026, 10, 20))
    world.order("31", date(2026, 11, 16), ("0003", 300), ("4", 100))
    bands = open_bands([pisa.pk], month=NOVEMBER)
    assert [(row.count, row.cents, row.oldest, row.number) for row in bands] == [
        (1, 3000, date(2026, 11, 20), "12/2026"),
        (3, 6390, date(2026, 11, 13), "11/2026"),
        (0, 0, None, ""),
        (1, 500, date(2026, 9, 1), "3/2026"),
    ]
    assert sum(row.cents for row in bands) == open_provisionals([pisa.pk], on=NOVEMBER.on)


@pytest.mark.parametrize(
    ("age", "band"), [(0, 0), (5, 0), (6, 1), (30, 1), (31, 2), (60, 2), (61, 3)]
)  # fmt: skip
def test_the_ages_begin_and_end_where_they_say(pisa, keep, age, band):
    keep.movement("1", 100, booked_on=date.fromordinal(NOVEMBER.on.toordinal() - age))
    assert [row.count for row in open_bands([pisa.pk], month=NOVEMBER)].index(1) == band


def test_late_psps_are_named_with_days_and_the_basis_of_interest(pisa, world):
    assert psp_deadline(FIRST) == date(2026, 11, 17)
    slow, other = late_psps([pisa.pk], month=NOVEMBER)
    assert (slow.psp_id, slow.name) == ("LENTO", "Banca lenta")
    assert (slow.late_credits, slow.uncredited, slow.late_reports, slow.unreported) == (1, 0, 1, 0)
    assert (slow.days, slow.cents, slow.cent_days) == (3, 3000, 9000)
    assert (other.late_credits, other.uncredited, other.late_reports, other.unreported) == (0, 1, 0, 1)
    assert (other.days, other.cents, other.cent_days) == (8, 1000, 8000)


def test_nobody_is_late_on_the_last_day_of_the_term(pisa, keep):
    row = keep.receipt(number(1), "RT-1", 1000)
    keep.receipt(number(2), "RT-2", 1000)
    keep.meets(flow(keep, "F1", (number(1), "RT-1", 1, 1000)), 1, row)
    assert late_psps([pisa.pk], month=Month(NOVEMBER.first, date(2026, 11, 17))) == []
    (late,) = late_psps([pisa.pk], month=Month(NOVEMBER.first, date(2026, 11, 18)))
    assert (late.uncredited, late.unreported, late.days, late.cent_days) == (1, 1, 1, 1000)


def test_a_flow_with_two_late_credits_counts_once_and_each_has_its_days(pisa, keep):
    row = keep.receipt(number(1), "RT-1", 1000)
    reported = flow(keep, "F1", (number(1), "RT-1", 1, 1000))
    keep.meets(reported, 1, row)
    keep.credited(reported, keep.movement("1", 400, booked_on=date(2026, 11, 18)))
    keep.credited(reported, keep.movement("2", 500, booked_on=date(2026, 11, 20)))
    (late,) = late_psps([pisa.pk], month=NOVEMBER)
    assert (late.late_credits, late.uncredited, late.days, late.cents) == (1, 1, 8, 1000)
    assert late.cent_days == 400 * 1 + 500 * 3 + 100 * 8


def test_a_correction_sent_later_does_not_make_a_flow_late(pisa, keep):
    row = keep.receipt(number(1), "RT-1", 1000)
    flow(keep, "F1", (number(1), "RT-1", 1, 999))
    newer = flow(keep, "F1", (number(1), "RT-1", 1, 1000), revision=2, published_at=datetime(2026, 11, 24, tzinfo=UTC))
    keep.meets(newer, 1, row)
    keep.credited(newer, keep.movement("1", 1000))
    assert late_psps([pisa.pk], month=NOVEMBER) == []


def test_duplicates_say_what_is_still_to_be_given_back(pisa, keep):
    october = date(2026, 10, 5)
    partly = keep.receipt(number(1), "RT-1", 1000)
    said_twice(keep, partly, 1000, FIRST)
    keep.refund(partly, 400)
    old, done = (keep.receipt(number(place), f"RT-{place}", 700, day=october) for place in (2, 3))
    said_twice(keep, old, 700, october)
    said_twice(keep, done, 700, october)
    keep.refund(done, 700)
    closed = said_twice(keep, keep.receipt(number(4), "RT-4", 300), 300, FIRST)
    Verdict.objects.filter(pk=closed.pk).update(closed_run=keep.run())
    rows = duplicates([pisa.pk], month=NOVEMBER)
    assert [(row.iuv, row.cents, row.refunded, row.left) for row in rows] == [
        (number(2), 700, 0, 700),
        (number(1), 1000, 400, 600),
    ]
    before = duplicates([pisa.pk], month=Month(date(2026, 10, 1), NOVEMBER.today))
    assert {(row.iuv, row.left) for row in before} == {(number(2), 700), (number(3), 0)}


def test_assessments_show_each_month_of_the_year(pisa, keep, actor):
    keep.rule("CANONI", keep.assessment("301"))
    for place, (day, cents) in enumerate([(date(2026, 3, 2), 1000), (FIRST, 200), (date(2026, 12, 1), 50)], start=1):
        keep.position(number(place), ("CANONI", cents))
        keep.receipt(number(place), f"RT-{place}", cents, day=day)
    keep.receipt(number(9), "RT-9", 80)
    books_update(entity=pisa, actor=actor, full=True)
    named, waiting = assessment_year([pisa.pk], month=NOVEMBER)
    assert (named.label, sum(named.months)) == ("301/2026", 1200)
    assert (named.months[2], named.months[10], len(named.months)) == (1000, 200, 11)
    assert (waiting.label, sum(waiting.months)) == ("Da imputare", 80)


def test_the_reports_and_the_books_say_the_same_to_the_cent(pisa, world, actor):
    """Months by assessment, provisionals, duplicates, the end of the year: each is the balance of its accounts."""
    world.rule("CANONI", world.assessment("301"), 700)
    world.rule("CANONI", world.assessment("302"), 300)
    march = date(2026, 3, 2)
    for place, (day, cents) in enumerate([(march, 1001), (SECOND, 333), (date(2026, 12, 1), 50)], start=20):
        world.position(number(place), ("CANONI", cents))
        world.receipt(number(place), f"RT-{place}", cents, day=day)
    partly = world.receipt(number(20), "RT-20-bis", 1001, day=SECOND)
    said_twice(world, partly, 1001, SECOND)
    world.refund(partly, 400)
    world.order("31", date(2026, 11, 16), ("12", 300))
    books_update(entity=pisa, actor=actor, full=True)

    books = balances([pisa.pk], on=NOVEMBER.last)
    said = {row.label: sum(row.months) for row in assessment_year([pisa.pk], month=NOVEMBER)}
    waiting = said.pop("Da imputare")
    assert said == {row.label: row.cents for row in books.assessments} != {}
    assert waiting == books.of(Account.UNALLOCATED) != 0
    assert sum(row.cents for row in open_bands([pisa.pk], month=NOVEMBER)) == books.of(Account.PROVISIONALS) != 0
    assert sum(row.left for row in duplicates([pisa.pk], month=NOVEMBER)) == books.of(Account.DUPLICATES) == 601
    at_the_end = {row.label: row.paid for row in year_end(pisa.pk, year=2026).rows}
    assert at_the_end.pop("Doppi da rimborsare") == 1001
    december = assessment_year([pisa.pk], month=Month(date(2026, 12, 1), date(2026, 12, 31)))
    assert at_the_end == {row.label: sum(row.months) for row in december}


def test_the_reports_ask_the_same_of_the_database_for_more_rows(pisa, world):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            all_sheets([pisa.pk], NOVEMBER)
        return len(queries.captured_queries)

    few = asked()
    for place in range(20, 60):
        row = world.receipt(number(place), f"RT-{place}", 100, psp_id=f"P{place}")
        world.meets(flow(world, f"G{place}", (number(place), f"RT-{place}", 1, 100), psp_id=f"P{place}"), 1, row)
        said_twice(world, row, 100, FIRST)
    assert asked() == few


def _client(entity, role: Role) -> Client:
    user = User.objects.create_user(username=f"prova-{role}-{entity.code}", kind="staff", is_staff=True)
    with scopes_disabled():
        StaffRole.objects.create(entity=entity, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def accountant(pisa, time_machine) -> Client:
    time_machine.move_to(datetime(2026, 11, 25, 9, tzinfo=UTC))
    return _client(pisa, Role.ACCOUNTANT)


def test_the_page_shows_the_five_reports_of_the_month(accountant, world):
    page = accountant.get(reverse(PAGE), {"mese": "2026-11"}).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    for words in (
        "20,00 € da rendicontare; 5,00 € rendicontati senza ricevuta; 10,00 € da accreditare",
        "quadra (9,00 € revocati)", "da 6 a 30 giorni", "Banca lenta", "Euro per giorni", "Doppi da rimborsare",
        "Incassi per accertamento e mese", "<svg",
    ):  # fmt: skip
        assert words in page
    empty = accountant.get(reverse(PAGE), {"mese": "2026-01"}).content.decode()
    assert "Nel periodo non risultano pagamenti." in empty


@pytest.mark.parametrize("month", ["", "2026-13", "1999-01", "novembre", "2026-11-01", "٢٠٢٦-11"])
def test_a_month_that_is_none_is_this_month(accountant, world, month):
    assert "Pagamenti di novembre 2026" in accountant.get(reverse(PAGE), {"mese": month}).content.decode()


def test_a_report_is_a_file_for_spreadsheets_and_who_takes_it_is_written_down(accountant, world):
    answer = accountant.get(reverse(CSV, args=["giorni"]), {"mese": "2026-11"})
    text = answer.content.decode()
    assert answer["Content-Disposition"] == 'attachment; filename="giorni-2026-11.csv"'
    assert text.startswith(f"{BOM}Pagati il;Ricevute;Euro ricevute;")
    assert text.splitlines()[1] == "11/11/2026;4;105,90;4;90,90;80,90;20,00;5,00;10,00;0,00"
    event = Event.objects.get(action="reconciliation.report_downloaded")
    assert event.data == {"report": "giorni", "kind": "csv", "month": "2026-11", "bodies": ["PI"]}
    assert accountant.get(reverse(CSV, args=["inventato"])).status_code == 404


def test_a_figure_below_zero_stays_a_figure_and_other_texts_are_made_harmless():
    assert safe(Figure("-10,00")) == "-10,00"
    assert safe("-10,00") == "'-10,00"


def test_all_the_reports_are_one_document_for_the_file(accountant, world):
    answer = accountant.get(reverse(PDF), {"mese": "2026-11"})
    assert answer["Content-Type"] == "application/pdf"
    assert Event.objects.get(action="reconciliation.report_downloaded").data["report"] == "rapporti"
    words = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages).split())
    assert "Ricevute, rendicontati e accreditati, giorno per giorno" in words
    assert "31-60 oltre" in words  # under the columns of a chart, and nowhere else


def test_a_chart_is_a_picture_by_itself_for_documents(pisa, world):
    drawing = drawing_of(days_sheet([pisa.pk], Month(date(2026, 11, 1), date(2026, 11, 25))))
    assert drawing is not None
    head, _comma, picture = drawing.picture().partition(",")
    drawn = etree.fromstring(b64decode(picture))
    assert head == "data:image/svg+xml;base64"
    assert [each.text for each in drawn.iter("{*}text") if "/" in (each.text or "")] == ["11/11", "12/11"]
    assert len(list(drawn.iter("{*}rect"))) == 6


def test_only_the_accountants_of_a_body_read_its_reports(pisa, livorno, world):
    for role in set(Role) - {Role.ACCOUNTANT}:
        assert _client(pisa, role).get(reverse(PAGE)).status_code in {302, 403}
    other = _client(livorno, Role.ACCOUNTANT)
    for asked in ({"mese": "2026-11"}, {"mese": "2026-11", "ente": "PI"}):
        page = other.get(reverse(PAGE), asked).content.decode()
        assert "Nel periodo non risultano pagamenti." in page
        assert "Banca lenta" not in page


def test_an_accountant_of_two_bodies_reads_them_together_or_one(accountant, livorno, world):
    with scope(entity=livorno):
        BookKeeper(livorno).receipt(number(1), "RT-1", 7700)
    with scopes_disabled():
        StaffRole.objects.create(entity=livorno, user=User.objects.get(), role=Role.ACCOUNTANT)
    texts = {
        body: accountant.get(reverse(CSV, args=["giorni"]), {"mese": "2026-11", "ente": body}).content.decode()
        for body in ("", "LI", "PI")
    }
    assert [texts[body].splitlines()[1].split(";")[2] for body in ("", "LI", "PI")] == ["182,90", "77,00", "105,90"]
    taken = Event.objects.filter(action="reconciliation.report_downloaded").order_by("pk")
    assert [event.data["bodies"] for event in taken] == [["LI", "PI"], ["LI"], ["PI"]]
