"""What a run says of each document: every code, and what is no anomaly."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django_scopes import scope

from payments.models import DatedAmount, ReceiptTransfer
from payments.reconciliation.domain.explanations import explain
from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.models import Verdict
from payments.reconciliation.services.flows import ingest_flow
from payments.reconciliation.services.matching import reconcile
from tests.payments.reconciliation.books import ACTOR
from tests.payments.reconciliation.builders import DAY, IUF, REMITTANCE, credit, flow_bundle, line, receipt
from tests.payments.reconciliation.debts import numbered

UNKNOWN, IUR = "01000000000004285", "RT-0001"
OTHER_IUF = "2026-11-12BPPIITRRXXX-999"
EARLY = datetime(2026, 11, 9, 10, tzinfo=UTC)


def paid(kept, notice, iur=IUR, **changes):
    return receipt(kept.entity, notice.iuv, iur, changes.pop("cents", 4800), nav=notice.nav, **changes)


def another_option(notice, **changes):
    """A second number for the same debt."""
    return numbered(notice.option.position, **changes)


def share(row, seq, cents, code, *, stamp=False):
    ReceiptTransfer.objects.create(
        entity=row.entity, receipt=row, seq=seq, beneficiary_fiscal_code=code, amount_cents=cents, is_stamp=stamp,
        category="9/0000000AA/", remittance="prova",
    )  # fmt: skip


def test_a_payment_in_order_has_one_verdict_a_document(kept, owed):
    notice = owed()
    paid(kept, notice)
    kept.flow([line(notice.iuv, IUR, 4800)])
    kept.journal([credit(4800)])
    run = kept.run()
    assert kept.said() == {
        ("line", "reconciled"), ("flow", "reconciled"), ("movement", "reconciled"), ("movement", "treasury_not_pagopa"),
    }  # fmt: skip
    assert kept.standing(Code.RECONCILED)[1].key == f"BPPIITRRXXX|{IUF}|1|1|{notice.iuv}|{IUR}|1"
    assert len(run.hash) == 64


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("EXECUTED", "flow_without_receipt"),
        ("STAND_IN", "flow_without_receipt"),
        ("STAND_IN_NO_RPT", "paid_without_receipt"),
        ("NO_RPT", "paid_without_receipt"),
    ],
)
def test_a_line_without_receipt_says_whether_one_was_to_come(kept, owed, status, code):
    kept.flow([line(owed().iuv, IUR, 4800, status=status)])
    kept.run()
    assert kept.of_payments() == {("line", code)}


@pytest.mark.parametrize("status", ["STAND_IN", "STAND_IN_NO_RPT", "NO_RPT"])
def test_a_receipt_that_came_after_all_leaves_nothing_to_say(kept, owed, status):
    notice = owed()
    paid(kept, notice)
    kept.flow([line(notice.iuv, IUR, 4800, status=status)])
    kept.run()
    assert kept.of_payments() == {("line", "reported")}


def test_money_for_a_number_nobody_issued_has_no_position(kept, owed):
    segregation = owed().iuv[:2]
    iuv = f"{segregation}999999999999999"
    receipt(kept.entity, iuv, IUR, 1000)
    kept.flow([line(f"{segregation}888888888888888", "RT-2", 500)])
    kept.run()
    assert {(row.subject, row.cents) for row in kept.standing(Code.NO_POSITION)} == {("receipt", 1000), ("line", 500)}


def test_a_number_of_another_intermediary_is_followed_there_and_here_says_nothing_else(kept, owed):
    owed()
    kept.flow([line("45000000000004285", IUR, 1000, status="NO_RPT")])
    kept.run()
    assert kept.of_payments() == {("line", "other_intermediary")}


def test_a_share_of_the_notice_of_another_body_is_no_anomaly(kept, owed):
    notice = owed()
    paid(kept, notice, issuer_fiscal_code="00000000000", cents=1000)
    kept.flow([line(notice.iuv, IUR, 1000)])
    kept.run()
    assert kept.of_payments() == {("line", "reported")}


def test_stamps_pass_through_no_flow_and_are_no_anomaly(kept, owed):
    notice = owed(cents=6400)
    row = paid(kept, notice, amount_cents=6400)
    share(row, 2, 1600, kept.entity.fiscal_code, stamp=True)
    kept.flow([line(notice.iuv, IUR, 4800)])
    kept.run()
    assert kept.of_payments() == {("line", "reported")}


def test_the_second_payment_of_a_notice_is_a_duplicate_wherever_it_is_seen(kept, owed):
    notice = owed()
    paid(kept, notice, "RT-1", paid_at=EARLY)
    paid(kept, notice, "RT-2", paid_at=EARLY + timedelta(hours=1))
    kept.flow([line(notice.iuv, "RT-1", 4800), line(notice.iuv, "RT-3", 4800, seq=2)])
    kept.run()
    found = {(row.subject, row.facts["iur"]) for row in kept.standing(Code.DUPLICATE_PAYMENT)}
    assert found == {("receipt", "RT-2"), ("line", "RT-3")}


def test_a_payment_of_two_transfers_is_one_duplicate_of_its_whole_amount(kept, owed):
    notice = owed()
    paid(kept, notice, "RT-1", paid_at=EARLY)
    again = paid(kept, notice, "RT-2", cents=3000, amount_cents=4800)
    share(again, 2, 1800, kept.entity.fiscal_code)
    kept.flow([line(notice.iuv, "RT-2", 3000), line(notice.iuv, "RT-2", 1800, seq=2, transfer=2)])
    kept.run()
    (row,) = kept.standing(Code.DUPLICATE_PAYMENT)
    assert (row.line.transfer, row.cents) == (1, 4800)


def test_a_revoked_payment_was_never_made(kept, owed):
    notice = owed()
    paid(kept, notice, "RT-1", paid_at=EARLY)
    paid(kept, notice, "RT-2")
    kept.flow([line(notice.iuv, "RT-1", 4800), line(notice.iuv, "RT-2", 4800, seq=2)])
    kept.flow([line(notice.iuv, "RT-1", 4800, status="REVOKED")], fdr=OTHER_IUF, regulation="TRN-ALTRO-001")
    kept.run()
    assert not kept.standing(Code.DUPLICATE_PAYMENT, Code.RECEIPT_AMOUNT_DIFFERS)
    assert [row.cents for row in kept.standing(Code.REVOKED)] == [-4800]


def test_another_number_of_the_same_debt_is_a_duplicate_on_the_act(kept, owed):
    notice = owed()
    paid(kept, notice, "RT-1", paid_at=EARLY)
    receipt(kept.entity, another_option(notice).iuv, "RT-2", 4800)
    kept.run()
    (row,) = kept.standing(Code.DUPLICATE_ON_ACT)
    assert row.facts["first_iuv"] == notice.iuv
    assert not kept.standing(Code.DUPLICATE_PAYMENT, Code.NO_POSITION)


def test_who_leaves_a_plan_half_paid_and_pays_the_whole_is_told_apart_from_who_pays_twice(kept, owed):
    notice = owed()
    first = another_option(notice, kind="plan", cents=1600)
    numbered(notice.option.position, option=first.option, cents=3200)
    receipt(kept.entity, first.iuv, "RT-1", 1600, paid_at=EARLY)
    paid(kept, notice, "RT-2")
    kept.run()
    (row,) = kept.standing(Code.DUPLICATE_ON_ACT)
    said = explain(Code.DUPLICATE_ON_ACT, row.facts).replace("\N{NO-BREAK SPACE}", " ")
    assert "a rate 16,00 €" in said
    assert "guarda quanto è davvero in più" in said


def test_the_whole_paid_after_a_plan_paid_to_its_end_is_all_too_much(kept, owed):
    notice = owed()
    first = another_option(notice, kind="plan", cents=1600)
    second = numbered(notice.option.position, option=first.option, cents=3200)
    receipt(kept.entity, first.iuv, "RT-1", 1600, paid_at=EARLY)
    receipt(kept.entity, second.iuv, "RT-2", 3200, paid_at=EARLY)
    paid(kept, notice, "RT-3")
    kept.run()
    (row,) = kept.standing(Code.DUPLICATE_ON_ACT)
    assert "era già stato pagato" in explain(Code.DUPLICATE_ON_ACT, row.facts)


def test_instalments_of_one_plan_are_no_duplicates(kept, owed):
    notice = owed()
    first = another_option(notice, kind="plan", cents=2400)
    second = numbered(notice.option.position, option=first.option, cents=2400)
    receipt(kept.entity, first.iuv, "RT-1", 2400, paid_at=EARLY)
    receipt(kept.entity, second.iuv, "RT-2", 2400)
    kept.run()
    assert kept.of_payments() == {("receipt", "receipt_without_flow")}


def test_less_than_was_due_on_the_day_of_the_payment_is_told_with_what_is_missing(kept, owed):
    notice = owed()
    DatedAmount.objects.create(
        entity=kept.entity, instalment=notice, valid_from=DAY - timedelta(1), cents=6000, rule="x"
    )
    paid(kept, notice)
    kept.run()
    (row,) = kept.standing(Code.PAID_LESS_THAN_DUE)
    assert (row.cents, row.facts["due"], row.facts["paid"]) == (1200, 6000, 4800)


def test_the_day_before_the_amount_rose_nothing_is_missing(kept, owed):
    notice = owed()
    DatedAmount.objects.create(entity=kept.entity, instalment=notice, valid_from=DAY, cents=6000, rule="x")
    paid(kept, notice)
    kept.run()
    assert not kept.standing(Code.PAID_LESS_THAN_DUE)


def test_a_discount_paid_after_its_day_is_less_than_due(kept, owed):
    notice = owed()
    notice.option.refused_after_due = True
    notice.option.save()
    notice.due_on = DAY - timedelta(2)
    notice.save()
    another_option(notice, cents=6060)
    paid(kept, notice)
    kept.run()
    assert [row.cents for row in kept.standing(Code.PAID_LESS_THAN_DUE)] == [1260]


def test_the_cost_of_the_notification_is_expected_with_the_amount(kept, owed):
    first, second = owed(), owed()
    paid(kept, first, "RT-1", cents=4800 + 950, metadata={"NOTIFICATION_FEE": "950"})
    paid(kept, second, "RT-2", cents=4800, metadata={"NOTIFICATION_FEE": "950"})
    kept.run()
    assert [(row.facts["iur"], row.cents) for row in kept.standing(Code.PAID_LESS_THAN_DUE)] == [("RT-2", 950)]


def test_a_payment_after_the_cancellation_is_told(kept, owed):
    before, after = owed(), owed()
    for notice in (before, after):
        notice.option.position.state = "cancelled"
        notice.option.position.cancelled_at = EARLY
        notice.option.position.save()
    paid(kept, before, "RT-1", paid_at=EARLY - timedelta(minutes=1))
    paid(kept, after, "RT-2")
    kept.run()
    assert [row.facts["iur"] for row in kept.standing(Code.PAID_AFTER_CANCEL)] == ["RT-2"]


def test_a_line_of_another_amount_says_both(kept, owed):
    notice = owed()
    row = paid(kept, notice, cents=3000, amount_cents=4800)
    share(row, 2, 1800, kept.entity.fiscal_code)
    kept.flow([line(notice.iuv, IUR, 3000), line(notice.iuv, IUR, 1700, seq=2, transfer=2)])
    kept.run()
    (found,) = kept.standing(Code.RECEIPT_AMOUNT_DIFFERS)
    assert (found.line.transfer, found.facts["expected"], found.facts["reported"]) == (2, 1800, 1700)


def test_a_part_of_a_receipt_that_no_flow_reports_still_waits(kept, owed):
    notice = owed()
    row = paid(kept, notice, cents=3000, amount_cents=4800)
    share(row, 2, 1800, kept.entity.fiscal_code)
    kept.flow([line(notice.iuv, IUR, 3000)])
    kept.run()
    (found,) = kept.standing(Code.RECEIPT_WITHOUT_FLOW)
    assert (found.receipt_id, found.cents) == (row.pk, 1800)


def test_a_flow_may_have_two_faults_and_its_good_lines_go_on(kept, owed):
    notice = owed()
    paid(kept, notice)
    kept.flow([line(notice.iuv, IUR, 4800)], cents=9999)
    kept.journal([credit(4800)])
    kept.run()
    assert {code for subject, code in kept.said() if subject == "flow"} == {
        "reported", "flow_totals_mismatch", "treasury_amount_differs",
    }  # fmt: skip
    assert kept.of_payments() == {("line", "reported")}
    assert [row.cents for row in kept.standing(Code.TREASURY_AMOUNT_DIFFERS)] == [4800 - 9999]


def test_a_credit_that_names_an_unknown_flow_waits_and_then_is_told(kept):
    kept.on(date(2026, 11, 13))
    kept.journal([credit(4800)])
    kept.run()
    assert not kept.standing(Code.TREASURY_WITHOUT_FLOW)
    kept.on(date(2026, 11, 18))
    kept.run()
    (row,) = kept.standing(Code.TREASURY_WITHOUT_FLOW)
    assert row.facts["reference"] == IUF


def test_a_cut_text_that_nothing_explains_is_unreadable(kept):
    kept.journal([credit(4800, "/PUR/LGPE-RIVERSAMENTO/URI/2")])
    kept.run()
    assert ("movement", "remittance_unreadable") in kept.said()


def test_a_provisional_covered_by_a_collection_order_is_regularised_until_the_order_is_taken_back(kept):
    def cover(operation):
        def change(root):
            account = root.find("informazioni_conto_evidenza")
            order = account.find("movimento_conto_evidenza").__copy__()
            order.find("tipo_operazione").text = operation
            order.find("numero_movimento").text = "77"
            account.find("movimento_conto_evidenza").addnext(order)

        return change

    kept.flow([line(UNKNOWN, IUR, 4800)])
    kept.journal([credit(4800)], change=cover("REGOLARIZZATO"))
    kept.run()
    (row,) = kept.standing(Code.ALREADY_REGULARISED)
    assert row.facts["movement"].startswith("1/")


def test_a_journal_that_does_not_begin_where_the_last_one_ended_tells_the_gap(kept):
    kept.journal([credit(4800)])
    kept.ledger["closing"] += 777
    kept.journal([credit(100, REMITTANCE + OTHER_IUF)], day=DAY + timedelta(1))
    kept.run()
    (row,) = kept.standing(Code.JOURNAL_GAP)
    assert (row.cents, row.since) == (777, DAY + timedelta(1))


def test_two_bodies_with_the_same_names_keep_their_own_verdicts(kept, livorno):
    kept.journal([credit(4800)])
    with scope(entity=livorno):
        content = flow_bundle(livorno.fiscal_code, [line(UNKNOWN, IUR, 4800)])
        ingest_flow(entity=livorno, content=content, name="f.json", channel="api", actor=ACTOR)
        reconcile(entity=livorno, actor=ACTOR)
        assert Verdict.objects.filter(code=Code.FLOW_WITHOUT_TREASURY).count() == 1
    kept.run()
    assert ("movement", "treasury_without_flow") in kept.said()
    assert not {said for said in kept.said() if said[0] == "flow"}


def test_a_journal_lost_at_the_turn_of_the_year_is_told_too(kept):
    kept.on(date(2027, 1, 12))
    kept.journal([credit(4800)], day=date(2026, 12, 30))
    kept.ledger["closing"] += 500
    kept.journal([credit(100, REMITTANCE + OTHER_IUF)], day=date(2027, 1, 4))
    kept.run()
    assert [row.cents for row in kept.standing(Code.JOURNAL_GAP)] == [500]


def test_a_credit_of_december_may_be_taken_back_in_january(kept):
    def taken_back(root):
        movement = root.find("informazioni_conto_evidenza/movimento_conto_evidenza")
        movement.find("tipo_operazione").text = "STORNATO"

    kept.on(date(2027, 1, 12))
    kept.journal([credit(4800)], day=date(2026, 12, 31))
    kept.ledger["number"] = 0
    kept.journal([credit(4800)], day=date(2027, 1, 4), change=taken_back)
    assert kept.run().counts == {"reversal": 1}
    (row,) = kept.standing(Code.REVERSED)
    assert row.movement.year == 2026
    assert not kept.standing(Code.TREASURY_WITHOUT_FLOW)
