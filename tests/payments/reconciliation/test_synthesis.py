"""A made-up year: always the same for a seed, sound where nothing was spoilt, and with every fault it promises."""

from collections import Counter
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scopes_disabled

from payments.models import DebtKind, Instalment, Position, Receipt, ReceiptCase
from payments.reconciliation.domain.creditor_references import references_in
from payments.reconciliation.domain.outcomes import PROBLEMS, Code
from payments.reconciliation.formats.journal_signature import SignatureState, check_signature
from payments.reconciliation.formats.opi_journal import check_pages, read_journal
from payments.reconciliation.formats.reporting_flow_json import read_bundle
from payments.reconciliation.synthesis import layout
from payments.reconciliation.synthesis.loading import load_offices
from payments.reconciliation.synthesis.recipe import Recipe
from payments.reconciliation.synthesis.truth import truth_of
from payments.reconciliation.synthesis.writing_flows import flow_document
from payments.reconciliation.synthesis.writing_journals import journal_document
from payments.reconciliation.synthesis.year import make_year
from portal.billing.models import Charge
from portal.entities.models import Entity

TINY = Recipe(7, 0.001, first=date(2025, 8, 1), minimum=1)


@pytest.fixture(scope="module")
def year():
    return make_year(TINY)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_gives_the_same_bytes(tmp_path, year):
    layout.write_year(TINY, year, tmp_path / "one")
    layout.write_year(TINY, make_year(TINY), tmp_path / "two")
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_another_seed_gives_another_year(year):
    other = Recipe(8, TINY.scale, TINY.first, TINY.last, TINY.minimum)
    assert truth_of(other, make_year(other))["problems"] != truth_of(TINY, year)["problems"]


def test_every_problem_is_planted(year):
    planted = {row["code"] for row in truth_of(TINY, year)["problems"]}
    assert planted >= {code.value for code in PROBLEMS}
    assert planted <= {code.value for code in Code}


def test_some_documents_have_two_faults(year):
    rows = truth_of(TINY, year)["problems"]
    subjects = Counter((row["entity"], row["subject"], tuple(row["key"].values())) for row in rows)
    assert {subject for (_entity, subject, _key), count in subjects.items() if count > 1} >= {"line", "flow", "receipt"}


def test_a_document_is_never_told_the_same_thing_twice(year):
    rows = truth_of(TINY, year)["problems"]
    told = [(row["entity"], row["code"], row["subject"], tuple(row["key"].values())) for row in rows]
    assert len(told) == len(set(told))


def test_the_flows_that_are_not_spoilt_are_sound(year):
    spoilt = {planted.on for planted in year.planted if planted.code == "flow_totals_mismatch"}
    for flow in year.flows:
        assert flow.declared_cents > 0
        if flow.json:
            findings = read_bundle(flow_document(flow)).findings
            assert not findings or flow in spoilt or not flow.current


def test_the_journals_are_signed_and_follow_one_another(year):
    for body in TINY.bodies:
        closing = None
        journals = [journal for journal in year.journals if journal.body is body]
        pages = [(journal, page) for journal in journals for page in range(1, journal.pages + 1)]
        for journal, page in pages:
            written = journal_document(journal, page)
            read = read_journal(written)
            assert read.findings == []
            assert read.layout == body.layout
            assert check_signature(written).state is SignatureState.INTACT
            assert read.totals is not None
            assert closing in (None, read.totals.opening)
            closing = read.totals.closing if page == journal.pages else closing


@pytest.fixture(scope="module")
def folder(tmp_path_factory, year):
    place = tmp_path_factory.mktemp("written") / "year"
    layout.write_year(TINY, year, place)
    return place


def test_some_journals_are_lost(folder, year):
    names = {path.name for body in TINY.bodies for path in layout.evidence(folder, body.fiscal_code)}
    lost = [journal for journal in year.journals if journal.lost]
    assert len(lost) == 4
    assert not any(name.startswith(f"GDC-{lost[0].day:%Y%m%d}-{lost[0].body.code}") for name in names)


def test_some_journals_are_sent_in_pages_and_one_of_a_body_misses_a_page(folder, year):
    in_pages = [journal for journal in year.journals if journal.pages == 2]
    assert [len(journal.arrived) for journal in in_pages].count(1) == len(TINY.bodies)
    assert [len(journal.arrived) for journal in in_pages].count(2) == len(TINY.bodies)
    for journal in in_pages:
        place = folder / journal.body.fiscal_code / layout.EVIDENCE
        found = sorted(place.glob(f"GDC-{journal.day:%Y%m%d}-*"))
        assert [path.stem[-2:] for path in found] == [f"-{page}" for page in journal.arrived]
        pages = [read_journal(journal_document(journal, page)) for page in (1, 2)]
        assert all(page.movements for page in pages)
        assert check_pages(pages) == []


def test_the_office_records_the_credits_of_foreign_plates_that_are_taken_back(folder, year):
    for body in TINY.bodies:
        recorded = list(layout.rows(folder / body.fiscal_code / layout.OUTSIDE))
        mine = [row for row in year.planted if row.code == "outside_taken_back" and row.on.body is body]
        assert sorted(row["movement"]["number"] for row in recorded) == sorted(str(row.on.number) for row in mine)
        assert all(references_in(row.on.text) for row in mine)
    assert year.outside


def test_payments_of_the_last_days_reach_the_treasury_in_the_new_year(year):
    crossed = [flow for flow in year.flows if flow.day.year == 2026 and flow.lines[0].payment.day.year == 2025]
    assert crossed
    assert any(movement.day.year == 2026 for flow in crossed for movement in flow.credits)


def test_two_bodies_have_a_flow_of_the_same_name(year):
    names = Counter((flow.psp.code, flow.iuf) for flow in year.flows if flow.current)
    assert max(names.values()) == 2


def test_money_is_conserved(year):
    for money in truth_of(TINY, year)["money"].values():
        assert money["declared"] == money["credited"] + money["open"]
        assert money["lines"] - money["lines_without_receipt"] - money["revoked"] > 0


def test_stamps_are_in_receipts_and_in_no_flow(year):
    stamped = [payment for payment in year.payments if any(part.is_stamp for part in payment.parts)]
    assert stamped
    assert all(line.iban for payment in stamped for line in payment.lines)


@pytest.mark.parametrize("scale", ["0", "-1"])
def test_a_scale_that_is_no_size_is_refused(db, tmp_path, scale):
    with pytest.raises(CommandError, match="scala"):
        call_command("synth_year", out=tmp_path / "year", scale=float(scale))


def test_a_period_too_short_is_refused(tmp_path):
    arguments = {"first": date(2025, 12, 1), "last": date(2025, 12, 5), "files_only": True}
    with pytest.raises(CommandError, match="troppo breve"):
        call_command("synth_year", out=tmp_path / "year", **arguments)
    assert not (tmp_path / "year").exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CommandError, match="non è vuota"):
        call_command("synth_year", out=tmp_path, files_only=True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_real_data_are_left_alone(livorno, tmp_path):
    with scopes_disabled():
        DebtKind.objects.create(
            entity=livorno, code="TOSAP", description="Canone", taxonomy_code="0101100IM", valid_from=date(2026, 1, 1),
            source="delibera", confirmed_by="Ragioneria",
        )  # fmt: skip
    with pytest.raises(CommandError, match=r"TOSAP.*Ragioneria"):
        call_command("synth_year", out=tmp_path / "year")
    assert not (tmp_path / "year").exists()


def test_production_is_left_alone(db, settings, tmp_path):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="produzione"):
        call_command("synth_year", out=tmp_path / "year")


@pytest.fixture
def loaded(db, tmp_path, year):
    layout.write_year(TINY, year, tmp_path / "year")
    with scopes_disabled():
        load_offices(tmp_path / "year")
        yield tmp_path / "year"


def test_positions_and_receipts_reach_the_database(loaded, year):
    assert Position.objects.count() == len(year.debts)
    assert Receipt.objects.count() == sum(payment.has_receipt for payment in year.payments)
    body = TINY.bodies[0]
    entity = Entity.objects.get(fiscal_code=body.fiscal_code)
    settled = ReceiptCase.objects.filter(entity=entity, settles=True)
    assert Instalment.objects.filter(entity=entity, paid_at__isnull=False).count() == settled.count() > 0
    assert not Instalment.objects.filter(entity=entity, paid_at__isnull=True, receipt_cases__settles=True).exists()
    paid = Position.objects.filter(state="paid").count()
    assert Charge.objects.filter(state="settled", paid_cents__gt=0).count() == paid > 0


def test_loading_again_adds_nothing(loaded):
    before = (Position.objects.count(), Receipt.objects.count(), Charge.objects.count())
    again = load_offices(loaded)
    assert [(body.positions, body.receipts) for body in again] == [(0, 0), (0, 0)]
    assert (Position.objects.count(), Receipt.objects.count(), Charge.objects.count()) == before


def statements(folder: Path, recipe: Recipe) -> int:
    layout.write_year(recipe, make_year(recipe), folder)
    with CaptureQueriesContext(connection) as asked:
        load_offices(folder)
    return len(asked)


def test_loading_asks_for_as_many_statements_whatever_the_rows(loaded, tmp_path):
    small = statements(tmp_path / "small", Recipe(8, 0.001, first=TINY.first, minimum=1))
    assert small == statements(tmp_path / "large", Recipe(9, 0.02, first=TINY.first, minimum=1))


def test_the_command_says_what_it_made(db, tmp_path):
    out = StringIO()
    call_command(
        "synth_year", seed=3, scale=0.001, first=TINY.first, out=tmp_path / "year", files_only=True, stdout=out
    )
    assert "esiti da trovare" in out.getvalue()
    with scopes_disabled():
        assert not Position.objects.exists()
