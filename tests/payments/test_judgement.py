"""What a receipt means: every oddity, alone."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.judgement import ANOMALY_LABELS, NOT_SETTLING, Anomaly, Due, Paid, Share, judge
from payments.domain.states import State

SHARES = (Share(1, "80000410508", 3200), Share(2, "80000410508", 1600))
DUE = Due(State.PUBLISHED, "01000000000004285", 4800, False, False, date(2026, 11, 30), False, SHARES)
PAID = Paid(True, True, "01000000000004285", 4800, date(2026, 11, 22), SHARES)


def test_a_receipt_that_matches_settles_and_needs_nobody():
    verdict = judge(PAID, DUE)
    assert (verdict.settles, verdict.anomalies) == (True, ())


@pytest.mark.parametrize(
    ("paid", "due", "anomaly"),
    [
        (PAID, None, Anomaly.UNKNOWN_NOTICE),
        (replace(PAID, own_issuer=False), None, Anomaly.OTHER_ISSUER),
        (replace(PAID, own_issuer=False), DUE, Anomaly.OTHER_ISSUER),
        (PAID, replace(DUE, paid=True, state=State.PAID), Anomaly.SECOND_PAYMENT),
        (PAID, replace(DUE, paid=True, state=State.REPORTED), Anomaly.SECOND_PAYMENT),
        (PAID, replace(DUE, sibling_used=True), Anomaly.SIBLING_USED),
        (PAID, replace(DUE, state=State.PAID), Anomaly.SIBLING_USED),
        (PAID, replace(DUE, state=State.CANCELLED), Anomaly.CANCELLED),
        (PAID, replace(DUE, state=State.DRAFT), Anomaly.NOT_PUBLISHED),
        (replace(PAID, outcome_ok=False), DUE, Anomaly.OUTCOME_KO),
        (replace(PAID, cents=4799), DUE, Anomaly.AMOUNT_SHORT),
        (replace(PAID, cents=4801), DUE, Anomaly.AMOUNT_OVER),
        (replace(PAID, iuv="01"), DUE, Anomaly.IUV_DIFFERS),
        (replace(PAID, shares=SHARES[:1]), DUE, Anomaly.TRANSFERS_DIFFER),
        (replace(PAID, on=date(2026, 12, 1)), replace(DUE, refused_after_due=True), Anomaly.LATE),
        (PAID, replace(DUE, withdrawn_on=date(2026, 11, 22)), Anomaly.SINCE_WITHDRAWN),
        (PAID, replace(DUE, withdrawn_on=date(2026, 11, 21)), Anomaly.WITHDRAWN),
        (PAID, replace(DUE, withdrawn_on=date(2026, 11, 22), whole=False), Anomaly.WITHDRAWN),
        (PAID, replace(DUE, withdrawn_on=date(2026, 11, 22), state=State.PARTLY_PAID), Anomaly.WITHDRAWN),
        (PAID, replace(DUE, withdrawn_on=date(2026, 11, 22), sibling_used=True), Anomaly.SIBLING_USED),
        (PAID, replace(DUE, withdrawn_on=date(2026, 11, 22), paid=True), Anomaly.SECOND_PAYMENT),
    ],
)
def test_each_oddity_is_named_and_only_some_keep_the_notice_open(paid, due, anomaly):
    verdict = judge(paid, due)
    assert verdict.anomalies == (anomaly,)
    assert verdict.settles is (anomaly not in NOT_SETTLING)


def test_a_late_payment_is_odd_only_when_the_notice_had_expired():
    assert judge(replace(PAID, on=date(2027, 6, 1)), DUE).anomalies == ()


def test_every_oddity_has_a_sentence_for_the_accountant():
    assert set(ANOMALY_LABELS) == set(Anomaly)


@given(
    st.builds(Paid, st.booleans(), st.booleans(), st.just("x"), st.integers(1, 9), st.dates(), st.just(())),
    st.none()
    | st.builds(
        Due,
        st.sampled_from(State),
        st.just("x"),
        st.integers(1, 9),
        st.booleans(),
        st.booleans(),
        st.none(),
        st.booleans(),
        st.just(()),
    ),
)
def test_no_receipt_is_refused_and_a_settled_notice_is_never_settled_again(paid, due):
    verdict = judge(paid, due)
    if due is None or due.paid or due.state in {State.PAID, State.REPORTED, State.CANCELLED, State.DRAFT}:
        assert not verdict.settles
        assert verdict.anomalies
