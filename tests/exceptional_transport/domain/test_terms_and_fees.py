"""How long a permit lasts, and what it costs."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exceptional_transport.domain import fees
from exceptional_transport.domain.terms import (
    PermitKind,
    add_months,
    check_period,
    is_short_notice,
    longest_validity,
    trips_of,
)
from portal.kernel.errors import DomainError
from tests.exceptional_transport.domain.vectors import DAY, figures

TABLE = fees.WearTable("prova", Decimal("1.977"), {50000: Decimal("0.37"), 80000: Decimal("0.90")})


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_one(start: date, months: int, end: date):
    assert add_months(start, months) == end


@pytest.mark.parametrize(("kind", "months"), [("single", 3), ("multiple", 6), ("periodic", 12)])
def test_each_type_has_its_longest_validity(kind: str, months: int):
    last = longest_validity(PermitKind(kind), start=DAY, figures=figures())
    assert last == add_months(DAY, months)
    check_period(PermitKind(kind), start=DAY, end=last, today=DAY, figures=figures())
    with pytest.raises(DomainError) as too_long:
        check_period(PermitKind(kind), start=DAY, end=last + timedelta(days=1), today=DAY, figures=figures())
    assert too_long.value.code == "period_too_long"


def test_notice_is_short_below_fifteen_days():
    assert is_short_notice(start=DAY + timedelta(days=14), today=DAY, figures=figures())
    assert not is_short_notice(start=DAY + timedelta(days=15), today=DAY, figures=figures())


def test_trips_depend_on_the_type():
    assert trips_of(PermitKind.SINGLE, 9) == 1
    assert trips_of(PermitKind.PERIODIC, 9) is None
    assert trips_of(PermitKind.MULTIPLE, 9) == 9
    for wrong in (None, 0, 1):
        with pytest.raises(DomainError):
            trips_of(PermitKind.MULTIPLE, wrong)


def test_w1_conventional_amounts_are_revalued():
    assert fees.conventional_cents(base=Decimal(100), multiplier=Decimal("2.075")) == 20750


def test_w3_analytic_amounts_are_rounded_once():
    cents = fees.analytic_cents(unit=Decimal("0.37"), metres=64250, trips=2, multiplier=Decimal("1.977"))
    assert cents == 9400


def test_w6_a_sum_is_shared_to_the_cent():
    assert fees.split_cents(10000, {"PI": 1, "FI": 1, "LI": 1}) == {"FI": 3334, "LI": 3333, "PI": 3333}


@given(st.integers(0, 10**8), st.dictionaries(st.text(min_size=1), st.integers(1, 10**6), min_size=1, max_size=6))
def test_shares_always_sum_to_the_total(total: int, weights: dict[str, int]):
    shares = fees.split_cents(total, weights)
    assert sum(shares.values()) == total
    whole = sum(weights.values())
    assert all(0 <= shares[code] - total * weight // whole <= 1 for code, weight in weights.items())


@pytest.mark.parametrize("kind", PermitKind)
def test_w9_without_an_approved_table_there_is_no_amount(kind: PermitKind):
    with pytest.raises(DomainError) as blocked:
        fees.wear_item(kind=kind, mass_kg=72000, metres=10000, trips=1, table=None)
    assert blocked.value.code == "wear_table_missing"
    assert "manca una tabella approvata" in blocked.value.message


def test_with_a_table_the_bracket_of_the_mass_is_used():
    single = fees.wear_item(kind=PermitKind.SINGLE, mass_kg=50000, metres=64250, trips=2, table=TABLE)
    assert single.cents == 9400
    periodic = fees.wear_item(kind=PermitKind.PERIODIC, mass_kg=50001, metres=1, trips=None, table=TABLE)
    assert periodic.cents == 178
    with pytest.raises(DomainError) as uncovered:
        fees.wear_item(kind=PermitKind.SINGLE, mass_kg=80001, metres=1, trips=1, table=TABLE)
    assert uncovered.value.code == "wear_mass_uncovered"


def rate(code: str, cents: int, start: date, end: date | None = None, by: str = "prova") -> fees.Rate:
    return fees.Rate(code, cents, start, end, "prova", by)


def test_the_rate_in_force_is_the_newest_confirmed():
    rows = [rate("a", 1, date(2020, 1, 1)), rate("a", 2, date(2026, 1, 1))]
    assert fees.rate_on(rows, "a", on=DAY).cents == 2
    assert fees.rate_on(rows, "a", on=date(2025, 12, 31)).cents == 1


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "rate_missing"),
        ([rate("a", 1, DAY + timedelta(days=1))], "rate_missing"),
        ([rate("a", 1, date(2020, 1, 1), DAY - timedelta(days=1))], "rate_missing"),
        ([rate("a", 1, date(2020, 1, 1), by="")], "rate_unconfirmed"),
        ([rate("a", 1, date(2020, 1, 1)), rate("a", 2, DAY, by="")], "rate_unconfirmed"),
    ],
)
def test_a_rate_missing_or_unconfirmed_blocks(rows: list[fees.Rate], code: str):
    with pytest.raises(DomainError) as blocked:
        fees.rate_on(rows, "a", on=DAY)
    assert blocked.value.code == code
