"""The codes of the verdicts, the sentences an accountant reads, and when silence becomes a problem."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.reconciliation.domain.explanations import explain
from payments.reconciliation.domain.outcomes import CODES, OWNER_LABELS, Code, Severity, Subject, Tone, tone
from payments.reconciliation.domain.terms import expected_by, late_if_not_after, settlement_window

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@given(DAYS, DAYS)
def test_the_limit_of_lateness_is_the_same_from_both_sides(day, today):
    assert (expected_by(day) <= today) == (day <= late_if_not_after(today))


@pytest.mark.parametrize(
    ("day", "by"),
    [
        (date(2026, 11, 11), date(2026, 11, 16)),  # Wednesday: Thursday, Friday, Monday
        (date(2026, 12, 24), date(2026, 12, 30)),  # Christmas and Santo Stefano do not count
        (date(2026, 11, 15), date(2026, 11, 18)),
    ],
)
def test_working_days_decide_when_a_document_is_late(day, by):
    assert expected_by(day) == by
    assert late_if_not_after(by) >= day > late_if_not_after(by - timedelta(days=1))


@given(DAYS)
def test_a_credit_is_looked_for_around_the_settlement(day):
    first, last = settlement_window(day)
    assert first < day < last
    assert (day - first).days <= 6


FACTS = {
    "iuv": "01000000000004285", "iur": "RT-1", "iuf": "2026-11-12PSP1-1", "psp": "PSP di prova",
    "paid_on": "2026-11-11", "regulation_date": "2026-11-12", "cents": 4590, "expected": 4590, "reported": 4500,
    "declared": 9000, "declared_count": 2, "computed": 4500, "computed_count": 1, "credited": 9100,
    "credits": "12/2026", "trouble": "", "outcome": 9, "first_on": "2026-11-10", "first_iur": "RT-0",
    "first_iuv": "01000000000004184", "due": 5850, "paid": 4590, "cancelled_on": "2026-11-01",
}  # fmt: skip
MOVEMENT = {
    "movement": "12/2026", "booked_on": "2026-11-13", "cents": 4590, "reference": "2026-11-12PSP1-1",
    "remittance": "/PUR/LGPE-RIVERSAMENTO/URI/2", "iuf": "2026-11-12PSP1-1", "iuv": None, "credits": "12/2026",
    "reversed_on": "2026-11-14", "done": 9180,
}  # fmt: skip
JOURNAL = {
    "journal": "GDC-1", "day": "2026-11-13", "before": "2026-11-11", "account": "0001", "opening": 1000,
    "closing": 900, "cents": 100, "count": 3, "missing": "2, 3",
}  # fmt: skip
OF = {Subject.MOVEMENT: MOVEMENT, Subject.JOURNAL: JOURNAL}
CASES = [(code, subject) for code in Code for subject in CODES[code].subjects]


@pytest.mark.parametrize(("code", "subject"), CASES)
def test_every_verdict_is_a_sentence_that_names_a_document(code, subject):
    sentence = explain(code, OF.get(subject, FACTS))
    assert sentence.endswith(".")
    assert any(name in sentence for name in ("RT-1", "2026-11-12PSP1-1", "PSP di prova", "12/2026", "GDC-1"))


@pytest.mark.parametrize("code", Code)
def test_every_code_has_a_name_an_owner_and_a_meaning(code):
    card = CODES[code]
    assert card.title[0].isupper()
    assert OWNER_LABELS[card.owner]
    assert card.sentence.endswith(".")
    assert card.subject in card.subjects
    assert explain(code, {}) == card.sentence


def test_codes_are_told_apart_by_their_names():
    assert len({card.title for card in CODES.values()}) == len(Code)


def test_what_informs_is_no_problem_and_all_the_rest_is():
    assert {code for code in Code if tone(code) is Tone.PROBLEM} == {
        code for code in Code if CODES[code].severity is not Severity.INFO
    }
    assert tone(Code.RECONCILED) is Tone.DONE
    assert {tone(Code.REPORTED), tone(Code.COLLECTED)} == {Tone.WAITING}


def test_a_line_of_a_flow_in_trouble_says_which_trouble():
    sentence = explain(Code.REPORTED, FACTS | {"trouble": "treasury_amount_differs"})
    assert "1,00" in sentence
    assert "in più" in sentence


def test_more_money_than_declared_is_said_as_more():
    sentence = explain(Code.TREASURY_AMOUNT_DIFFERS, FACTS).replace("\N{NO-BREAK SPACE}", " ")
    assert sentence.endswith("91,00 €: 1,00 € in più.")
