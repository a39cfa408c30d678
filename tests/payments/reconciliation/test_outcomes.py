"""The sentences an accountant reads, and when silence becomes a problem."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.reconciliation.domain.judged import OUTCOME_LABELS, OUTCOME_TONES, Facts, Outcome, Tone, explain
from payments.reconciliation.domain.terms import expected_by, late_if_not_after

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


def _facts(outcome: Outcome) -> Facts:
    return Facts(
        outcome=outcome,
        receipt_id="RT-1",
        psp="PSP di prova",
        paid_on=date(2026, 11, 11),
        expected_cents=4590,
        reported_cents=4500,
        flows=1,
        iuf="2026-11-12PSP1-1",
        regulation_date=date(2026, 11, 12),
        declared_count=2,
        declared_cents=9000,
        computed_count=1,
        computed_cents=4500,
        credited_cents=9100,
        credits="12/2026",
    )


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_a_name_a_tone_and_a_sentence_that_names_a_document(outcome):
    sentence = explain(_facts(outcome))
    assert OUTCOME_LABELS[outcome]
    assert OUTCOME_TONES[outcome] in set(Tone)
    assert sentence.endswith(".")
    assert any(name in sentence for name in ("RT-1", "2026-11-12PSP1-1", "PSP di prova"))


def test_only_agreement_is_done_and_only_the_two_waits_are_waits():
    done = {outcome for outcome, tone in OUTCOME_TONES.items() if tone is Tone.DONE}
    waiting = {outcome for outcome, tone in OUTCOME_TONES.items() if tone is Tone.WAITING}
    assert done == {Outcome.RECONCILED}
    assert waiting == {Outcome.REPORTED, Outcome.COLLECTED}


def test_more_money_than_declared_is_said_as_more():
    sentence = explain(_facts(Outcome.TREASURY_AMOUNT_DIFFERS)).replace("\N{NO-BREAK SPACE}", " ")
    assert sentence.endswith("91,00 €: 1,00 € in più.")
