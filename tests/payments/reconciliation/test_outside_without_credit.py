"""A transfer recorded as a payment outside pagoPA without its credit: it waits to be linked, and counts once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from payments.domain.outside import How
from payments.reconciliation.domain.accounts import Account, Source
from payments.reconciliation.models import LedgerPosting, OutsideCredit, SuggestionThreshold, TreasuryMovement
from payments.reconciliation.selectors.ledger import balances
from payments.reconciliation.selectors.without_credit import credit_named, without_credit
from payments.reconciliation.services.books import books_update
from payments.reconciliation.services.foreign import NothingToRecord, outside_from_credit, outside_link
from payments.reconciliation.services.people import NotAnAccountant
from payments.sandbox.treasurer import Credit
from payments.services.outside import Arrived, outside_confirm, outside_record, outside_reverse
from portal import clock
from portal.accounts.models import User
from tests.payments.reconciliation.acts import act
from tests.payments.reconciliation.builders import DAY, IUF, REMITTANCE
from tests.payments.reconciliation.people import accountant

PAGE = "admin:payments_reconciliation_foreign"


@pytest.fixture
def lonely(kept, owed, anna):
    """48,00 euro from abroad, recorded by hand; the credit came under a text that says nothing."""
    fine = act(owed())
    arrived = Arrived(credited_on=DAY, cents=4800, how=How.TRANSFER, reference="TRN-ESTERO")
    row = outside_record(position_id=fine.position_id, arrived=arrived, actor=anna)
    kept.journal(
        [
            Credit(4800, "UEBERWEISUNG", "TRN-ALTRO", "Un altro"),
            Credit(4800, "UEBERWEISUNG", "TRN-ESTERO", "Hans Prova"),
            Credit(4000, "UEBERWEISUNG", "TRN-POCO", "Hans Prova"),
            Credit(4800, REMITTANCE + IUF, "TRN-FLUSSO", "Poste di prova"),
        ]
    )
    kept.run()
    return row


def money(reference: str = "TRN-ESTERO") -> TreasuryMovement:
    return TreasuryMovement.objects.get(operation_reference=reference)


def link(kept, actor, row, movement=None):
    return outside_link(
        entity=kept.entity, outside_id=row.pk, movement_id=(movement or money()).pk, user_id=actor.user_id, actor=actor
    )


def test_it_waits_with_the_credits_that_may_have_brought_it_the_likeliest_first(lonely, pisa, livorno):
    [found] = without_credit([pisa.pk])
    assert (found.paid, [row.operation_reference for row in found.credits]) == (lonely, ["TRN-ESTERO", "TRN-ALTRO"])
    assert without_credit([livorno.pk]) == []


def test_linked_to_its_credit_it_enters_the_ledger_once(kept, lonely, pisa, anna, bruno):
    def free() -> int:
        books_update(entity=pisa, actor=anna)
        assert books_update(entity=pisa, actor=anna, full=True).postings == 0
        found = balances([pisa.pk], on=clock.today())
        assert found.zero == 0
        return found.of(Account.CREDITS_TO_ATTRIBUTE)

    outside_confirm(outside_id=lonely.pk, actor=bruno)
    kept.run()
    before = free()
    assert not LedgerPosting.objects.filter(entry__source=Source.OUTSIDE).exists()  # the books do not know it yet
    kept.on(DAY + timedelta(10))
    kept.run()
    link(kept, anna, lonely)
    assert free() == before - 4800
    [verdict] = [row for row in kept.standing() if row.movement_id == money().pk]
    assert (verdict.code, verdict.cents) == ("reconciled", 4800)
    assert without_credit([pisa.pk]) == []
    with pytest.raises(NothingToRecord, match="già il suo accredito"):
        link(kept, anna, lonely, money("TRN-ALTRO"))
    back = outside_reverse(outside_id=lonely.pk, reason="Non era suo", actor=anna)
    outside_confirm(outside_id=back.pk, actor=bruno)
    kept.run()
    assert free() == before


def test_linked_before_it_is_confirmed_it_counts_from_the_confirmation(kept, lonely, anna, bruno):
    link(kept, anna, lonely)
    kept.run()
    assert [row.code for row in kept.standing() if row.movement_id == money().pk] == ["treasury_not_pagopa"]
    outside_confirm(outside_id=lonely.pk, actor=bruno)
    kept.run()
    assert [row.code for row in kept.standing() if row.movement_id == money().pk] == ["reconciled"]


def test_a_credit_is_not_given_twice_nor_beyond_what_it_brought(kept, lonely, owed, anna, livorno):
    other = act(owed())
    outside_from_credit(
        entity=kept.entity, movement_id=money().pk, fine_id=other.pk, cents=1, user_id=anna.user_id, actor=anna
    )
    for movement in (money(), money("TRN-POCO")):
        with pytest.raises(NothingToRecord, match="restano da attribuire"):
            link(kept, anna, lonely, movement)
    with pytest.raises(NothingToRecord, match="non c'è più"):
        outside_link(entity=kept.entity, outside_id=lonely.pk, movement_id=0, user_id=anna.user_id, actor=anna)
    with pytest.raises(NotAnAccountant):
        link(kept, accountant(livorno, "carla"), lonely)


def test_beyond_the_threshold_who_recorded_does_not_name_the_credit(kept, lonely, anna, bruno):
    SuggestionThreshold.objects.create(entity=kept.entity, cents=4799, valid_from=DAY, source="prova")
    with pytest.raises(NothingToRecord, match="persona diversa"):
        link(kept, anna, lonely)
    assert link(kept, bruno, lonely).movement == money()


def test_a_provisional_is_named_as_it_is_written(lonely, pisa):
    row = money()
    assert credit_named(pisa.pk, f" 000{row.document_number} / {row.year}") == row.pk
    for text in (
        "",
        "x",
        f"{row.document_number}",
        f"{row.document_number}/26",
        f"{row.document_number}/1999",
        "/2026",
    ):
        assert credit_named(pisa.pk, text) == 0


def test_the_page_lists_it_links_it_and_refuses_what_is_nothing(lonely, pisa, anna, livorno):
    client = Client()
    client.force_login(User.objects.get(pk=anna.user_id))
    shown = client.get(reverse(PAGE)).content.decode()
    assert "TRN-ESTERO" in shown
    assert "Da collegare" in shown
    assert "(1)" in client.get(reverse("admin:payments_reconciliation_queue")).content.decode()
    for values in ({"accredito": "x"}, {"provvisorio": "0/2026"}, {"provvisorio": "\x00"}, {}):
        client.post(reverse(PAGE), {"pagamento": lonely.pk} | values)
        assert not OutsideCredit.objects.exists()
    assert client.post(reverse(PAGE), {"pagamento": 2**62, "accredito": 1}).status_code == 404
    stranger = Client()
    stranger.force_login(User.objects.get(pk=accountant(livorno, "carla").user_id))
    assert stranger.post(reverse(PAGE), {"pagamento": lonely.pk, "accredito": money().pk}).status_code == 404
    client.post(reverse(PAGE), {"pagamento": lonely.pk, "accredito": money().pk})
    assert OutsideCredit.objects.get().outside == lonely
    assert "Da collegare" not in client.get(reverse(PAGE)).content.decode()
