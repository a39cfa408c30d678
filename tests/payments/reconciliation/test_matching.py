from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, transaction
from django_scopes import scope

from payments.models import Receipt, ReceiptTransfer
from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.models import Channel, Match, MatchKind, ReconciliationRun
from payments.reconciliation.selectors.dossier import dossier
from payments.reconciliation.selectors.outcomes import code_counts, verdict_rows
from payments.reconciliation.services.flows import ingest_flow
from payments.reconciliation.services.journals import ingest_journal
from payments.reconciliation.services.matching import reconcile
from tests.payments.reconciliation.builders import IUF, REMITTANCE, credit, flow_bundle, journal, line, receipt

IUV, IUR = "01000000000004285", "RT-0001"
SOON, LATER = date(2026, 11, 12), date(2026, 11, 30)


@pytest.fixture
def books(pisa, actor, time_machine):
    """Take evidence in, match, and tell what became of the one receipt."""

    class Books:
        entity = pisa

        def flow(self, lines, **changes):
            content = flow_bundle(pisa.fiscal_code, lines, **changes)
            return ingest_flow(entity=pisa, content=content, name="flusso.json", channel=Channel.API, actor=actor)

        def journal(self, credits_, **changes):
            content = journal(pisa, credits_, **changes)
            return ingest_journal(
                entity=pisa, content=content, name="giornale.xml", channel=Channel.FOLDER, actor=actor
            )

        def match(self):
            return reconcile(entity=pisa, actor=actor)

        def outcome(self, today=SOON):
            """The verdict that speaks for the one receipt, on a day."""
            time_machine.move_to(datetime(today.year, today.month, today.day, 9, tzinfo=UTC))
            self.match()
            found = dossier(entity_ids=[pisa.pk], receipt_id=Receipt.objects.get().pk)
            # No position is made here: what becomes of the money is the same.
            found.verdicts = [row for row in found.verdicts if row.code is not Code.NO_POSITION]
            return found.main

    return Books()


def test_receipt_line_and_credit_that_agree_are_reconciled(books):
    receipt(books.entity, IUV, IUR, 4590)
    books.flow([line(IUV, IUR, 4590)])
    books.journal([credit(4590)])
    books.match()

    row = books.outcome()
    assert row.code is Code.RECONCILED
    assert IUF in row.reason
    assert "45,90" in row.reason


def test_the_evidence_may_arrive_in_any_order(books):
    books.journal([credit(4590)])
    books.match()
    books.flow([line(IUV, IUR, 4590)])
    books.match()
    receipt(books.entity, IUV, IUR, 4590)
    books.match()
    assert books.outcome().code is Code.RECONCILED


def test_a_second_run_adds_nothing(books):
    receipt(books.entity, IUV, IUR, 4590)
    books.flow([line(IUV, IUR, 4590)])
    books.journal([credit(4590)])
    assert books.match().counts == {"iuf_exact": 1, "iuv_and_iur": 1}

    again = books.match()
    assert again.run_id is None
    assert (Match.objects.count(), ReconciliationRun.objects.count()) == (2, 1)


@pytest.mark.parametrize(("today", "outcome"), [(SOON, Code.COLLECTED), (LATER, Code.RECEIPT_WITHOUT_FLOW)])
def test_a_receipt_alone_waits_three_working_days_and_then_is_a_problem(books, today, outcome):
    receipt(books.entity, IUV, IUR, 4590)
    books.match()
    row = books.outcome(today)
    assert row.code is outcome
    assert "16/11/2026" in row.reason


@pytest.mark.parametrize(("today", "outcome"), [(SOON, Code.REPORTED), (LATER, Code.FLOW_WITHOUT_TREASURY)])
def test_a_flow_without_credit_waits_and_then_is_a_problem(books, today, outcome):
    receipt(books.entity, IUV, IUR, 4590)
    books.flow([line(IUV, IUR, 4590)])
    books.match()
    row = books.outcome(today)
    assert row.code is outcome
    assert IUF in row.reason


def test_a_credit_of_another_amount_says_how_much_is_missing(books):
    receipt(books.entity, IUV, IUR, 4590)
    books.flow([line(IUV, IUR, 4590)])
    books.journal([credit(4490)])
    books.match()
    row = books.outcome(LATER)
    assert row.code is Code.TREASURY_AMOUNT_DIFFERS
    assert "mancano 1,00" in row.reason.replace("\N{NO-BREAK SPACE}", " ")


def test_a_line_of_another_amount_is_told_apart_from_a_missing_flow(books):
    receipt(books.entity, IUV, IUR, 4590)
    books.flow([line(IUV, IUR, 4500)])
    books.journal([credit(4500)])
    books.match()
    assert books.outcome(LATER).code is Code.RECEIPT_AMOUNT_DIFFERS


def test_a_flow_whose_total_is_not_its_sum_is_kept_and_flagged(books):
    receipt(books.entity, IUV, IUR, 4590)
    reading = books.flow([line(IUV, IUR, 4590)], cents=9999)
    assert reading.state == "flagged"
    books.journal([credit(9999)])
    books.match()
    row = books.outcome(LATER)
    assert row.code is Code.FLOW_TOTALS_MISMATCH
    assert "99,99" in row.reason


def test_a_revoked_payment_is_revoked(books):
    receipt(books.entity, IUV, IUR, 4590)
    books.flow([line(IUV, IUR, 4590, status="REVOKED")])
    books.match()
    assert books.outcome().code is Code.REVOKED


def test_a_higher_revision_replaces_the_flow(books):
    receipt(books.entity, IUV, IUR, 4590)
    books.flow([line(IUV, IUR, 4000)])
    books.journal([credit(4590)])
    books.match()
    assert books.outcome(LATER).code is Code.TREASURY_AMOUNT_DIFFERS

    books.flow([line(IUV, IUR, 4590)], revision=2)
    assert books.outcome(LATER).code is Code.RECONCILED


def test_the_bank_reference_matches_when_the_text_is_unreadable(books):
    receipt(books.entity, IUV, IUR, 4590)
    books.flow([line(IUV, IUR, 4590)])
    books.journal([credit(4590, "/PUR/LGPE-RIVERSAMENTO/URI/2", reference="trn1201160260177")])
    assert books.match().counts == {"regulation_id": 1, "iuv_and_iur": 1}
    assert books.outcome().code is Code.RECONCILED


def test_a_text_that_names_another_flow_beats_the_bank_reference(books):
    receipt(books.entity, IUV, IUR, 4590)
    books.flow([line(IUV, IUR, 4590)])
    books.journal([credit(4590, REMITTANCE + "2026-11-12ALTROPSP1-9", reference="TRN1201160260177")])
    assert books.match().counts == {"iuv_and_iur": 1}


def test_two_credits_with_one_bank_reference_match_nothing(books):
    books.flow([line(IUV, IUR, 4590)])
    books.journal([credit(4590, "BONIFICO", "TRN1201160260177"), credit(4590, "BONIFICO", "TRN1201160260177")])
    assert books.match().counts == {}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (REMITTANCE + IUF.lower(), "iuf_exact"),
        (f"/PUR/LGPE-RIVERSAMENTO/URI/{IUF[:8]} {IUF[8:]}", "iuf_healed"),
        (f"PUR LGPE-RIVERSAMENTO URI {IUF}", "iuf_healed"),
    ],
)
def test_each_match_tells_the_rule_that_made_it(books, text, rule):
    books.flow([line(IUV, IUR, 4590)])
    books.journal([credit(4590, text)])
    assert books.match().counts == {rule: 1}
    assert Match.objects.get().rule == rule


def test_a_reversed_credit_is_no_money(books):
    def reverse(root):
        account = root.find("informazioni_conto_evidenza")
        original = account.find("movimento_conto_evidenza")
        copy = original.__copy__()
        copy.find("tipo_operazione").text = "STORNATO"
        copy.find("numero_movimento").text = "99"
        original.addnext(copy)

    receipt(books.entity, IUV, IUR, 4590)
    books.flow([line(IUV, IUR, 4590)])
    books.journal([credit(4590)], change=reverse)
    assert books.match().counts == {"reversal": 1, "iuv_and_iur": 1}
    assert books.outcome(LATER).code is Code.FLOW_WITHOUT_TREASURY


def test_a_credit_reversed_after_it_was_matched_stops_counting(books):
    def only_reverse(root):
        movements = root.findall("informazioni_conto_evidenza/movimento_conto_evidenza")
        movements[0].find("tipo_operazione").text = "STORNATO"

    ledger = {"closing": 0, "journal": 1, "number": 0}
    receipt(books.entity, IUV, IUR, 4590)
    books.flow([line(IUV, IUR, 4590)])
    books.journal([credit(4590)], ledger=ledger)
    books.match()
    assert books.outcome(LATER).code is Code.RECONCILED

    ledger = {"closing": 0, "journal": 2, "number": 0}
    books.journal([credit(4590)], ledger=ledger, change=only_reverse, day=date(2026, 11, 13))
    assert books.match().counts == {"reversal": 1}
    assert books.outcome(LATER).code is Code.FLOW_WITHOUT_TREASURY


def test_two_bodies_with_the_same_flow_name_never_meet(books, livorno, actor):
    receipt(books.entity, IUV, IUR, 4590)
    books.journal([credit(4590)])
    with scope(entity=livorno):
        content = flow_bundle(livorno.fiscal_code, [line(IUV, IUR, 4590)])
        ingest_flow(entity=livorno, content=content, name="f.json", channel=Channel.API, actor=actor)
        assert reconcile(entity=livorno, actor=actor).counts == {}
    assert books.match().counts == {}
    assert books.outcome().code is Code.COLLECTED
    assert verdict_rows(entity_ids=[livorno.pk]) == []


def test_the_same_flow_name_from_two_psps_is_a_doubt(books):
    other = {"sender": {"pspId": "ALTRO", "pspName": "Altro PSP"}, "regulation": "TRN-ALTRO-001"}
    books.flow([line(IUV, IUR, 4590)])
    books.flow([line("01000000000009999", "RT-9", 4590)], **other)
    books.journal([credit(4590)])
    assert books.match().counts == {}


def test_only_the_share_of_the_body_is_expected_from_the_flow(books):
    row = receipt(books.entity, IUV, IUR, 4590, amount_cents=4590 + 1600 + 1000)
    for seq, (code, cents, stamp) in enumerate([("00000000000", 1000, False), (books.entity.fiscal_code, 1600, True)]):
        ReceiptTransfer.objects.create(
            entity=books.entity, receipt=row, seq=seq + 2, beneficiary_fiscal_code=code, amount_cents=cents,
            is_stamp=stamp, category="9/0000000AA/", remittance="prova",
        )  # fmt: skip
    books.flow([line(IUV, IUR, 4590)])
    books.journal([credit(4590)])
    books.match()
    assert books.outcome().code is Code.RECONCILED


def test_two_transfers_of_one_receipt_are_two_lines_of_the_flow(books):
    row = receipt(books.entity, IUV, IUR, 4590, amount_cents=6190)
    ReceiptTransfer.objects.create(
        entity=books.entity, receipt=row, seq=2, beneficiary_fiscal_code=books.entity.fiscal_code, amount_cents=1600,
        iban="IT60X0542811101000000123456", category="9/0000000AA/", remittance="bollo",
    )  # fmt: skip
    books.flow([line(IUV, IUR, 4590), line(IUV, IUR, 1600, seq=2, transfer=2)])
    books.journal([credit(6190)])
    books.match()
    assert books.outcome().code is Code.RECONCILED


def test_a_receipt_in_two_flows_is_as_good_as_the_worse_one(books):
    row = receipt(books.entity, IUV, IUR, 4590, amount_cents=6190)
    ReceiptTransfer.objects.create(
        entity=books.entity, receipt=row, seq=2, beneficiary_fiscal_code=books.entity.fiscal_code, amount_cents=1600,
        iban="IT60X0542811101000000999999", category="9/0000000AA/", remittance="bollo",
    )  # fmt: skip
    other = "2026-11-12BPPIITRRXXX-999"
    books.flow([line(IUV, IUR, 4590)])
    books.flow([line(IUV, IUR, 1600, transfer=2)], fdr=other, regulation="TRN-ALTRO-001")
    books.journal([credit(4590), credit(1500, REMITTANCE + other)])
    books.match()
    row = books.outcome(LATER)
    assert row.code is Code.TREASURY_AMOUNT_DIFFERS
    assert other in row.reason


def test_a_failed_payment_expects_nothing(books):
    receipt(books.entity, IUV, IUR, 4590, outcome="KO")
    books.match()
    assert verdict_rows(entity_ids=[books.entity.pk]) == []


def test_counts_and_euros_are_told_by_outcome(books):
    for number in range(3):
        receipt(books.entity, f"0100000000000000{number}", f"RT-{number}", 1000 + number)
    books.match()
    counts = {count.code: (count.count, count.cents) for count in code_counts(entity_ids=[books.entity.pk])}
    assert counts[Code.RECEIPT_WITHOUT_FLOW] == (3, 3003)
    assert counts[Code.RECONCILED] == (0, 0)


def test_a_run_costs_the_same_whatever_the_rows(books, django_assert_max_num_queries):
    lines = [line(f"{number:017d}", f"RT-{number}", 1000, seq=number) for number in range(1, 60)]
    for item in lines:
        receipt(books.entity, item["iuv"], item["iur"], 1000)
    books.flow(lines)
    books.journal([credit(59_000)])
    with django_assert_max_num_queries(60):
        assert books.match().counts == {"iuf_exact": 1, "iuv_and_iur": 59}


def test_matches_cannot_be_rewritten(books):
    books.flow([line(IUV, IUR, 4590)])
    books.journal([credit(4590)])
    books.match()
    with pytest.raises(DatabaseError), transaction.atomic():
        Match.objects.filter(kind=MatchKind.FLOW_MOVEMENT).update(cents=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        Match.objects.all().delete()
