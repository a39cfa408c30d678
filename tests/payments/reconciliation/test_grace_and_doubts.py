"""What is no anomaly yet, and what only looks like one."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from payments.reconciliation.domain.explanations import explain
from payments.reconciliation.domain.flow_names import LONGEST, flow_key
from payments.reconciliation.domain.outcomes import Code, Subject
from payments.reconciliation.models import Channel, LedgerPosting, Verdict
from payments.reconciliation.services.books import reconcile_and_book
from payments.reconciliation.services.flows import ingest_flow
from payments.reconciliation.services.journals import ingest_journal
from payments.sandbox.treasurer import Credit
from tests.payments.reconciliation.books_of import BookKeeper
from tests.payments.reconciliation.builders import DAY, IUF, REMITTANCE, credit, flow_bundle, journal, line, receipt

IUV, IUR = "01000000000004285", "RT-0001"
OTHER = "2026-11-12BPPIITRRXXX-999999"
# Paid on Wednesday the 11th: late from Monday the 16th. Settled on the 12th: late from Tuesday the 17th.
ELSEWHERE = [Code.NO_POSITION.value, Code.TREASURY_NOT_PAGOPA.value]
IN_TIME, LATE = date(2026, 11, 13), date(2026, 11, 30)


@pytest.fixture
def papers(pisa, actor, time_machine):
    ledger = {"closing": 100_000_00, "journal": 0, "number": 0}

    def flow(lines, **changes):
        content = flow_bundle(pisa.fiscal_code, lines, **changes)
        return ingest_flow(entity=pisa, content=content, name="flusso.json", channel=Channel.API, actor=actor)

    def credited(*credits_, day=DAY, change=None):
        content = journal(pisa, list(credits_), day=day, ledger=ledger, change=change)
        return ingest_journal(entity=pisa, content=content, name="giornale.xml", channel=Channel.FOLDER, actor=actor)

    def told(day, *subjects):
        """What the verdicts say on a day, of some kinds of documents."""
        time_machine.move_to(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))
        reconcile_and_book(entity=pisa, actor=actor)
        rows = Verdict.objects.filter(closed_run_id=None, subject__in=[subject.value for subject in subjects])
        return sorted(row.code for row in rows.exclude(code__in=ELSEWHERE))

    return SimpleNamespace(entity=pisa, ledger=ledger, flow=flow, credited=credited, told=told)


def sentence(code):
    verdict = Verdict.objects.get(closed_run_id=None, code=code.value)
    return explain(code, verdict.facts).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("status", ["EXECUTED", "NO_RPT"])
def test_a_receipt_may_come_after_its_flow_for_three_working_days(papers, status):
    papers.flow([line(IUV, IUR, 4590, status=status)])
    papers.credited(credit(4590))
    assert papers.told(IN_TIME, Subject.LINE) == ["reported"]
    verdict = Verdict.objects.get(closed_run_id=None, code="reported")
    assert "sono attesi prima del 16/11/2026" in explain(Code.REPORTED, verdict.facts)
    code = "flow_without_receipt" if status == "EXECUTED" else "paid_without_receipt"
    assert papers.told(LATE, Subject.LINE) == [code]


def test_a_receipt_that_comes_in_time_was_never_missing(papers):
    papers.flow([line(IUV, IUR, 4590)])
    papers.credited(credit(4590))
    papers.told(IN_TIME, Subject.LINE)
    receipt(papers.entity, IUV, IUR, 4590)
    assert papers.told(IN_TIME, Subject.LINE) == ["reconciled"]
    assert not Verdict.objects.filter(code="flow_without_receipt").exists()


def test_the_rest_of_a_flow_may_be_credited_for_three_working_days(papers):
    receipt(papers.entity, IUV, IUR, 4590)
    papers.flow([line(IUV, IUR, 4590)])
    papers.credited(credit(4000))
    assert papers.told(IN_TIME, Subject.FLOW) == ["reported"]
    papers.credited(credit(590, reference="BANK0000000002"), day=DAY + timedelta(days=1))
    assert papers.told(IN_TIME, Subject.FLOW) == ["reconciled"]


def test_a_flow_of_another_amount_is_told_when_nothing_more_can_come(papers):
    receipt(papers.entity, IUV, IUR, 4590)
    papers.flow([line(IUV, IUR, 4500)], cents=4600)
    papers.credited(credit(4500))
    assert papers.told(IN_TIME, Subject.FLOW, Subject.LINE) == ["reported", "reported"]
    assert papers.told(LATE, Subject.FLOW, Subject.LINE) == [
        "flow_totals_mismatch",
        "receipt_amount_differs",
        "reported",
        "treasury_amount_differs",
    ]


def test_a_journal_between_two_others_may_come_for_three_working_days(papers):
    papers.credited(credit(4590))
    papers.ledger["closing"] += 1000
    papers.credited(credit(100, "BONIFICO SALDO FATTURA"), day=DAY + timedelta(days=1))
    assert papers.told(IN_TIME, Subject.JOURNAL) == []
    assert papers.told(LATE, Subject.JOURNAL) == ["journal_gap"]


def paid_twice(papers, revoked):
    """Two payments of a notice in one flow, and a line that takes back something of one of them."""
    for iur in (IUR, "RT-0002"):
        receipt(papers.entity, IUV, iur, 4800)
    papers.flow([line(IUV, IUR, 4800), line(IUV, "RT-0002", 4800, seq=2), revoked])


def test_a_payment_revoked_in_part_hides_no_double(papers):
    paid_twice(papers, line(IUV, IUR, 100, seq=3, status="REVOKED"))
    assert "duplicate_payment" in papers.told(LATE, Subject.LINE)


def test_of_a_double_revoked_in_part_the_rest_is_to_be_given_back(papers):
    paid_twice(papers, line(IUV, "RT-0002", 1000, seq=3, status="REVOKED"))
    papers.told(LATE, Subject.LINE)
    assert Verdict.objects.get(closed_run_id=None, code="duplicate_payment").cents == 3800


def test_a_payment_revoked_whole_is_no_payment(papers):
    paid_twice(papers, line(IUV, IUR, 4800, seq=3, status="REVOKED"))
    assert "duplicate_payment" not in papers.told(LATE, Subject.LINE)


def test_a_flow_that_takes_money_back_waits_for_its_money(papers):
    papers.flow([line(IUV, IUR, 4800, status="REVOKED")])
    assert papers.told(LATE, Subject.FLOW) == ["flow_without_treasury", "reported"]


def test_a_flow_of_nothing_needs_no_money(papers):
    receipt(papers.entity, IUV, IUR, 4800)
    papers.flow([line(IUV, IUR, 4800), line(IUV, IUR, 4800, seq=2, status="REVOKED")])
    assert papers.told(LATE, Subject.FLOW) == ["reconciled"]


def test_a_payment_that_two_flows_report_without_receipt_is_told_so(papers):
    papers.flow([line(IUV, IUR, 4800, status="NO_RPT")])
    papers.flow([line(IUV, IUR, 4800, status="NO_RPT")], fdr=OTHER, regulation="TRN-ALTRO-001")
    papers.credited(credit(4800), credit(4800, REMITTANCE + OTHER))
    assert papers.told(LATE, Subject.LINE) == ["paid_without_receipt", "paid_without_receipt"]
    rows = Verdict.objects.filter(closed_run_id=None, code="paid_without_receipt")
    assert all("2 volte" in explain(Code.PAID_WITHOUT_RECEIPT, row.facts) for row in rows)


def test_a_line_with_another_collection_id_is_no_second_payment(papers):
    receipt(papers.entity, IUV, "RICEVUTA-A", 4800)
    papers.flow([line(IUV, "RIGA-B", 4800)])
    papers.credited(credit(4800))
    assert papers.told(LATE, Subject.LINE, Subject.RECEIPT) == ["flow_without_receipt", "receipt_without_flow"]
    assert "RICEVUTA-A, dello stesso avviso" in sentence(Code.FLOW_WITHOUT_RECEIPT)


@pytest.mark.parametrize("day", [IN_TIME, LATE])
def test_what_may_be_one_payment_is_revenue_once(papers, day):
    keeper = BookKeeper(papers.entity)
    keeper.rule("MULTE", keeper.assessment("201"))
    keeper.position(IUV, ("MULTE", 4800))
    receipt(papers.entity, IUV, "RICEVUTA-A", 4800)
    papers.flow([line(IUV, "RIGA-B", 4800)])
    papers.told(day, Subject.LINE)
    told = LedgerPosting.objects.filter(account__in=["assessment", "unallocated"])
    assert sorted(told.values_list("account", "cents")) == [("assessment", -4800), ("unallocated", -4800)]


def test_a_day_too_far_ahead_is_not_waited_for(papers):
    far = "2098-11-11T10:00:00Z"
    papers.flow([line(IUV, IUR, 4800) | {"payDate": far}], regulationDate="2098-11-12", cents=9900)
    assert papers.told(LATE, Subject.FLOW, Subject.LINE) == [
        "flow_totals_mismatch",
        "flow_without_receipt",
        "flow_without_treasury",
        "reported",
    ]


def test_two_payments_are_two_once_their_documents_are_there(papers):
    receipt(papers.entity, IUV, "RICEVUTA-A", 4800)
    papers.flow([line(IUV, "RIGA-B", 4800)])
    papers.told(LATE, Subject.LINE)
    receipt(papers.entity, IUV, "RIGA-B", 4800)
    assert "duplicate_payment" in papers.told(LATE, Subject.LINE, Subject.RECEIPT)


def test_a_reversal_of_nothing_is_told(papers):
    papers.credited(
        Credit(5000, "STORNO", "BANK0000000009", "Banca di prova"),
        change=lambda root: _taken_back(root, number="99"),
    )
    assert papers.told(IN_TIME, Subject.MOVEMENT) == []
    assert papers.told(LATE, Subject.MOVEMENT) == ["reversal_alone"]
    assert "50,00 € del movimento 99/2026, che nessun giornale porta" in sentence(Code.REVERSAL_ALONE)


def test_a_reversal_of_a_part_is_told(papers):
    receipt(papers.entity, IUV, IUR, 10000)
    papers.flow([line(IUV, IUR, 10000)])
    papers.credited(credit(10000))
    papers.credited(
        Credit(2000, "STORNO", "BANK0000000009", "Banca di prova"),
        day=DAY + timedelta(days=1),
        change=lambda root: _taken_back(root, number="1"),
    )
    assert papers.told(LATE, Subject.MOVEMENT) == ["reconciled", "reversal_alone"]
    assert "che è di 100,00 €" in sentence(Code.REVERSAL_ALONE)


def _taken_back(root, *, number):
    """The first movement of a journal becomes the reversal of the one of a number."""
    movement = root.find(".//movimento_conto_evidenza")
    movement.find("tipo_operazione").text = "STORNATO"
    movement.find("numero_documento").text = number


def test_a_name_that_comes_back_the_year_after_is_another_flow(papers):
    receipt(papers.entity, IUV, IUR, 4590)
    papers.flow([line(IUV, IUR, 4590)], fdr="FLUSSO-0001")
    papers.credited(credit(4590, "BONIFICO", reference="TRN1201160260177"))
    papers.flow(
        [line("01000000000004999", "RT-0009", 1000)],
        fdr="FLUSSO-0001", regulation="TRN-ALTRO-001", regulationDate="2025-11-12", fdrDate="2025-11-13T01:00:00Z",
        published="2025-11-13T02:00:00Z",
    )  # fmt: skip
    assert papers.told(LATE, Subject.FLOW) == ["flow_without_treasury", "reconciled", "reported"]


@pytest.mark.parametrize("name", [IUF, "a" * 32])
def test_a_name_that_says_its_day_or_is_a_digest_is_the_same_in_every_year(name):
    assert flow_key(name, DAY) == flow_key(name.lower(), date(2031, 1, 2)) == name.upper()


def test_the_longest_name_and_its_year_fit_their_column():
    assert len(flow_key("X" * 35, DAY)) == LONGEST
