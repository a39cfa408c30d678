"""A list of provisionals that comes before the journal: the journal knows more, and the end is the same either way."""

from itertools import permutations

import pytest
from django.db import DatabaseError, transaction

from payments.reconciliation.domain.accounts import Account
from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.models import (
    Channel,
    CollectionOrderLine,
    Match,
    MovementSource,
    OutsideCredit,
    Suggestion,
    TreasuryAccount,
    TreasuryMovement,
)
from payments.reconciliation.selectors.ledger import balances
from payments.reconciliation.services.accounts import account_source_set
from payments.reconciliation.services.books import reconcile_and_book
from payments.reconciliation.services.foreign import outside_from_credit
from payments.reconciliation.services.ingest import ingest, ingest_many
from payments.reconciliation.services.shares import free_cents
from payments.reconciliation.services.suggestions import suggestion_confirm
from payments.services.outside import outside_confirm
from portal import clock
from portal.accounts.models import User
from portal.audit.actor import Actor
from tests.payments.reconciliation.acts import act
from tests.payments.reconciliation.builders import credit, flow_bundle, journal, line
from tests.payments.reconciliation.people import accountant
from tests.payments.reconciliation.statement_files import provisionals

ACTOR = Actor.system("prova")
REFERENCE = "TRN1201160260177"


@pytest.fixture
def papers(pisa):
    """The list says little; the journal has the reference of the transfer, which is that of the flow."""
    return {
        "list.csv": provisionals(
            "2026;1;12/11/2026;Poste;BONIFICO;45,90;", "2026;9;12/11/2026;Poste;ALTRO;45,00;",
            "2026;9;12/11/2026;Poste;ALTRO;-45,00;",
        ),
        "journal.xml": journal(pisa, [credit(4590, "BONIFICO", REFERENCE)]),
        "flow.json": flow_bundle(pisa.fiscal_code, [line("01000000000004285", "RT-1", 4590)]),
    }  # fmt: skip


def take(entity, name, content):
    return ingest(entity=entity, content=content, name=name, channel=Channel.UPLOAD, actor=ACTOR)


def counted(number="1"):
    return TreasuryMovement.objects.filter(counts=True, document_number=number, direction="ENTRATA")


def _outcome(entity, files, *, together):
    """Fingerprint and balances of these documents in this order, forgotten afterwards."""
    with transaction.atomic():
        if together:
            ingest_many(entity=entity, files=files, channel=Channel.UPLOAD, actor=ACTOR)
        else:
            for name, content in files:
                take(entity, name, content)
                reconcile_and_book(entity=entity, actor=ACTOR)
        run = reconcile_and_book(entity=entity, actor=ACTOR)
        books = balances([entity.pk], on=clock.today())
        ((rule, movement),) = Match.objects.filter(live=True, kind="flow_movement").values_list(
            "rule", "movement__source"
        )
        transaction.set_rollback(True)
    assert (rule, movement, books.zero, books.squares) == ("regulation_id", "journal", 0, True)
    return run.hash, [(row.account, row.cents) for row in books.accounts]


def test_fingerprint_and_balances_are_the_same_in_any_order(pisa, papers):
    outcomes = [
        _outcome(pisa, [(name, papers[name]) for name in order], together=together)
        for order in permutations(papers)
        for together in (False, True)
    ]
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_the_row_of_the_list_stays_as_it_was_read(pisa, papers):
    take(pisa, "list.csv", papers["list.csv"])
    before = TreasuryMovement.objects.filter(document_number="1").values().get()
    take(pisa, "journal.xml", papers["journal.xml"])
    after = TreasuryMovement.objects.filter(pk=before["id"]).values().get()
    assert after == before | {"counts": False}
    movement = counted().get()
    assert (movement.source, movement.operation_reference, movement.account) == ("journal", REFERENCE, "0000100")


def test_nobody_makes_the_list_count_again_by_choosing_documents(pisa, papers):
    take(pisa, "list.csv", papers["list.csv"])
    take(pisa, "journal.xml", papers["journal.xml"])
    account = TreasuryAccount.objects.get(code="")
    for source in (MovementSource.STATEMENT, MovementSource.JOURNAL):
        account_source_set(account=account, source=source, actor=ACTOR)
    assert [row.source for row in counted()] == ["journal"]


def test_what_a_person_had_put_together_goes_on_with_the_journal(pisa, kept, papers):
    user = User.objects.create_user(username="anna", kind="staff", is_staff=True)
    take(pisa, "list.csv", papers["list.csv"].replace(b"Poste;BONIFICO", b"Poste di prova;BONIFICO"))
    take(pisa, "flow.json", papers["flow.json"])
    kept.run()
    suggestion_confirm(entity=pisa, suggestion_id=Suggestion.objects.get().pk, user_id=user.pk, actor=ACTOR)
    take(pisa, "journal.xml", papers["journal.xml"])
    old, new = Match.objects.filter(made_by=user).order_by("pk")
    assert (old.live, old.movement.source, old.revoked_by) == (False, "provisionals", user)
    assert (new.live, new.movement.source, new.cents, new.rule) == (True, "journal", 4590, old.rule)
    kept.run()
    assert list(Match.objects.filter(live=True, kind="flow_movement")) == [new]
    assert ("flow", "flow_without_treasury") not in kept.said()


@pytest.fixture
def outside(pisa, kept, owed):
    """A provisional of a list that a person gave to an act of a foreign plate, and another confirmed."""
    anna, bruno = accountant(pisa, "anna"), accountant(pisa, "bruno")
    take(pisa, "list.csv", provisionals("2026;1;12/11/2026;Hans Prova;ALTRO;48,00;"))
    reconcile_and_book(entity=pisa, actor=ACTOR)
    given = {"fine_id": act(owed()).pk, "cents": 4800, "user_id": anna.user_id, "actor": anna}
    row = outside_from_credit(entity=pisa, movement_id=counted().get().pk, **given)
    outside_confirm(outside_id=row.outside_id, actor=bruno)
    reconcile_and_book(entity=pisa, actor=ACTOR)
    return row


def test_what_came_outside_pagopa_goes_on_with_the_journal(pisa, kept, outside):
    def stands():
        books = balances([pisa.pk], on=clock.today())
        drafts = CollectionOrderLine.objects.filter(proposal__state="draft")
        free = books.of(Account.CREDITS_TO_ATTRIBUTE) - sum(others.values_list("cents", flat=True))
        return books.zero, books.squares, free, list(drafts.values_list("cents", flat=True))

    others = TreasuryMovement.objects.filter(direction="ENTRATA").exclude(document_number="1")
    before, listed = stands(), outside.movement
    assert before == (0, True, 0, [4800])
    take(pisa, "journal.xml", journal(pisa, [credit(4800, "BONIFICO")]))
    reconcile_and_book(entity=pisa, actor=ACTOR)
    outside.refresh_from_db()
    assert (outside.movement, outside.list_movement) == (counted().get(), listed)
    assert free_cents([outside.movement]) == {outside.movement_id: 0}
    (verdict,) = kept.standing(Code.RECONCILED)
    assert (verdict.movement, verdict.facts["outside"]) == (outside.movement, True)
    assert stands() == before
    assert kept.run(full=True).run_id is None


@pytest.mark.parametrize("change", ["movement_id", "reference", "again", "delete"])
def test_the_credit_of_a_payment_outside_pagopa_changes_only_when_the_journal_takes_over(pisa, kept, outside, change):
    take(pisa, "journal.xml", journal(pisa, [credit(4800, "BONIFICO")]))
    rows = OutsideCredit.objects.filter(pk=outside.pk)
    other = TreasuryMovement.objects.filter(direction="USCITA")[0].pk
    values = {
        "again": {"list_movement_id": other},
        "movement_id": {"movement_id": other},
        "reference": {"reference": "x"},
    }
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete() if change == "delete" else rows.update(**values[change])


def test_taking_over_asks_a_fixed_number_of_statements(pisa, django_assert_max_num_queries):
    rows = [f"2026;{number};12/11/2026;Poste;BONIFICO;{number},00;" for number in range(1, 31)]
    take(pisa, "list.csv", provisionals(*rows))
    content = journal(pisa, [credit(number * 100, "BONIFICO") for number in range(1, 31)])
    with django_assert_max_num_queries(60):
        take(pisa, "journal.xml", content)
    assert TreasuryMovement.objects.filter(counts=False).count() == 30
