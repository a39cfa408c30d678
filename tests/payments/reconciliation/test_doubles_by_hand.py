"""What may be called a double payment by hand: never an instalment that is owed, also a payment without its receipt."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scopes_disabled

from payments.models import ReceiptCase
from payments.reconciliation.domain.accounts import Account
from payments.reconciliation.models import DuplicateMark, FlowLine
from payments.reconciliation.selectors.duplicates import possible_duplicates
from payments.reconciliation.selectors.ledger import balances
from payments.reconciliation.services.books import books_update
from payments.reconciliation.services.duplicates import (
    NotADuplicate,
    Paid,
    RefundUnderWay,
    duplicate_mark,
    duplicate_unmark,
)
from payments.services.refunds import refund_request
from portal import clock
from portal.accounts.models import User
from portal.audit.actor import Actor
from portal.entities.models import Role, StaffRole
from tests.payments.reconciliation.acts import act, paid
from tests.payments.reconciliation.builders import line
from tests.payments.reconciliation.debts import numbered

WHY = "È lo stesso verbale"


@pytest.fixture
def anna(pisa) -> Actor:
    user = User.objects.create_user(username="anna", kind="staff", is_staff=True)
    with scopes_disabled():
        StaffRole.objects.create(entity=pisa, user=user, role=Role.ACCOUNTANT)
    return Actor(label="anna", user_id=user.pk)


def mark(kept, actor, payment, first):
    return duplicate_mark(
        entity=kept.entity, payment=payment, first=first, reason=WHY, user_id=actor.user_id, actor=actor
    )


def unmark(kept, actor, row):
    return duplicate_unmark(entity=kept.entity, mark_id=row.pk, reason="No", user_id=actor.user_id, actor=actor)


def in_doubles(kept, actor) -> int:
    books_update(entity=kept.entity, actor=actor)
    found = balances([kept.entity.pk], on=clock.today())
    assert found.zero == 0
    return found.of(Account.DUPLICATES)


def plan(owed):
    """Two instalments of a plan."""
    first = owed(kind="plan")
    return [first, numbered(first.option.position, option=first.option)]


def test_an_instalment_is_not_the_double_of_another_instalment_of_its_plan(kept, owed, anna):
    notices = plan(owed)
    receipts = [paid(notice, f"RT-{notice.number}") for notice in notices]
    kept.flow([line(row.iuv, f"RT-{row.number}", 4800, seq=row.number) for row in notices])
    kept.run()
    with pytest.raises(NotADuplicate, match="ognuna è dovuta"):
        mark(kept, anna, Paid(receipts[1].pk), notices[0].nav)
    page = reverse("admin:payments_reconciliation_double", args=[receipts[1].pk])
    client = Client()
    client.force_login(User.objects.get(pk=anna.user_id))
    values = {"primo": notices[0].nav, "motivo": WHY, "azione": "doppio"}
    assert "ogni rata è dovuta" in client.post(page, values, follow=True).content.decode()
    assert not DuplicateMark.objects.exists()


def test_an_instalment_is_not_the_double_of_one_of_another_plan_that_is_still_to_be_paid(kept, owed, anna):
    ones, others = plan(owed), plan(owed)
    paid(ones[0], "RT-1")
    ones[0].option.position.state = "partly_paid"
    ones[0].option.position.save(update_fields=["state"])
    second = paid(others[0], "RT-2")
    kept.run()
    with pytest.raises(NotADuplicate, match="ognuna è dovuta"):
        mark(kept, anna, Paid(second.pk), ones[0].nav)
    paid(ones[1], "RT-3")  # and now the first plan is paid up
    assert mark(kept, anna, Paid(second.pk), ones[0].nav).live


@pytest.mark.parametrize("whole_first", [True, False])
def test_a_notice_that_pays_the_fine_whole_and_an_instalment_of_the_same_fine_are_doubles(
    kept, owed, anna, whole_first
):
    whole, part = owed(), plan(owed)[0]
    first, second = (whole, part) if whole_first else (part, whole)
    paid(first, "RT-1")
    row = paid(second, "RT-2")
    kept.run()
    assert mark(kept, anna, Paid(row.pk), first.nav).live


def test_what_is_left_of_a_plan_that_was_withdrawn_is_owed_and_its_old_numbers_are_not(kept, owed, anna):
    first, old = plan(owed)
    way, position = first.option, first.option.position
    paid(first, "RT-1")
    way.withdrawn_at = clock.now()
    way.save(update_fields=["withdrawn_at"])
    rest = numbered(position, added_at=clock.now())
    second = paid(rest, "RT-2", paid_at=clock.now() - timedelta(days=2))
    kept.flow([line(row.iuv, f"RT-{seq}", 4800, seq=seq) for seq, row in enumerate((first, rest), start=1)])
    kept.run()
    assert not kept.standing("duplicate_on_act", "duplicate_payment")
    with pytest.raises(NotADuplicate, match="ognuna è dovuta"):
        mark(kept, anna, Paid(second.pk), first.nav)
    paid(old, "RT-3", paid_at=clock.now() - timedelta(days=1))
    kept.run(full=True)
    [verdict] = kept.standing("duplicate_on_act")
    assert (verdict.facts["iur"], verdict.facts["first_iuv"]) == ("RT-3", rest.iuv)


@pytest.fixture
def only_reported(kept, owed):
    """Two notices for the same fact, both paid: of the second payment there is a line and no receipt."""
    notices = [owed(), owed()]
    paid(notices[0], "RT-1")
    kept.flow([line(notices[0].iuv, "RT-1", 4800), line(notices[1].iuv, "RT-2", 4800, seq=2, status="NO_RPT")])
    kept.run()
    return notices


def reported(iur: str = "RT-2") -> Paid:
    return Paid(line_id=FlowLine.objects.get(iur=iur).pk)


def test_a_payment_without_receipt_is_called_double_and_its_receipt_counts_it_once(kept, only_reported, anna):
    row = mark(kept, anna, reported(), only_reported[0].nav)
    assert row.receipt is None
    assert {verdict.code for verdict in kept.standing() if verdict.line_id == reported().line_id} >= {
        "paid_without_receipt", "duplicate_on_act",
    }  # fmt: skip
    assert in_doubles(kept, anna) == 4800
    receipt = paid(only_reported[1], "RT-2")
    kept.run()
    [verdict] = kept.standing("duplicate_on_act")
    assert verdict.facts["by_person"]
    assert in_doubles(kept, anna) == 4800
    assert kept.run(full=True).run_id is None
    with pytest.raises(NotADuplicate, match="già doppio"):
        mark(kept, anna, Paid(receipt.pk), only_reported[0].nav)
    refund_request(
        case_id=ReceiptCase.objects.get(receipt=receipt).pk, cents=4800, beneficiary_name="Mario Rossi",
        iban="IT60X0542811101000000123456", reason=WHY, actor=anna,
    )  # fmt: skip
    with pytest.raises(RefundUnderWay):
        unmark(kept, anna, row)


def test_what_was_said_without_receipt_is_taken_back_as_any_other(kept, only_reported, anna):
    before = kept.run(full=True).hash
    row = mark(kept, anna, reported(), only_reported[0].nav)
    unmark(kept, anna, row)
    assert kept.run(full=True).hash == before
    assert in_doubles(kept, anna) == 0


def test_a_double_of_nothing_or_of_itself_and_a_line_that_is_gone_are_refused(kept, only_reported, anna, livorno):
    for payment, first in [
        (reported(), only_reported[1].nav), (reported(), "0"), (Paid(line_id=0), only_reported[0].nav), (Paid(), "1"),
    ]:  # fmt: skip
        with pytest.raises(NotADuplicate):
            mark(kept, anna, payment, first)


def test_what_was_said_before_the_receipt_came_is_not_asked_again_after(kept, only_reported, anna, pisa):
    mark(kept, anna, reported(), only_reported[0].nav)
    paid(only_reported[1], "RT-2")
    for notice in only_reported:
        act(notice, country="IT", reference="", plate="AB123CD")
    assert possible_duplicates([pisa.pk]) == []


def test_the_page_of_a_payment_without_receipt_says_what_the_refund_waits_for(kept, only_reported, anna):
    client = Client()
    client.force_login(User.objects.get(pk=anna.user_id))
    page = reverse("admin:payments_reconciliation_double_line", args=[reported().line_id])
    [about] = kept.standing("paid_without_receipt")
    work = client.get(reverse("admin:payments_reconciliation_work", args=[about.pk])).content.decode()
    assert page in work
    ask = reverse("admin:payments_reconciliation_ask_receipt", args=[about.pk])
    assert ask in client.get(page).content.decode()
    values = {"primo": only_reported[0].nav, "motivo": WHY, "azione": "doppio"}
    assert client.post(page, values).url == page
    shown = client.get(page).content.decode()
    assert WHY in shown
    assert "La ricevuta non c'è ancora" in shown.replace("&#x27;", "'")
    [double] = kept.standing("duplicate_on_act")
    work = client.get(reverse("admin:payments_reconciliation_work", args=[double.pk])).content.decode()
    assert reverse("admin:payments_reconciliation_ask_receipt", args=[double.pk]) in work
    assert page in client.get(reverse("admin:payments_reconciliation_doubles")).content.decode()
    receipt = paid(only_reported[1], "RT-2")
    assert client.get(page).url == reverse("admin:payments_reconciliation_double", args=[receipt.pk])
    assert WHY in client.get(reverse("admin:payments_reconciliation_double", args=[receipt.pk])).content.decode()
    assert client.get(reverse("admin:payments_reconciliation_double_line", args=[2**62])).status_code == 404
