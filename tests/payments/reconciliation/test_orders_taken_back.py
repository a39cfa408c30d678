"""What the treasurer took back after the file of the orders was made: somebody must be told."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scopes_disabled

from payments.reconciliation.selectors.proposals import TakenBack, judged_lines, taken_back
from payments.reconciliation.services.books import books_update
from payments.reconciliation.services.proposals import orders_void, proposals_approve, proposals_export
from portal.accounts.models import User
from portal.audit.actor import Actor
from portal.entities.models import Role, StaffRole
from tests.payments.reconciliation.books_of import BookKeeper

IUV, IUR = "01000000000004285", "RT-0001"
LIST = "admin:payments_reconciliation_collectionorderproposal_changelist"


@pytest.fixture
def person(pisa) -> Actor:
    user = User.objects.create_user(username="ragioniera", kind="staff", is_staff=True)
    with scopes_disabled():
        StaffRole.objects.create(entity=pisa, user=user, role=Role.ACCOUNTANT)
    return Actor("Ragioniera", user_id=user.pk)


@pytest.fixture
def keep(pisa, actor, person):
    """A provisional of ten euro whose order is in a file."""
    keeper = BookKeeper(pisa)
    keeper.rule("CANONI", keeper.assessment("301"))
    keeper.position(IUV, ("CANONI", 1000))
    flow = keeper.flow("F1", (IUV, IUR, 1, 1000))
    keeper.meets(flow, 1, keeper.receipt(IUV, IUR, 1000))
    keeper.credited(flow, keeper.movement("0077", 1000))
    books_update(entity=pisa, actor=actor)
    (line,) = judged_lines([pisa.pk])
    proposals_approve(entity=pisa, proposal_ids=[line.proposal_id], cents=1000, actor=person)
    keeper.file = proposals_export(entity=pisa, layout="csv", actor=person).file
    keeper.proposal = line.proposal_id
    return keeper


def by_order(keep, number, day, cents=1000, *, back=False):
    keep.order(number, date(2026, 11, day), ("77", cents), operation="STORNATO" if back else "ESEGUITO")


def on_itself(keep, number, day, cents=1000, *, back=False):
    keep.movement("77", cents, operation="RIPRISTINATO" if back else "REGOLARIZZATO", booked_on=date(2026, 11, day))


@pytest.mark.parametrize("says", [by_order, on_itself])
def test_an_order_taken_back_after_the_export_is_shown_until_it_is_called_annulled(pisa, keep, person, says):
    assert taken_back([pisa.pk]) == []
    says(keep, "500", 20)
    assert taken_back([pisa.pk]) == []
    says(keep, "500", 23, back=True)
    assert taken_back([pisa.pk]) == [TakenBack(keep.proposal, "77/2026", 1000)]
    client = Client()
    client.force_login(User.objects.get(pk=person.user_id))
    assert "Reversali esportate e poi annullate" in client.get(reverse(LIST)).content.decode()
    orders_void(export=keep.file, line_ids=None, reason="annullata", actor=person)
    assert taken_back([pisa.pk]) == []
    assert "Reversali esportate e poi annullate" not in client.get(reverse(LIST)).content.decode()


@pytest.mark.parametrize("says", [by_order, on_itself])
def test_one_that_another_order_covers_again_is_not(pisa, keep, says):
    says(keep, "500", 20)
    says(keep, "500", 23, back=True)
    says(keep, "501", 24)
    assert taken_back([pisa.pk]) == []


def test_what_is_open_again_is_what_was_taken_back(pisa, livorno, keep):
    by_order(keep, "500", 20, 600)
    by_order(keep, "501", 20, 400)
    by_order(keep, "501", 23, 400, back=True)
    assert taken_back([pisa.pk, livorno.pk]) == [TakenBack(keep.proposal, "77/2026", 400)]
    assert taken_back([livorno.pk]) == []
