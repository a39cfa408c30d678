"""Refunds: asked by one person, approved by another, never more than came in, and the database agrees."""

from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.utils import DatabaseError
from django_scopes import scopes_disabled
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.refunds import COMMITTED, DECISIONS, OPEN, TRANSITIONS, Action, State, account, masked_account
from payments.domain.refunds import refundable as still_refundable
from payments.models import ReceiptCase, Refund
from payments.services.refunds import (
    refund_approve,
    refund_order,
    refund_outcome,
    refund_refuse,
    refund_request,
    refundable_cents,
)
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.entities.models import Role
from portal.kernel.errors import DomainError
from portal.kernel.states import MoveNotAllowed, move
from tests.factories.platform import make_staff
from tests.payments.node_messages import Receipt, post, send

pytestmark = pytest.mark.usefixtures("every_entity")
IBAN = "IT60X0542811101000000123456"


def person(entity, name="Paola Conti", role=Role.ACCOUNTANT):
    user = make_staff(entity, role, name=name)
    return Actor(label=str(user), user_id=user.pk)


@pytest.fixture
def asker(pisa):
    return person(pisa, "Paola Conti")


@pytest.fixture
def second(pisa):
    return person(pisa, "Bruno Neri")


@pytest.fixture
def odd(notice):
    """A second payment of 48,00 euro."""
    post(send(Receipt(notice.nav)))
    post(send(Receipt(notice.nav, receipt_id="b" * 32)))
    return ReceiptCase.objects.get(state="to_review")


@pytest.fixture
def ask(odd, asker):
    def make(**changes):
        values = {
            "case_id": odd.pk, "cents": 4800, "beneficiary_name": "Mario Rossi", "iban": IBAN,
            "reason": "Secondo pagamento", "actor": asker, **changes,
        }  # fmt: skip
        return refund_request(**values)

    return make


def test_a_refund_goes_from_the_request_to_its_outcome_through_two_people(ask, asker, second):
    refund = ask(iban=" it60 x054 2811 1010 0000 0123 456 ")
    assert (refund.state, refund.iban, refund.masked_iban) == (State.REQUESTED, IBAN, "IT ···· 3456")
    refund_approve(refund_id=refund.pk, actor=second)
    refund_order(refund_id=refund.pk, reference="mandato 812/2026", actor=asker)
    refund = refund_outcome(refund_id=refund.pk, done=True, reference="CRO 123", actor=asker)
    assert (refund.state, refund.order_reference, refund.outcome_reference) == (
        State.DONE, "mandato 812/2026", "CRO 123",
    )  # fmt: skip
    assert refund.decided_by_id == second.user_id
    assert refund.ordered_at is not None
    assert refund.closed_at is not None


def test_every_step_is_in_the_audit_trail_without_names_nor_accounts(ask, second):
    refund = ask()
    refund_approve(refund_id=refund.pk, actor=second)
    events = list(Event.objects.filter(action__startswith="payments.refund").order_by("pk"))
    assert [event.action for event in events] == ["payments.refund_requested", "payments.refund_moved"]
    told = " ".join(str(event.data) for event in events)
    assert "4800" in told
    assert IBAN not in told
    assert "Rossi" not in told


@pytest.mark.parametrize("decide", [refund_approve, lambda **k: refund_refuse(note="no", **k)])
def test_who_asks_does_not_decide(ask, asker, decide):
    refund = ask()
    with pytest.raises(DomainError, match="un'altra persona"):
        decide(refund_id=refund.pk, actor=asker)
    refund.refresh_from_db()
    assert refund.state == State.REQUESTED


def test_the_database_too_wants_two_people(ask, asker):
    refund = ask()
    with pytest.raises(IntegrityError, match="refund_two_people"), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(
            state=State.APPROVED, decided_by_id=asker.user_id, decided_at=refund.requested_at
        )
    with pytest.raises(IntegrityError, match="refund_decided_by_somebody"), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(state=State.APPROVED)


def test_a_machine_asks_for_no_refund(ask):
    with pytest.raises(DomainError, match="da persone"):
        ask(actor=Actor.system("prova"))


@pytest.mark.parametrize(
    ("field", "value"),
    [("iban", "US12345"), ("iban", ""), ("iban", "IT60X0542811101000000123457"),
     ("iban", "BR1800360305000010009795493C1"), ("beneficiary_name", "  "), ("reason", ""),
     ("cents", 0), ("cents", -1), ("cents", 4801)],
)  # fmt: skip
def test_a_wrong_request_is_refused_with_a_sentence(ask, field, value):
    with pytest.raises(DomainError) as refused:
        ask(**{field: value})
    assert refused.value.message.endswith(".")
    assert not Refund.objects.exists()


@pytest.mark.parametrize("iban", ["DE89370400440532013000", "GB29NWBK60161331926819", "CH9300762011623852957"])
def test_accounts_of_the_whole_sepa_area_are_welcome(iban):
    assert account(iban) == iban
    assert masked_account(iban).startswith(iban[:2])


def test_the_refunds_of_a_receipt_together_do_not_exceed_it(odd, ask, second):
    first = ask(cents=3000)
    ask(cents=1800)
    assert refundable_cents(odd) == 0
    with pytest.raises(DomainError, match="al massimo 0,00"):
        ask(cents=1)
    refund_refuse(refund_id=first.pk, note="IBAN di un altro", actor=second)
    assert refundable_cents(odd) == 3000
    ask(cents=3000)


def test_the_database_too_counts_the_refunds(odd, ask):
    refund = ask(cents=4000)
    more = Refund(
        entity=odd.entity, case=odd, amount_cents=801, beneficiary_name="X", iban=IBAN, reason="x",
        requested_by_id=refund.requested_by_id, requested_at=refund.requested_at,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="exceed what the body received"), transaction.atomic():
        more.save()


@pytest.mark.parametrize(
    "change",
    [{"iban": "DE89370400440532013000"}, {"amount_cents": 1}, {"beneficiary_name": "Altri"}, {"reason": "altro"}],
)
def test_what_was_asked_for_does_not_change_any_more(ask, second, change):
    refund = ask()
    refund_approve(refund_id=refund.pk, actor=second)
    with pytest.raises(DatabaseError, match="cannot change any more"), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(**change)


def test_a_refund_is_never_deleted_and_a_closed_one_never_opened_again(ask, second):
    refund = refund_refuse(refund_id=ask().pk, note="non dovuto", actor=second)
    with pytest.raises(DatabaseError, match="cannot change"), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).delete()
    with pytest.raises(DatabaseError, match="cannot change"), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(state=State.REQUESTED, closed_at=None)


def test_only_the_part_of_the_body_goes_back(notice, asker):
    shares = ((1, "32.00", "80000410508", IBAN), (2, "16.00", "80016450480", IBAN))
    post(send(Receipt(notice.nav)))
    post(send(Receipt(notice.nav, receipt_id="c" * 32, transfers=shares)))
    case = ReceiptCase.objects.get(state="to_review")
    assert refundable_cents(case) == 3200
    with pytest.raises(DomainError, match="32,00"):
        refund_request(
            case_id=case.pk, cents=4800, beneficiary_name="Mario Rossi", iban=IBAN, reason="doppio", actor=asker
        )


def test_a_payment_that_did_not_happen_is_not_refunded(notice, asker):
    post(send(Receipt(notice.nav, outcome="KO")))
    case = ReceiptCase.objects.get()
    assert refundable_cents(case) == 0
    with pytest.raises(DomainError):
        refund_request(case_id=case.pk, cents=1, beneficiary_name="M", iban=IBAN, reason="x", actor=asker)


def test_a_refund_that_failed_says_why_and_can_be_asked_again(odd, ask, asker, second):
    refund = ask()
    refund_approve(refund_id=refund.pk, actor=second)
    refund_order(refund_id=refund.pk, reference="812", actor=asker)
    with pytest.raises(DomainError, match="non è riuscito"):
        refund_outcome(refund_id=refund.pk, done=False, reference="", actor=asker)
    refund_outcome(refund_id=refund.pk, done=False, reference="", note="Conto chiuso", actor=asker)
    assert refundable_cents(odd) == 4800
    ask()


@pytest.mark.parametrize("step", [
    lambda pk, actor: refund_order(refund_id=pk, reference="1", actor=actor),
    lambda pk, actor: refund_outcome(refund_id=pk, done=True, reference="1", actor=actor),
    lambda pk, actor: refund_outcome(refund_id=pk, done=False, reference="", note="x", actor=actor),
])  # fmt: skip
def test_nothing_is_ordered_before_the_approval(ask, second, step):
    refund = ask()
    with pytest.raises(MoveNotAllowed):
        step(refund.pk, second)


def test_an_order_needs_its_number(ask, second):
    refund = ask()
    refund_approve(refund_id=refund.pk, actor=second)
    with pytest.raises(DomainError, match="mandato"):
        refund_order(refund_id=refund.pk, reference=" ", actor=second)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_every_move_outside_the_table_is_refused(state, action):
    if (state, action) in TRANSITIONS:
        assert move(TRANSITIONS, state, action) in State
        assert action not in DECISIONS or state is State.REQUESTED
    else:
        with pytest.raises(MoveNotAllowed):
            move(TRANSITIONS, state, action)
    assert OPEN < COMMITTED


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.booleans())
def test_what_can_go_back_is_never_negative_nor_more_than_the_share(own, committed, ok):
    left = still_refundable(own=own, committed=committed, outcome_ok=ok)
    assert 0 <= left <= own
    assert ok or left == 0


def _at_once(calls):
    barrier, results = Barrier(len(calls)), []

    def run(call):
        with scopes_disabled():
            barrier.wait()
            try:
                results.append(call() and "ok")
            except DomainError as error:
                results.append(error.code)
            finally:
                connections.close_all()

    threads = [Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)


@pytest.mark.django_db(transaction=True)
def test_eight_requests_at_once_do_not_exceed_the_receipt(odd, ask):
    results = _at_once([lambda: ask(cents=2000)] * 8)
    assert results.count("ok") == 2
    assert sum(Refund.objects.values_list("amount_cents", flat=True)) <= 4800
    assert connection.is_usable()


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_once_count_once(ask, pisa, second):
    refund, third = ask(), person(pisa, "Carla Blu")
    results = _at_once([
        lambda: refund_approve(refund_id=refund.pk, actor=second),
        lambda: refund_refuse(refund_id=refund.pk, note="no", actor=third),
    ])  # fmt: skip
    assert results == ["move_not_allowed", "ok"]
