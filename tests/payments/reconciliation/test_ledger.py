import random
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from payments.reconciliation.domain.accounts import ACCOUNTS, SOURCE_LABELS, Account, Source
from payments.reconciliation.models import LedgerEntry, LedgerPosting, Match, Verdict
from payments.reconciliation.selectors.ledger import account_postings, balances, open_provisionals
from payments.reconciliation.services.books import books_update
from portal import clock
from tests.payments.reconciliation.books_of import BookKeeper

IUV, IUR = "01000000000004285", "RT-0001"
OTHER = "01000000000004386"
LATER = date(2026, 12, 31)


@pytest.fixture
def keep(pisa):
    """Fines split between two assessments, fees on a chapter."""
    keeper = BookKeeper(pisa)
    keeper.bound, keeper.free = keeper.assessment("201"), keeper.assessment("202")
    keeper.fees = keeper.assessment("301", chapter="CANONI")
    keeper.rule("MULTE", keeper.bound, 500)
    keeper.rule("MULTE", keeper.free, 500)
    keeper.rule("CANONI", "CANONI")
    return keeper


@pytest.fixture
def post(pisa, actor):
    return lambda: books_update(entity=pisa, actor=actor, full=True).postings


def on(pisa, day=LATER, **known):
    books = balances([pisa.pk], on=day, **known)
    assert books.zero == 0
    assert books.squares
    return books


def of(pisa, account, day=LATER):
    return on(pisa, day).of(account)


def assessed(pisa, day=LATER):
    return {row.label: row.cents for row in on(pisa, day).assessments}


def test_a_receipt_is_owed_by_the_psp_and_belongs_to_its_assessments(pisa, keep, post):
    keep.position(IUV, ("MULTE", 4591), ("CANONI", 1000))
    keep.receipt(IUV, IUR, 4591, 1000)
    post()
    assert of(pisa, Account.PSP_CLEARING) == 5591
    assert assessed(pisa) == {"201/2026": 2295, "202/2026": 2296, "301/2026": 1000}
    assert of(pisa, Account.PSP_CLEARING, date(2026, 11, 10)) == 0


def test_nothing_new_writes_nothing(pisa, keep, post):
    keep.position(IUV, ("MULTE", 4590))
    keep.receipt(IUV, IUR, 4590)
    assert post() == 3
    assert post() == 0
    assert LedgerEntry.objects.count() == 1


def test_money_goes_from_the_psp_to_the_provisional_and_to_the_treasury(pisa, keep, post):
    keep.position(IUV, ("CANONI", 1000))
    row = keep.receipt(IUV, IUR, 1000)
    flow = keep.flow("F1", (IUV, IUR, 1, 1000))
    keep.meets(flow, 1, row)
    credit = keep.movement("7", 1000)
    post()
    assert of(pisa, Account.CREDITS_TO_ATTRIBUTE) == 1000
    keep.credited(flow, credit)
    post()
    books = on(pisa)
    assert (books.of(Account.PSP_CLEARING), books.of(Account.CREDITS_TO_ATTRIBUTE)) == (0, 0)
    assert books.of(Account.PROVISIONALS) == 1000
    keep.order("31", date(2026, 11, 20), ("0007", 1000))
    post()
    books = on(pisa)
    assert (books.of(Account.PROVISIONALS), books.of(Account.TREASURY)) == (0, 1000)
    assert of(pisa, Account.PROVISIONALS, date(2026, 11, 19)) == 1000
    assert assessed(pisa) == {"301/2026": 1000}


def test_money_without_a_position_or_a_rule_waits_for_a_person(pisa, keep, post):
    keep.receipt(IUV, IUR, 700)
    keep.position(OTHER, ("SENZA_REGOLA", 300))
    keep.receipt(OTHER, "RT-2", 300)
    post()
    assert of(pisa, Account.UNALLOCATED) == 1000
    assert assessed(pisa) == {}


def test_a_rule_that_comes_later_moves_the_money_by_a_contrary_entry(pisa, keep, post):
    keep.position(IUV, ("TARDI", 300))
    keep.receipt(IUV, IUR, 300)
    post()
    rule = keep.rule("TARDI", keep.fees, confirmed_by="")
    assert post() == 0
    rule.confirmed_by = "prova"
    rule.save()
    assert post() == 2
    assert of(pisa, Account.UNALLOCATED) == 0
    assert assessed(pisa) == {"301/2026": 300}
    assert LedgerEntry.objects.filter(source=Source.RECEIPT).count() == 2


def test_a_chapter_means_the_assessment_of_the_year_of_the_payment(pisa, keep, post):
    keep.assessment("301", year=2025, chapter="CANONI")
    keep.position(IUV, ("CANONI", 300))
    keep.receipt(IUV, IUR, 300)
    post()
    assert assessed(pisa) == {"301/2026": 300}
    keep.assessment("302", chapter="CANONI")
    post()
    assert assessed(pisa) == {"301/2026": 0}, "two assessments of one chapter are a doubt"
    assert of(pisa, Account.UNALLOCATED) == 300


def test_a_refused_payment_a_stamp_and_a_share_of_others_are_no_money(pisa, keep, post):
    keep.position(IUV, ("CANONI", 300))
    keep.receipt(IUV, IUR, 300, outcome="KO")
    assert post() == 0


def test_a_line_without_receipt_is_booked_and_its_receipt_takes_its_place(pisa, keep, post):
    keep.position(IUV, ("CANONI", 300))
    flow = keep.flow("F1", (IUV, IUR, 1, 300))
    post()
    assert assessed(pisa) == {"301/2026": 300}
    keep.meets(flow, 1, keep.receipt(IUV, IUR, 300))
    post()
    books = on(pisa)
    assert assessed(pisa) == {"301/2026": 300}
    assert books.of(Account.PSP_CLEARING) == 300


def test_a_difference_between_line_and_receipt_is_set_apart(pisa, keep, post):
    keep.position(IUV, ("CANONI", 300))
    flow = keep.flow("F1", (IUV, IUR, 1, 290))
    keep.meets(flow, 1, keep.receipt(IUV, IUR, 300))
    keep.credited(flow, keep.movement("7", 290))
    post()
    books = on(pisa)
    assert (books.of(Account.PSP_CLEARING), books.of(Account.DIFFERENCES)) == (0, 10)
    assert assessed(pisa) == {"301/2026": 300}


def test_a_credit_smaller_than_its_flow_leaves_the_rest_among_the_differences(pisa, keep, post):
    keep.position(IUV, ("CANONI", 300))
    flow = keep.flow("F1", (IUV, IUR, 1, 300))
    keep.meets(flow, 1, keep.receipt(IUV, IUR, 300))
    keep.credited(flow, keep.movement("7", 250))
    post()
    assert (of(pisa, Account.PSP_CLEARING), of(pisa, Account.DIFFERENCES)) == (0, 50)
    keep.credited(flow, keep.movement("8", 50))
    post()
    assert (of(pisa, Account.PSP_CLEARING), of(pisa, Account.DIFFERENCES)) == (0, 0)


def test_a_revoked_payment_goes_back_from_where_it_was(pisa, keep, post):
    keep.position(IUV, ("MULTE", 301))
    row = keep.receipt(IUV, IUR, 301)
    first, second = keep.flow("F1", (IUV, IUR, 1, 301)), keep.flow("F2", (IUV, IUR, 1, -301))
    keep.meets(first, 1, row)
    keep.meets(second, 1, row)
    post()
    assert set(assessed(pisa).values()) == {0}
    assert of(pisa, Account.PSP_CLEARING) == 0


def test_the_same_transfer_reported_twice_is_a_difference(pisa, keep, post):
    keep.position(IUV, ("CANONI", 300))
    row = keep.receipt(IUV, IUR, 300)
    for name in ("F1", "F2"):
        keep.meets(keep.flow(name, (IUV, IUR, 1, 300)), 1, row)
    post()
    assert of(pisa, Account.PSP_CLEARING) == 600
    assert of(pisa, Account.DIFFERENCES) == -300


def test_a_higher_revision_takes_the_place_of_the_lower(pisa, keep, post):
    keep.position(IUV, ("CANONI", 300))
    keep.flow("F1", (IUV, IUR, 1, 200))
    post()
    keep.flow("F1", (IUV, IUR, 1, 300), revision=2)
    post()
    assert of(pisa, Account.PSP_CLEARING) == 300


@pytest.mark.parametrize(
    ("code", "account"),
    [
        ("duplicate_payment", Account.DUPLICATES),
        ("duplicate_on_act", Account.DUPLICATES),
        ("other_intermediary", Account.OTHER_INTERMEDIARY),
        ("no_position", Account.UNALLOCATED),
    ],
)
def test_what_the_run_said_of_a_payment_decides_its_account(pisa, keep, post, code, account):
    keep.position(IUV, ("CANONI", 300))
    row = keep.receipt(IUV, IUR, 300)
    run = keep.run()
    verdict = Verdict.objects.create(
        entity=pisa, subject="receipt", receipt=row, key="x", code=code, cents=300, since=LATER, opened_run=run
    )
    post()
    assert of(pisa, account) == 300
    verdict.closed_run = run
    verdict.save()
    post()
    assert of(pisa, account) == 0
    assert assessed(pisa) == {"301/2026": 300}


def test_what_is_said_of_a_line_is_said_of_the_other_lines_of_its_payment(pisa, keep, post):
    keep.position(IUV, ("CANONI", 300), ("CANONI", 50))
    flow = keep.flow("F1", (IUV, IUR, 1, 300), (IUV, IUR, 2, 50))
    Verdict.objects.create(
        entity=pisa, subject="line", line=flow.lines.get(seq=1), key="x", code="duplicate_payment", cents=350,
        since=LATER, opened_run=keep.run(),
    )  # fmt: skip
    post()
    assert of(pisa, Account.DUPLICATES) == 350


def test_a_refund_of_a_duplicate_empties_its_account(pisa, keep, post):
    keep.position(IUV, ("CANONI", 300))
    keep.receipt(IUV, IUR, 300)
    second = keep.receipt(IUV, "RT-2", 300)
    Verdict.objects.create(
        entity=pisa, subject="receipt", receipt=second, key="x", code="duplicate_payment", cents=300, since=LATER,
        opened_run=keep.run(),
    )  # fmt: skip
    keep.refund(second, 300)
    post()
    assert (of(pisa, Account.DUPLICATES), of(pisa, Account.TREASURY)) == (0, -300)


def test_a_refund_of_what_was_owed_is_a_cost(pisa, keep, post):
    keep.position(IUV, ("CANONI", 300))
    keep.refund(keep.receipt(IUV, IUR, 300), 100)
    post()
    assert of(pisa, Account.REFUNDS) == 100
    assert assessed(pisa) == {"301/2026": 300}


def test_a_reversed_provisional_is_open_until_its_reversal(pisa, keep, post):
    credit = keep.movement("7", 300)
    keep.reversal(credit)
    post()
    assert of(pisa, Account.PROVISIONALS, date(2026, 11, 15)) == 300
    assert of(pisa, Account.PROVISIONALS) == 0


def test_a_credit_reversed_after_it_paid_a_flow_owes_again(pisa, keep, post):
    keep.position(IUV, ("CANONI", 300))
    flow = keep.flow("F1", (IUV, IUR, 1, 300))
    keep.meets(flow, 1, keep.receipt(IUV, IUR, 300))
    credit = keep.movement("7", 300)
    keep.credited(flow, credit)
    post()
    keep.reversal(credit)
    post()
    assert (of(pisa, Account.PSP_CLEARING), of(pisa, Account.CREDITS_TO_ATTRIBUTE)) == (300, 0)


def test_a_match_taken_back_is_taken_back_in_the_books(pisa, keep, post):
    keep.position(IUV, ("CANONI", 300))
    flow = keep.flow("F1", (IUV, IUR, 1, 300))
    match = keep.credited(flow, keep.movement("7", 300))
    post()
    Match.objects.filter(pk=match.pk).update(
        live=False, revoked_at=clock.now(), revoked_run=keep.run(), revoked_reason="sbagliato"
    )
    post()
    assert (of(pisa, Account.PSP_CLEARING), of(pisa, Account.CREDITS_TO_ATTRIBUTE)) == (300, 300)


def test_regularised_money_that_is_no_payment_is_other_income(pisa, keep, post):
    keep.movement("9", 500, remittance_kind="other")
    keep.movement("9", 500, operation="REGOLARIZZATO", booked_on=date(2026, 11, 20))
    keep.order("31", date(2026, 11, 20), ("9", 500))
    post()
    books = on(pisa)
    assert (books.of(Account.OTHER_INCOME), books.of(Account.TREASURY)) == (500, 500), "said twice, booked once"
    keep.movement("9", 500, operation="RIPRISTINATO", booked_on=date(2026, 11, 25))
    post()
    assert (of(pisa, Account.OTHER_INCOME), of(pisa, Account.PROVISIONALS)) == (0, 500)


def test_a_movement_that_does_not_count_is_not_booked(pisa, keep, post):
    keep.movement("9", 500, counts=False)
    assert post() == 0


def test_a_transfer_read_on_a_statement_of_the_bank_is_no_provisional(pisa, keep, post):
    keep.position(IUV, ("CANONI", 300))
    flow = keep.flow("F1", (IUV, IUR, 1, 300))
    keep.credited(flow, keep.movement("X", 300, document_type="ESTRATTO CONTO", source="statement"))
    keep.movement("Y", 50, document_type="ESTRATTO CONTO", source="statement", remittance_kind="other")
    post()
    books = on(pisa)
    assert (books.of(Account.BANK), books.of(Account.PROVISIONALS), books.of(Account.PSP_CLEARING)) == (300, 0, 0)
    assert books.of(Account.CREDITS_TO_ATTRIBUTE) == 0


def test_the_books_tell_what_was_known_on_a_day(pisa, keep, post, time_machine):
    keep.receipt(IUV, IUR, 700)
    post()
    then = clock.now()
    time_machine.move_to(then + timedelta(days=5))
    keep.rule("X", keep.fees)
    keep.position(IUV, ("X", 700))
    post()
    assert on(pisa, known_at=then).of(Account.UNALLOCATED) == 700
    assert of(pisa, Account.UNALLOCATED) == 0


def test_two_bodies_keep_two_books(pisa, livorno, keep, post, actor):
    keep.receipt(IUV, IUR, 700)
    with scope(entity=livorno):
        BookKeeper(livorno).receipt(IUV, IUR, 900)
        books_update(entity=livorno, actor=actor, full=True)
    post()
    assert of(pisa, Account.UNALLOCATED) == 700
    assert balances([livorno.pk], on=LATER).of(Account.UNALLOCATED) == 900
    assert balances([pisa.pk, livorno.pk], on=LATER).of(Account.UNALLOCATED) == 1600


def _events(keep):
    """What can happen to three payments, each step possible after those it needs."""
    made = {}
    other = "2026-11-13"
    keep.position(IUV, ("MULTE", 4591), ("CANONI", 333))
    keep.position(OTHER, ("CANONI", 250))

    def step(name, make, *needs):
        return name, needs, lambda: made.setdefault(name, make())

    first = lambda: made["flow"]  # noqa: E731
    return [
        step("receipt", lambda: keep.receipt(IUV, IUR, 4591, 333)),
        step("flow", lambda: keep.flow("F1", (IUV, IUR, 1, 4590), (IUV, IUR, 2, 333), (OTHER, "RT-2", 1, 250))),
        step("unknown", lambda: keep.receipt("01000000000009999", "RT-9", 77)),
        step("credit", lambda: keep.movement("7", 5000, booked_on=date.fromisoformat(other))),
        step("rest", lambda: keep.movement("8", 173)),
        step("foreign", lambda: keep.movement("9", 999, remittance_kind="other")),
        step("line 1", lambda: keep.meets(first(), 1, made["receipt"]), "flow", "receipt"),
        step("line 2", lambda: keep.meets(first(), 2, made["receipt"]), "flow", "receipt"),
        step("paid", lambda: keep.credited(first(), made["credit"]), "flow", "credit"),
        step("paid again", lambda: keep.credited(first(), made["rest"]), "flow", "rest"),
        step("order", lambda: keep.order("31", date(2026, 11, 20), ("7", 5000), ("9", 999)), "credit"),
        step("refund", lambda: keep.refund(made["unknown"], 50), "unknown"),
        step("rule", lambda: keep.rule("NUOVO", keep.fees)),
        step("back", lambda: keep.reversal(made["rest"]), "rest"),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_in_any_order_money_is_conserved_and_the_books_end_the_same(pisa, keep, post, seed):
    chance = random.Random(seed)
    waiting, done = _events(keep), set()
    while waiting:
        ready = [step for step in waiting if set(step[1]) <= done]
        chosen = chance.choice(ready)
        waiting.remove(chosen)
        chosen[2]()
        done.add(chosen[0])
        if chance.random() < 0.5:
            post()
            on(pisa)
    post()
    assert post() == 0
    books = on(pisa)
    found = {row.account: row.cents for row in books.accounts if row.cents}
    assert found == {
        Account.PSP_CLEARING: 77, Account.DIFFERENCES: 174, Account.TREASURY: 5949, Account.UNALLOCATED: 27,
        Account.OTHER_INCOME: 999,
    }  # fmt: skip
    assert assessed(pisa) == {"201/2026": 2295, "202/2026": 2296, "301/2026": 583}
    days = [date(2026, 11, day) for day in (11, 13, 16, 18, 20)]
    assert [of(pisa, Account.PROVISIONALS, day) for day in days] == [0, 6172, 5999, 5999, 0]


def test_one_statement_whatever_the_number_of_rows(pisa, keep, actor):
    def statements():
        with CaptureQueriesContext(connection) as queries:
            books_update(entity=pisa, actor=actor, full=True)
        return len(queries)

    keep.receipt(IUV, IUR, 700)
    few = statements()
    for number in range(30):
        keep.receipt(f"02{number:015d}", f"RT-M{number}", 100)
    assert statements() == few


def _entry(entity):
    return LedgerEntry.objects.create(
        entity=entity, source="receipt", source_id=1, day=LATER, posted_at=clock.now(), text="prova"
    )


def _postings(entity, entry, *sides):
    LedgerPosting.objects.bulk_create(
        LedgerPosting(entity=entity, entry=entry, account=account, cents=cents) for account, cents in sides
    )


def test_the_database_refuses_an_entry_that_is_not_zero(pisa):
    entry = _entry(pisa)
    for sides in ([("treasury", 5)], [("treasury", 5), ("provisionals", -4)], [("treasury", 0)]):
        with pytest.raises(IntegrityError), transaction.atomic():
            _postings(pisa, entry, *sides)
    _postings(pisa, entry, ("treasury", 5), ("provisionals", -5))


def test_the_database_refuses_to_add_to_an_entry_or_to_mix_bodies(pisa, livorno):
    entry = _entry(pisa)
    _postings(pisa, entry, ("treasury", 5), ("provisionals", -5))
    with pytest.raises(IntegrityError), transaction.atomic():
        _postings(pisa, entry, ("treasury", 5), ("provisionals", -5))
    with pytest.raises(IntegrityError), transaction.atomic():
        _postings(livorno, _entry(pisa), ("treasury", 5), ("provisionals", -5))
    with pytest.raises(IntegrityError), transaction.atomic():
        _postings(pisa, _entry(pisa), ("assessment", 5), ("provisionals", -5))


@pytest.mark.parametrize("table", ["ledgerentry", "ledgerposting"])
def test_the_books_are_never_changed_nor_emptied(pisa, table):
    _postings(pisa, _entry(pisa), ("treasury", 5), ("provisionals", -5))
    full = f"payments_reconciliation_{table}"
    for statement in ("UPDATE {} SET entity_id = entity_id", "DELETE FROM {}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as sql:
            sql.execute(statement.format(full))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as sql:
        sql.execute(f"TRUNCATE {full} CASCADE")


def test_an_assessment_with_money_keeps_its_name(pisa, keep, post):
    keep.position(IUV, ("CANONI", 300))
    keep.receipt(IUV, IUR, 300)
    post()
    keep.fees.description = "Un'altra descrizione"
    keep.fees.save()
    keep.fees.number = "999"
    with pytest.raises(IntegrityError), transaction.atomic():
        keep.fees.save()
    keep.free.number = "998"
    keep.free.save()


def test_every_account_and_source_has_its_words(pisa):
    assert set(ACCOUNTS) == set(Account)
    assert set(SOURCE_LABELS) == set(Source)
    assert open_provisionals([pisa.pk], on=LATER) == 0
    assert not account_postings([pisa.pk], account=Account.TREASURY, assessment_id=None, on=LATER).exists()
