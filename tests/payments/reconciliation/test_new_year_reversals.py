"""A provisional of December that the treasurer takes back in January, when its number is another one's already."""

from datetime import date

import pytest

from payments.reconciliation.domain.accounts import Account
from payments.reconciliation.models import CollectionOrderProposal
from payments.reconciliation.selectors.ledger import balances, open_provisionals
from payments.reconciliation.selectors.proposals import judged_lines
from payments.reconciliation.selectors.reports import Month, open_bands
from payments.reconciliation.services.books import Updated, books_update
from tests.payments.reconciliation.books_of import BookKeeper

IUV, IUR = "01000000000004285", "RT-0001"
BACK, LATER = date(2027, 1, 4), date(2027, 1, 29)
JANUARY = Month(date(2027, 1, 1), LATER)


@pytest.fixture
def keep(pisa):
    keeper = BookKeeper(pisa)
    keeper.rule("CANONI", keeper.assessment("301"))
    keeper.position(IUV, ("CANONI", 60))
    keeper.flow_of_january = keeper.flow("F1", (IUV, IUR, 1, 60), regulation_date=date(2027, 1, 11))
    keeper.meets(keeper.flow_of_january, 1, keeper.receipt(IUV, IUR, 60))
    return keeper


def steps(keep):
    """The documents one after the other, the number that comes back first or last."""
    december = keep.movement("77", 100, booked_on=date(2026, 12, 30))
    yield
    keep.reversal(december, day=BACK, year=2027)
    yield
    january = keep.movement("77", 60, year=2027, booked_on=date(2027, 1, 12))
    yield
    keep.credited(keep.flow_of_january, january)
    yield


def told(pisa):
    """The draft, what the treasurer leaves open, and the books about it."""
    drafts = [(row.provisional, row.cents, row.open_cents, row.reject) for row in judged_lines([pisa.pk])]
    ages = [(band.count, band.cents) for band in open_bands([pisa.pk], month=JANUARY) if band.count]
    books = balances([pisa.pk], on=LATER)
    assert books.squares
    return drafts, ages, open_provisionals([pisa.pk], on=LATER), books.of(Account.PROVISIONALS)


@pytest.mark.parametrize("each", [True, False])
def test_it_takes_nothing_from_the_provisional_that_has_its_number_now(pisa, keep, actor, each):
    for _step in steps(keep):
        if each:
            books_update(entity=pisa, actor=actor)
    books_update(entity=pisa, actor=actor)
    assert told(pisa) == ([("77/2027", 60, 60, None)], [(1, 60)], 60, 60)
    assert books_update(entity=pisa, actor=actor, full=True) == Updated(postings=0, proposals=0)


def test_what_happens_to_the_one_of_december_leaves_the_other_alone(pisa, keep, actor):
    for _step in steps(keep):
        pass
    books_update(entity=pisa, actor=actor)
    keep.movement("77", 100, operation="REGOLARIZZATO", booked_on=date(2026, 12, 31))
    keep.movement("77", 100, operation="RIPRISTINATO", booked_on=date(2026, 12, 31))
    books_update(entity=pisa, actor=actor)
    assert told(pisa) == ([("77/2027", 60, 60, None)], [(1, 60)], 60, 60)
    assert books_update(entity=pisa, actor=actor, full=True) == Updated(postings=0, proposals=0)


def test_an_order_on_the_one_of_january_covers_that_one(pisa, keep, actor):
    for _step in steps(keep):
        pass
    books_update(entity=pisa, actor=actor)
    keep.order("500", date(2027, 1, 15), ("77", 60), year=2027)
    books_update(entity=pisa, actor=actor)
    assert [row.reject for row in judged_lines([pisa.pk])] == ["already_regularised"]
    assert told(pisa)[1:] == ([], 0, 0)
    assert CollectionOrderProposal.objects.count() == 1
    assert books_update(entity=pisa, actor=actor, full=True) == Updated(postings=0, proposals=0)
