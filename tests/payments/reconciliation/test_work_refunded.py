"""A payment that went back to who made it is no work any more."""

import pytest

from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.selectors.work import Chosen, code_queues, work_rows
from tests.payments.reconciliation.books_of import BookKeeper
from tests.payments.reconciliation.builders import credit, line, receipt


def queued(entity, *codes: Code) -> list[tuple[Code, int, int]]:
    """The codes of the queue among these, with how many problems and their cents; the list says the same."""
    found = [row for row in code_queues(entity_ids=[entity.pk], user_id=0) if row.code in codes]
    for row in found:
        assert len(work_rows(entity_ids=[entity.pk], chosen=Chosen(code=row.code), user_id=0)) == row.count
    return [(row.code, row.count, row.cents) for row in found]


@pytest.fixture
def twice(kept, owed):
    """A notice paid twice; the second payment."""
    notice = owed()
    receipt(kept.entity, notice.iuv, "RT-1", 4800)
    return receipt(kept.entity, notice.iuv, "RT-2", 4800)


def test_a_double_leaves_the_queue_when_all_of_it_has_gone_back(kept, twice):
    kept.run()
    keeper = BookKeeper(kept.entity)
    assert queued(kept.entity, Code.DUPLICATE_PAYMENT) == [(Code.DUPLICATE_PAYMENT, 1, 4800)]
    keeper.refund(twice, 4700)
    assert queued(kept.entity, Code.DUPLICATE_PAYMENT) == [(Code.DUPLICATE_PAYMENT, 1, 4800)]
    keeper.refund(twice, 100)
    assert queued(kept.entity, Code.DUPLICATE_PAYMENT) == []
    kept.run(full=True)
    assert queued(kept.entity, Code.DUPLICATE_PAYMENT) == []
    assert kept.standing(Code.DUPLICATE_PAYMENT), "it stays a double one: the books still keep it apart"


def test_so_does_one_that_a_flow_reports(kept, twice):
    first = line(twice.iuv, "RT-1", 4800)
    kept.flow([first, line(twice.iuv, "RT-2", 4800, seq=2)])
    kept.journal([credit(9600)])
    kept.run()
    assert [row.subject for row in kept.standing(Code.DUPLICATE_PAYMENT)] == ["line"]
    BookKeeper(kept.entity).refund(twice, 4800)
    assert queued(kept.entity, Code.DUPLICATE_PAYMENT) == []


def test_so_does_a_payment_of_what_was_cancelled_or_of_nothing_known(kept, owed, twice):
    notice = owed()
    position = notice.option.position
    position.state, position.cancelled_at = "cancelled", twice.paid_at.replace(day=1)
    position.save()
    after = receipt(kept.entity, notice.iuv, "RT-9", 4800)
    unknown = receipt(kept.entity, "01000000000009999", "RT-8", 4800)
    kept.run()
    keeper = BookKeeper(kept.entity)
    about = (Code.DUPLICATE_PAYMENT, Code.PAID_AFTER_CANCEL, Code.NO_POSITION)
    assert {code for code, *_rest in queued(kept.entity, *about)} == set(about)
    for row in (after, unknown):
        keeper.refund(row, 4800)
    assert queued(kept.entity, *about) == [(Code.DUPLICATE_PAYMENT, 1, 4800)]


def test_who_paid_too_little_and_had_it_back_still_owes_it(kept, owed):
    paid = receipt(kept.entity, owed().iuv, "RT-1", 4700)
    kept.run()
    BookKeeper(kept.entity).refund(paid, 4700)
    assert queued(kept.entity, Code.PAID_LESS_THAN_DUE) == [(Code.PAID_LESS_THAN_DUE, 1, 100)]
