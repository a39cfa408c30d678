"""How payments go: what counts as issued, paid, overdue; who sees it; the drawings and the file."""

import re
from datetime import date, datetime

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from payments.domain import charts
from payments.domain.spreadsheet import BOM, line, safe
from payments.models import DebtKind, Instalment, Position
from payments.selectors_dashboard import Period, dashboard, overdue_positions
from payments.services.positions import position_suspend
from portal import clock
from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.billing.services import cancel_charge
from portal.billing.socket import ChargeLineDraft, PlannedInstalment
from portal.entities.models import Role
from tests.factories.platform import make_staff
from tests.payments.node_messages import PlainClient, Receipt, post, send

pytestmark = pytest.mark.usefixtures("every_entity")
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
WEAR = (ChargeLineDraft("usura", "Usura", 9000, "TE_USURA"),)


def desk(entity, role=Role.ACCOUNTANT):
    client = PlainClient()
    client.force_login(make_staff(entity, role))
    return client


def url(name="dashboard"):
    return reverse(f"admin:payments_{name}")


def read(entity, *, today=date(2026, 11, 22), period=YEAR):
    return dashboard(entity_ids=[entity.pk], period=period, today=today)


def figures(tally):
    return tally.number, tally.cents


def test_issued_paid_and_overdue_by_kind(pisa, charged):
    charged(pisa, source="case:1", due_on=date(2026, 6, 30))
    charged(pisa, source="case:2", due_on=date(2027, 6, 30))
    wear = charged(pisa, source="case:3", lines=WEAR, due_on=date(2026, 6, 30))
    shares = ((1, "90.00", "80000410508", "IT60X0542811101000000123456"),)
    post(send(Receipt(wear.nav, amount="90.00", transfers=shares)))
    found = read(pisa)
    assert [(row.label, figures(row.issued), figures(row.paid), figures(row.overdue)) for row in found.kinds] == [
        ("Imposta di bollo assolta in modo virtuale", (2, 9600), (0, 0), (1, 4800)),
        ("Trasporti eccezionali - indennizzo per maggiore usura", (1, 9000), (1, 9000), (0, 0)),
    ]
    assert figures(found.total.issued) == (3, 18600)
    assert [(row.label, figures(row.paid)) for row in found.channels] == [("PSP di prova · canale", (1, 9000))]
    months = {month: (figures(row.issued), figures(row.paid)) for month, row in found.months}
    assert len(months) == 12
    assert months[date(2026, 11, 1)][1] == (1, 9000)


def test_the_versions_of_a_kind_are_one_line(pisa, charged):
    charged(pisa, source="case:1")
    kind = DebtKind.objects.get(code="TE_BOLLO")
    DebtKind.objects.filter(pk=kind.pk).update(valid_until=date(2026, 1, 2))
    DebtKind.objects.create(
        entity=pisa, code="TE_BOLLO", description="Bollo", taxonomy_code="DEMO02TS", valid_from=date(2026, 1, 3),
        source="prova", confirmed_by="prova",
    )  # fmt: skip
    charged(pisa, source="case:2")
    assert [figures(row.issued) for row in read(pisa).kinds] == [(2, 9600)]


def test_a_second_payment_is_not_income_of_the_period_twice(notice, pisa):
    post(send(Receipt(notice.nav)))
    post(send(Receipt(notice.nav, receipt_id="b" * 32)))
    assert figures(read(pisa).total.paid) == (1, 4800)


def test_days_begin_at_midnight_in_rome(pisa, notice):
    Position.objects.update(created_at=datetime(2026, 3, 1, 0, 30, tzinfo=clock.ROME))
    assert read(pisa, period=Period(date(2026, 2, 1), date(2026, 2, 28))).total.issued.number == 0
    found = read(pisa, period=Period(date(2026, 3, 1), date(2026, 3, 1)))
    assert found.total.issued.number == 1
    assert [(month, row.issued.number) for month, row in found.months] == [(date(2026, 3, 1), 1)]


def late(on):
    return {row.pk: row.late_cents for row in overdue_positions(Position.objects.all(), on=on)}


def test_the_due_day_is_still_in_time(notice):
    assert late(date(2027, 6, 30)) == {}
    assert late(date(2027, 7, 1)) == {notice.option.position_id: 4800}


@pytest.fixture
def planned(pisa, charged_many):
    charge = charged_many(
        pisa,
        due_on=date(2027, 6, 30),
        plan=(PlannedInstalment(2400, date(2027, 3, 31)), PlannedInstalment(2400, date(2027, 6, 30))),
    )
    return Position.objects.get(charge=charge)


def test_a_plan_not_begun_is_late_only_when_every_way_is(planned):
    assert late(date(2027, 4, 1)) == {}
    assert late(date(2027, 7, 1)) == {planned.pk: 4800}


def test_a_plan_begun_is_late_for_its_own_instalments(planned):
    first = Instalment.objects.get(option__position=planned, option__kind="plan", number=1)
    shares = ((1, "24.00", "80000410508", "IT60X0542811101000000123456"),)
    post(send(Receipt(first.nav, amount="24.00", transfers=shares)))
    assert late(date(2027, 4, 1)) == {}
    assert late(date(2027, 7, 1)) == {planned.pk: 2400}


def test_without_due_date_nothing_is_ever_late(pisa, charged):
    charged(pisa, due_on=None)
    assert late(date(2040, 1, 1)) == {}


def test_suspended_cancelled_and_paid_positions_are_never_late(pisa, charged):
    rows = [charged(pisa, source=f"case:{number}") for number in range(3)]
    position_suspend(position_id=rows[0].option.position_id, reason="Ricorso", actor=Actor("P"))
    cancel_charge(charge_id=rows[1].option.position.charge_id, actor=Actor("P"))
    post(send(Receipt(rows[2].nav)))
    assert late(date(2040, 1, 1)) == {}


def test_the_page_shows_figures_and_drawings_of_the_own_body(pisa, firenze, charged):
    charged(firenze, source="case:9", lines=WEAR)
    paid = charged(pisa)
    post(send(Receipt(paid.nav)))
    page = desk(pisa).get(url())
    text = page.content.decode()
    assert page.status_code == 200
    assert "48,00" in text
    assert "90,00" not in text
    assert "maggiore usura" not in text
    drawings = re.findall(r"<svg role.*?</svg>", text, re.S)
    assert len(drawings) == 3
    for drawing in drawings:
        tree = etree.fromstring(drawing)
        assert tree.get("role") == "img"
        assert tree.findtext("title")
        assert tree.findtext("desc")
        assert not [node for node in tree.iter() if node.get("style") or node.get("onclick")]
        assert all(re.fullmatch(r"\d+", node.get(name)) for node in tree.iter("rect") for name in ("x", "y", "width"))


def test_an_empty_period_says_so(pisa):
    text = desk(pisa).get(url(), {"dal": "2025-01-01", "al": "2025-12-31"}).content.decode()
    assert "non è stata emessa" in text
    assert "<svg role" not in text


@pytest.mark.parametrize(
    "asked",
    [
        {"dal": "2026-12-31", "al": "2026-01-01"}, {"dal": "ieri", "al": "oggi"}, {"dal": "2026-02-30", "al": ""},
        {"dal": "1900-01-01", "al": "2026-01-01"}, {"dal": "2026-01-01' OR 1=1", "al": "2026-01-01"},
        {"dal": "0000-00-00", "al": "9999-99-99"}, {"dal": "", "al": ""},
    ],
)  # fmt: skip
def test_a_wrong_period_is_told_and_the_page_stays(pisa, asked):
    page = desk(pisa).get(url(), asked)
    assert page.status_code == 422
    assert "error-summary" in page.content.decode()
    assert desk(pisa).get(url("dashboard_csv"), asked).status_code == 200


def test_who_works_for_two_bodies_may_look_at_one(pisa, firenze, charged):
    charged(pisa), charged(firenze, source="case:9", lines=WEAR)
    user = make_staff(pisa, Role.ACCOUNTANT)
    user.staff_roles.create(entity=firenze, role=Role.ACCOUNTANT)
    client = PlainClient()
    client.force_login(user)
    both = client.get(url())
    assert figures(both.context["found"].total.issued) == (2, 13800)
    year = clock.today().year
    asked = {"dal": f"{year}-01-01", "al": f"{year}-12-31"}
    one = client.get(url(), asked | {"ente": "FI"})
    assert figures(one.context["found"].total.issued) == (1, 9000)
    assert client.get(url(), asked | {"ente": "XX"}).status_code == 422


def test_officers_and_strangers_see_no_figures(pisa, notice):
    for name in ("dashboard", "dashboard_csv"):
        assert desk(pisa, Role.OFFICER).get(url(name)).status_code == 403
        assert PlainClient().get(url(name)).status_code == 302


def test_the_queries_do_not_grow_with_the_rows(pisa, charged, django_assert_max_num_queries):
    client, counts = desk(pisa), []
    for number in range(3):
        notice = charged(pisa, source=f"case:{number}")
        post(send(Receipt(notice.nav, receipt_id=str(number) * 32)))
        with django_assert_max_num_queries(20) as queries:
            client.get(url())
        counts.append(len(queries))
    assert counts[0] == counts[-1]


def test_the_file_opens_in_a_spreadsheet(pisa, notice):
    Charge.objects.update(amount_cents=123456789)
    response = desk(pisa).get(url("dashboard_csv"))
    text = b"".join(response.streaming_content).decode()
    assert text.startswith(BOM)
    assert response.headers["Content-Type"].startswith("text/csv")
    rows = text.lstrip(BOM).split("\r\n")
    assert rows[0].startswith("sezione;voce;")
    assert "1234567,89" in rows[1]
    assert rows[-2].startswith("totale;")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "＝1"])
def test_no_cell_is_taken_for_a_formula(text):
    assert safe(text).startswith("'")
    assert line([text]).lstrip('"').startswith("'")


def test_cells_with_separators_and_quotes_stay_one_cell():
    assert line(['a;b "c"', None, 12]) == '"a;b ""c""";;12\r\n'


@given(st.integers(0, 10**15))
def test_the_top_of_an_axis_is_round_and_never_below(value):
    top = charts.ceiling(value)
    assert value <= top <= max(1, value * 3)
    assert str(top).rstrip("0") in {"1", "2", "5"}


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=37))
def test_columns_stay_in_the_drawing(values):
    chart = charts.columns([str(n) for n in values], [("a", values), ("b", values[::-1])], say=str)
    for mark in chart.marks:
        assert 0 <= mark.x <= mark.x + mark.width <= chart.width
        assert 0 <= mark.y <= mark.y + mark.height <= chart.height


@given(st.lists(st.tuples(st.text(max_size=80), st.integers(0, 10**12)), max_size=40))
def test_bars_stay_in_the_drawing_and_lose_no_money(rows):
    chart = charts.bars(rows, say=str, rest="altri")
    assert len(chart.marks) <= charts.SHOWN
    assert sum(int(value.text) for value in chart.values) == sum(value for _label, value in rows)
    for mark in chart.marks:
        assert mark.x + mark.width <= chart.width
        assert mark.y + mark.height <= chart.height
    assert all(len(word.text) <= charts.LETTERS for word in chart.words)
