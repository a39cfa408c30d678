"""Amounts, terms, plans and references of a fine, with the numbers of the published examples."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from payments.domain.states import Payability, State, payability
from payments.fines.domain.amounts import Sanction, amounts
from payments.fines.domain.figures import Code, Figure, FigureMissing, Law
from payments.fines.domain.plans import PlanRequest, income_limit, most_instalments, obstacles
from payments.fines.domain.references import creditor_reference, in_groups, is_creditor_reference
from payments.fines.domain.terms import terms
from payments.fines.law import law
from portal.kernel.calendar import is_holiday

DAY = date(2026, 3, 10)
days = st.dates(min_value=date(2022, 1, 1), max_value=date(2035, 12, 31))
money = st.integers(min_value=1, max_value=1_000_000)


@pytest.mark.parametrize(
    ("minimum", "maximum", "costs", "discounted", "reduced", "late"),
    [
        (4200, 17300, 1650, 4590, 5850, 10300),
        (8700, 34700, 0, 6090, 8700, 17350),
        (17300, 69400, 1650, 13760, 18950, 36350),
        (4205, 17301, 0, 2944, 4205, 8651),  # halves of a cent go up
    ],
)
def test_the_three_amounts_of_the_published_examples(minimum, maximum, costs, discounted, reduced, late):
    found = amounts(Sanction(minimum, maximum, costs), law=law(), on=DAY)
    assert (found.discounted, found.reduced, found.late) == (discounted, reduced, late)


@given(minimum=money, extra=money, costs=money)
def test_costs_are_never_discounted_and_the_discount_is_on_the_sanction_alone(minimum, extra, costs):
    bare = amounts(Sanction(minimum, minimum + extra, 0), law=law(), on=DAY)
    full = amounts(Sanction(minimum, minimum + extra, costs), law=law(), on=DAY)
    assert bare.discounted is not None
    assert full.discounted == bare.discounted + costs
    assert full.reduced - full.costs == minimum
    assert full.late - full.costs == bare.late
    assert abs(bare.discounted * 10 - minimum * 7) <= 5


def test_a_fine_without_discount_has_one_amount_less():
    assert amounts(Sanction(4200, 17300, 0, discountable=False), law=law(), on=DAY).discounted is None


@pytest.mark.parametrize(
    ("served", "fifth", "sixtieth"),
    [
        (date(2026, 3, 2), date(2026, 3, 7), date(2026, 5, 2)),  # a Saturday is a good day, and 1 May is past
        (date(2025, 12, 20), date(2025, 12, 27), date(2026, 2, 18)),  # 25 and 26 December are holidays
        (date(2025, 7, 1), date(2025, 7, 7), date(2025, 8, 30)),  # 6 July is a Sunday; sixty days are not two months
        (date(2026, 7, 1), date(2026, 7, 6), date(2026, 8, 31)),  # 30 August is a Sunday
        (date(2026, 3, 31), date(2026, 4, 7), date(2026, 5, 30)),  # the 5th is Easter, the 6th Easter Monday
        (date(2026, 8, 10), date(2026, 8, 17), date(2026, 10, 9)),  # 15 August, then a Sunday
        (date(2024, 2, 24), date(2024, 2, 29), date(2024, 4, 24)),  # a leap year
    ],
)
def test_the_fifth_and_the_sixtieth_day_move_when_they_are_holidays(served, fifth, sixtieth):
    found = terms(served, law=law(), on=served)
    assert (found.discounted_until, found.reduced_until) == (fifth, sixtieth)


@given(served=days)
def test_terms_never_end_on_a_holiday_nor_before_their_days(served):
    found = terms(served, law=law(), on=served)
    for until, length in ((found.discounted_until, 5), (found.reduced_until, 60), (found.driver_until, 60)):
        assert not is_holiday(until)
        assert served + timedelta(days=length) <= until <= served + timedelta(days=length + 4)
        assert all(is_holiday(served + timedelta(days=day)) for day in range(length, (until - served).days))


def options(served: date | None, day: int) -> tuple[Payability, Payability]:
    """A and B on the n-th day after the service (or any day, without it)."""
    on = (served or DAY) + timedelta(days=day)
    found = terms(served, law=law(), on=served) if served else None
    usual = {"state": State.PUBLISHED, "on": on, "instalment_paid": False, "sibling_used": False, "valid_from": None}
    return (
        payability(**usual, due_on=found.discounted_until if found else None, refused_after_due=True),
        payability(**usual, due_on=found.reduced_until if found else None, refused_after_due=False),
    )


def test_every_day_of_the_table_of_the_two_options():
    served = date(2026, 3, 2)  # the fifth day is a Saturday, the sixtieth a Saturday as well
    assert {options(None, day) for day in range(200)} == {(Payability.PAYABLE, Payability.PAYABLE)}
    for day in range(200):
        first, second = options(served, day)
        assert first is (Payability.PAYABLE if day <= 5 else Payability.EXPIRED), day
        assert second is Payability.PAYABLE, day


def test_a_holiday_at_the_end_keeps_the_discount_open():
    served = date(2025, 12, 20)
    assert [options(served, day)[0] for day in (5, 6, 7, 8)] == [Payability.PAYABLE] * 3 + [Payability.EXPIRED]


def test_the_figures_say_where_they_come_from_and_unconfirmed_ones_do_not_answer():
    assert all(row.source and row.mark in {"V", "M"} for row in law().figures)
    assert all(row.confirmed_by for row in law().figures if row.mark == "V")
    shown = {row.code for row in law().figures if row.mark == "M" and row.confirmed_by}
    assert shown == {Code.PLAN_COUNTS_COSTS, Code.PLAN_INTEREST_BASIS_POINTS}
    assert {row.code for row in law().figures} == set(Code)
    with pytest.raises(FigureMissing):
        law().figure(Code.APPEAL_JUDGE_DAYS, on=DAY)
    with pytest.raises(FigureMissing):
        law().figure(Code.DISCOUNT_PERCENT, on=date(2021, 12, 31))


def test_a_later_row_takes_the_place_of_an_earlier_one_from_its_day():
    rows = [
        Figure(Code.DISCOUNT_DAYS, value, "giorni", start, "prova", "V", "prova")
        for value, start in ((5, date(2022, 1, 1)), (7, date(2027, 1, 1)))
    ]
    assert Law(rows).figure(Code.DISCOUNT_DAYS, on=date(2026, 12, 31)) == 5
    assert Law(rows).figure(Code.DISCOUNT_DAYS, on=date(2027, 1, 1)) == 7


@pytest.mark.parametrize(
    ("cents", "most"),
    [(19999, 0), (20000, 0), (20001, 2), (100000, 10), (200000, 12), (200001, 20), (500000, 24), (500001, 50),
     (600000, 60), (9_000_000, 60)],
)  # fmt: skip
def test_instalments_grow_with_the_amount_and_none_is_below_the_least(cents, most):
    assert most_instalments(cents, law=law(), on=DAY) == most


def test_a_plan_is_granted_within_the_income_and_the_thirty_days():
    asked = PlanRequest(40000, 4, 1_000_000, 0, DAY, DAY + timedelta(days=30))
    assert obstacles(asked, law=law(), on=DAY) == []
    assert income_limit(2, law=law(), on=DAY) == 1062816 + 2 * 103291


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cents": 20000}, "soglia"),
        ({"count": 1}, "da 2 a 4"),
        ({"count": 5}, "da 2 a 4"),
        ({"income_cents": 1062817}, "reddito"),
        ({"asked_on": DAY + timedelta(days=31)}, "passato"),
        ({"asked_on": DAY - timedelta(days=1)}, "precedente"),
        ({"served_on": None}, "notifica"),
    ],
)
def test_a_plan_that_the_law_does_not_allow_is_explained(change, words):
    values = {"cents": 40000, "count": 4, "income_cents": 0, "relatives": 0, "served_on": DAY, "asked_on": DAY}
    found = obstacles(PlanRequest(**{**values, **change}), law=law(), on=DAY)
    assert len(found) == 1
    assert words in found[0]


@given(act=st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=21))
def test_references_are_right_for_whoever_checks_them(act):
    reference = creditor_reference(act)
    assert iso11649.is_valid(reference)
    assert is_creditor_reference(in_groups(reference))


@given(act=st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=20), data=st.data())
def test_a_reference_with_one_wrong_character_is_noticed(act, data):
    reference = creditor_reference(act)
    place = data.draw(st.integers(min_value=2, max_value=len(reference) - 1))
    other = data.draw(st.sampled_from([c for c in "0123456789" if c != reference[place]]))
    changed = reference[:place] + other + reference[place + 1 :]
    assert is_creditor_reference(changed) is iso11649.is_valid(changed)
    if reference[place].isdigit():
        assert not is_creditor_reference(changed)


@pytest.mark.parametrize("act", ["", "///", "A" * 22, "àé"])
def test_a_reference_cannot_be_made_of_nothing_or_of_too_much(act):
    with pytest.raises(ValueError):
        creditor_reference(act)


@pytest.mark.parametrize("text", ["", "RF", "RF12", "FR18539007547034", "RF18 5390 0754 7035", "RF1853900754703é"])
def test_what_is_not_a_reference_is_not_taken_for_one(text):
    assert not is_creditor_reference(text)
