"""Money outside pagoPA: recorded by one person, confirmed by another, taken back by a contrary entry."""

from datetime import date
from itertools import product
from threading import Barrier, Thread

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django_scopes import scopes_disabled
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.judgement import Anomaly
from payments.domain.outside import (
    HOW_LABELS,
    PAID_HOW,
    STATE_LABELS,
    TRANSITIONS,
    Action,
    How,
    Number,
    State,
    weigh,
)
from payments.domain.states import State as PositionState
from payments.models import Instalment, OutsidePayment, Position, ReceiptCase
from payments.selectors_dashboard import Period, dashboard
from payments.services.outside import Arrived, outside_confirm, outside_record, outside_refuse, outside_reverse
from payments.services.positions import position_report, position_suspend
from payments.services.refunds import refund_approve, refund_outcome, refund_refuse, refund_request
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.billing.models import Charge
from portal.billing.socket import PlannedInstalment
from portal.entities.models import Role
from portal.kernel.errors import DomainError
from portal.kernel.states import MoveNotAllowed, move
from portal.outbox.services import carry_due
from tests.factories.platform import make_staff
from tests.payments import node_messages as node

pytestmark = pytest.mark.usefixtures("every_entity")
DAY = date(2026, 11, 20)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel("2026-11-22T12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def notice(pisa, charged):
    """48,00 euro that no case waits for."""
    return charged(pisa, source="desk:1")


def person(entity, name="Paola Conti", role=Role.ACCOUNTANT):
    user = make_staff(entity, role, name=name)
    return Actor(label=str(user), user_id=user.pk)


@pytest.fixture
def clerk(pisa):
    return person(pisa, "Paola Conti")


@pytest.fixture
def second(pisa):
    return person(pisa, "Bruno Neri")


@pytest.fixture
def record(notice, clerk):
    def make(instalment=None, *, actor=None, **changes):
        values = {"credited_on": DAY, "cents": 4800, "how": How.TRANSFER, "reference": "CRO 0123456789", **changes}
        position = (instalment or notice).option.position_id
        return outside_record(position_id=position, arrived=Arrived(**values), actor=actor or clerk)

    return make


def state_of(instalment):
    return Position.objects.get(pk=instalment.option.position_id).state


def charge_of(instalment):
    return Charge.objects.get(position=instalment.option.position_id)


def test_a_bank_transfer_of_the_right_amount_settles_once_another_person_confirms_it(
    notice, record, second, settled_charges
):
    row = record()
    assert state_of(notice) == PositionState.PUBLISHED
    outside_confirm(outside_id=row.pk, actor=second)
    row.refresh_from_db()
    assert (row.state, row.instalment_id, row.due_cents, row.as_balance) == (State.CONFIRMED, notice.pk, 4800, False)
    assert state_of(notice) == PositionState.PAID
    charge = charge_of(notice)
    assert (charge.state, charge.paid_cents, charge.paid_outside) == ("settled", 4800, "con bonifico")
    assert charge.settled_at.date() <= DAY
    carry_due()
    assert settled_charges == [charge.pk]


def test_the_node_hears_that_a_number_paid_outside_is_already_paid(notice, record, second):
    outside_confirm(outside_id=record().pk, actor=second)
    assert b"PAA_PAGAMENTO_DUPLICATO" in node.post(node.verify(notice.nav)).content


def test_while_nobody_has_confirmed_it_the_number_can_still_be_paid(notice, record):
    record()
    assert b"<outcome>OK</outcome>" in node.post(node.verify(notice.nav)).content


def test_who_records_does_not_decide_and_the_table_agrees(notice, record, clerk):
    row = record()
    for decide in (outside_confirm, outside_refuse):
        with pytest.raises(DomainError, match="un'altra persona"):
            decide(outside_id=row.pk, reason="x", actor=clerk)
    with pytest.raises(IntegrityError, match="outside_two_people"), transaction.atomic():
        OutsidePayment.objects.filter(pk=row.pk).update(
            state=State.REFUSED, decision="no", decided_by_id=clerk.user_id, decided_at=row.requested_at
        )
    assert state_of(notice) == PositionState.PUBLISHED


@pytest.mark.parametrize(("cents", "difference"), [(4799, -1), (1, -4799), (4801, 1), (9600, 4800)])
def test_another_amount_settles_only_with_a_reason(notice, record, second, cents, difference):
    row = record(cents=cents)
    with pytest.raises(DomainError, match="scrivi perché"):
        outside_confirm(outside_id=row.pk, actor=second)
    assert state_of(notice) == PositionState.PUBLISHED
    outside_confirm(outside_id=row.pk, reason="Sentenza del Giudice di pace n. 12/2026", actor=second)
    row.refresh_from_db()
    assert (row.as_balance, row.amount_cents - row.due_cents) == (True, difference)
    assert charge_of(notice).paid_cents == cents


def test_a_refusal_says_why_and_leaves_the_position_as_it_was(notice, record, second):
    row = record()
    with pytest.raises(DomainError, match="perché"):
        outside_refuse(outside_id=row.pk, reason=" ", actor=second)
    outside_refuse(outside_id=row.pk, reason="Il bonifico è di un altro verbale", actor=second)
    assert state_of(notice) == PositionState.PUBLISHED
    record()


def test_one_entry_at_a_time_waits_on_a_position(record):
    record()
    with pytest.raises(DomainError, match="già una registrazione"):
        record()


@pytest.mark.parametrize("changes", [
    {"cents": 0}, {"cents": -5}, {"cents": 10**12}, {"credited_on": date(2026, 11, 23)},
    {"credited_on": date(1999, 12, 31)}, {"reference": "  "}, {"actor": Actor.system("prova")},
    {"document": SimpleUploadedFile("conto.exe", b"MZ\x90\x00")}, {"document": SimpleUploadedFile("vuoto.pdf", b"")},
])  # fmt: skip
def test_a_wrong_entry_is_refused_with_a_sentence(record, changes):
    with pytest.raises(DomainError) as refused:
        record(**changes)
    assert refused.value.message.endswith(".")
    assert not OutsidePayment.objects.exists()


def test_the_paper_of_the_bank_is_kept_with_the_entry(record):
    row = record(document=SimpleUploadedFile("estratto conto.pdf", PDF))
    assert row.document.content_type == "application/pdf"


def test_a_paid_a_cancelled_or_a_foreign_position_takes_no_entry(notice, record, second, pisa, charged):
    node.post(node.send(node.Receipt(notice.nav)))
    with pytest.raises(DomainError, match="non è da pagare"):
        record()


def test_a_suspended_position_is_settled_all_the_same(notice, record, second):
    position_suspend(position_id=notice.option.position_id, reason="Ricorso", actor=second)
    outside_confirm(outside_id=record().pk, actor=second)
    assert state_of(notice) == PositionState.PAID


def test_a_receipt_of_pagopa_that_comes_after_is_a_second_payment(notice, record, second):
    outside_confirm(outside_id=record().pk, actor=second)
    assert b"<outcome>OK</outcome>" in node.post(node.send(node.Receipt(notice.nav))).content
    case = ReceiptCase.objects.get()
    assert (case.state, case.settles, case.anomalies) == ("to_review", False, [Anomaly.SECOND_PAYMENT])


def test_a_receipt_that_comes_before_the_confirmation_leaves_nothing_to_confirm(notice, record, second):
    row = record()
    node.post(node.send(node.Receipt(notice.nav)))
    with pytest.raises(DomainError, match="Nel frattempo"):
        outside_confirm(outside_id=row.pk, reason="saldo", actor=second)
    outside_refuse(outside_id=row.pk, reason="Pagata con pagoPA", actor=second)


def test_a_contrary_entry_of_two_people_opens_the_position_again(notice, record, clerk, second):
    row = record()
    outside_confirm(outside_id=row.pk, actor=second)
    back = outside_reverse(outside_id=row.pk, reason="Bonifico di un altro debitore", actor=second)
    assert state_of(notice) == PositionState.PAID
    with pytest.raises(DomainError, match="un'altra persona"):
        outside_confirm(outside_id=back.pk, actor=second)
    outside_confirm(outside_id=back.pk, actor=clerk)
    row.refresh_from_db()
    assert row.state == State.REVERSED
    assert state_of(notice) == PositionState.PUBLISHED
    charge = charge_of(notice)
    assert (charge.state, charge.settled_at, charge.paid_cents, charge.paid_outside) == ("requested", None, None, "")
    assert b"<outcome>OK</outcome>" in node.post(node.verify(notice.nav)).content
    node.post(node.send(node.Receipt(notice.nav)))
    assert state_of(notice) == PositionState.PAID


def test_after_a_contrary_entry_it_can_be_recorded_again(notice, record, clerk, second):
    row = record()
    outside_confirm(outside_id=row.pk, actor=second)
    outside_confirm(outside_id=outside_reverse(outside_id=row.pk, reason="x", actor=clerk).pk, actor=second)
    outside_confirm(outside_id=record().pk, actor=second)
    assert state_of(notice) == PositionState.PAID


def test_a_second_payment_becomes_the_first_when_the_entry_is_taken_back(notice, record, clerk, second):
    row = record()
    outside_confirm(outside_id=row.pk, actor=second)
    node.post(node.send(node.Receipt(notice.nav)))
    outside_confirm(outside_id=outside_reverse(outside_id=row.pk, reason="x", actor=clerk).pk, actor=second)
    case = ReceiptCase.objects.get()
    assert (case.state, case.settles) == ("matched", True)
    assert state_of(notice) == PositionState.PAID


def test_a_contrary_entry_may_be_refused_and_nothing_changes(notice, record, clerk, second):
    row = record()
    outside_confirm(outside_id=row.pk, actor=second)
    back = outside_reverse(outside_id=row.pk, reason="dubbio", actor=clerk)
    outside_refuse(outside_id=back.pk, reason="Il bonifico è proprio questo", actor=second)
    assert state_of(notice) == PositionState.PAID
    with pytest.raises(DomainError, match="non si storna"):
        outside_reverse(outside_id=back.pk, reason="x", actor=clerk)


def test_nothing_is_taken_back_once_it_is_reported(notice, record, clerk, second):
    row = record()
    outside_confirm(outside_id=row.pk, actor=second)
    back = outside_reverse(outside_id=row.pk, reason="x", actor=clerk)
    position_report(position_id=notice.option.position_id)
    with pytest.raises(DomainError, match="rendicontata"):
        outside_confirm(outside_id=back.pk, actor=second)
    assert OutsidePayment.objects.get(pk=row.pk).state == State.CONFIRMED


def test_what_a_case_asked_for_is_not_taken_back_here(pisa, charged, record, clerk, second):
    asked = charged(pisa, source="case:7")
    row = record(asked)
    outside_confirm(outside_id=row.pk, actor=second)
    with pytest.raises(DomainError, match="pratica"):
        outside_reverse(outside_id=row.pk, reason="x", actor=clerk)


def test_of_a_plan_one_instalment_is_settled_and_may_be_taken_back(pisa, charged_many, record, clerk, second):
    plan = [PlannedInstalment(2400, date(2027, 1, 31)), PlannedInstalment(2400, date(2027, 2, 28))]
    charge = charged_many(pisa, source="desk:3", plan=plan)
    single, first, last = Instalment.objects.filter(option__position__charge=charge).order_by("pk")
    row = record(single, cents=2400)
    outside_confirm(outside_id=row.pk, actor=second)
    assert state_of(single) == PositionState.PARTLY_PAID
    again = record(single, cents=2400, how=How.POSTAL, reference="")
    outside_confirm(outside_id=again.pk, actor=second)
    assert state_of(single) == PositionState.PAID
    assert charge_of(single).paid_cents == 4800
    for entry, after in ((again, PositionState.PARTLY_PAID), (row, PositionState.PUBLISHED)):
        back = outside_reverse(outside_id=entry.pk, reason="x", actor=clerk)
        outside_confirm(outside_id=back.pk, actor=second)
        assert state_of(single) == after
    assert not Instalment.objects.filter(pk__in=[first.pk, last.pk], paid_at__isnull=False).exists()


@pytest.mark.parametrize(
    "change",
    [{"amount_cents": 1}, {"credited_on": date(2026, 1, 1)}, {"how": How.OTHER}, {"reference": "altro"},
     {"note": "altro"}, {"due_cents": 1}, {"decision": "altro"}, {"state": State.REQUESTED}],
)  # fmt: skip
def test_what_was_recorded_and_decided_does_not_change_any_more(record, second, change):
    row = record()
    outside_confirm(outside_id=row.pk, actor=second)
    with pytest.raises(DatabaseError), transaction.atomic():
        OutsidePayment.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError, match="cannot change"), transaction.atomic():
        OutsidePayment.objects.filter(pk=row.pk).delete()


def test_the_database_opens_no_paid_number_without_a_contrary_entry(notice, record, second):
    outside_confirm(outside_id=record().pk, actor=second)
    with pytest.raises(DatabaseError, match="cannot change any more"), transaction.atomic():
        Instalment.objects.filter(pk=notice.pk).update(paid_at=None)


def test_a_number_paid_with_pagopa_is_never_opened_again(notice, record, clerk, second):
    row = record()
    outside_confirm(outside_id=row.pk, actor=second)
    outside_confirm(outside_id=outside_reverse(outside_id=row.pk, reason="x", actor=clerk).pk, actor=second)
    node.post(node.send(node.Receipt(notice.nav)))
    with pytest.raises(DatabaseError, match="cannot change any more"), transaction.atomic():
        Instalment.objects.filter(pk=notice.pk).update(paid_at=None)


def test_every_step_is_in_the_audit_trail_without_names_nor_references(record, clerk, second):
    row = record(note="dal conto di Giulia Verdi")
    outside_confirm(outside_id=row.pk, actor=second)
    outside_reverse(outside_id=row.pk, reason="sbagliato", actor=clerk)
    events = list(Event.objects.filter(action__startswith="payments.outside").order_by("pk"))
    assert [event.action for event in events] == [
        "payments.outside_recorded", "payments.outside_moved", "payments.outside_recorded",
    ]  # fmt: skip
    told = " ".join(str(event.data) for event in events)
    assert "4800" in told
    assert "CRO" not in told
    assert "Verdi" not in told


def test_the_course_of_payments_counts_it_under_a_name_of_its_own(pisa, notice, record, second):
    outside_confirm(outside_id=record().pk, actor=second)
    found = dashboard(entity_ids=[pisa.pk], period=Period(date(2026, 1, 1), date(2026, 12, 31)), today=DAY)
    assert [(row.label, row.paid.number, row.paid.cents) for row in found.channels] == [
        ("Fuori da pagoPA · bonifico", 1, 4800)
    ]
    assert (found.total.paid.number, found.total.paid.cents) == (1, 4800)
    assert sum(line.paid.cents for _month, line in found.months) == 4800


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)))
def test_only_the_moves_of_the_table_exist(state, action):
    if (state, action) in TRANSITIONS:
        assert move(TRANSITIONS, state, action) in State
    else:
        with pytest.raises(MoveNotAllowed):
            move(TRANSITIONS, state, action)


def test_every_state_and_every_way_has_its_words():
    assert set(STATE_LABELS) == set(State)
    assert set(HOW_LABELS) == set(PAID_HOW) == set(How)


NUMBERS = st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.booleans()), min_size=1, max_size=4).map(
    lambda rows: [Number(key, *row) for key, row in enumerate(rows)]
)


@given(st.integers(1, 9), NUMBERS)
def test_money_is_exact_only_for_a_number_that_could_be_paid_that_day_at_that_price(cents, numbers):
    found = weigh(cents, numbers)
    assert found.number in numbers
    assert found.difference == cents - found.number.cents
    assert found.exact == any(number.payable and number.cents == cents for number in numbers)
    assert found.number.payable == any(number.payable for number in numbers)


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
def test_two_confirmations_at_once_settle_once(notice, record, pisa, second):
    row, third = record(), person(pisa, "Carla Blu")
    results = _at_once([
        lambda: outside_confirm(outside_id=row.pk, actor=second),
        lambda: outside_confirm(outside_id=row.pk, actor=third),
    ])  # fmt: skip
    assert results == ["move_not_allowed", "ok"]
    assert charge_of(notice).paid_cents == 4800


@pytest.mark.django_db(transaction=True)
def test_a_receipt_and_a_confirmation_at_once_settle_once(notice, record, second):
    row = record()
    results = _at_once([
        lambda: outside_confirm(outside_id=row.pk, actor=second),
        lambda: bool(node.post(node.send(node.Receipt(notice.nav)))),
    ])  # fmt: skip
    row.refresh_from_db()
    settled = ReceiptCase.objects.get().settles
    assert settled != (row.state == State.CONFIRMED)
    assert ("position_paid" in results) == settled
    assert state_of(notice) == PositionState.PAID


@pytest.mark.parametrize("ends", ["refused", "failed"])
def test_a_refund_that_did_not_happen_does_not_keep_a_second_payment_from_being_the_first(
    notice, record, clerk, second, ends
):
    row = record()
    outside_confirm(outside_id=row.pk, actor=second)
    node.post(node.send(node.Receipt(notice.nav)))
    refund = _refund(clerk)
    if ends == "refused":
        refund_refuse(refund_id=refund.pk, note="Aspettiamo lo storno", actor=second)
    else:
        refund_approve(refund_id=refund.pk, actor=second)
        refund_outcome(refund_id=refund.pk, done=False, reference="", note="Conto chiuso", actor=second)
    outside_confirm(outside_id=outside_reverse(outside_id=row.pk, reason="x", actor=clerk).pk, actor=second)
    assert ReceiptCase.objects.get().settles
    assert state_of(notice) == PositionState.PAID


def test_money_that_is_going_back_settles_nothing(notice, record, clerk, second):
    row = record()
    outside_confirm(outside_id=row.pk, actor=second)
    node.post(node.send(node.Receipt(notice.nav)))
    _refund(clerk)
    outside_confirm(outside_id=outside_reverse(outside_id=row.pk, reason="x", actor=clerk).pk, actor=second)
    assert not ReceiptCase.objects.get().settles
    assert state_of(notice) == PositionState.PUBLISHED


@pytest.mark.django_db(transaction=True)
def test_a_refund_asked_while_the_entry_is_taken_back_and_the_settling_exclude_each_other(
    notice, record, clerk, second
):
    """The refund is asked for, not yet committed, when the contrary entry looks at the receipt."""
    row = record()
    outside_confirm(outside_id=row.pk, actor=second)
    node.post(node.send(node.Receipt(notice.nav)))
    back, asked, results = outside_reverse(outside_id=row.pk, reason="x", actor=clerk), Barrier(2), []

    def refunds():
        with scopes_disabled(), transaction.atomic():
            _refund(clerk)
            asked.wait()
            _until_somebody_waits()
        connections.close_all()

    def takes_back():
        with scopes_disabled():
            asked.wait()
            outside_confirm(outside_id=back.pk, actor=second)
            results.append("ok")
        connections.close_all()

    threads = [Thread(target=refunds), Thread(target=takes_back)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["ok"]
    assert not ReceiptCase.objects.get().settles
    assert state_of(notice) == PositionState.PUBLISHED


def _refund(actor):
    case = ReceiptCase.objects.get()
    return refund_request(
        case_id=case.pk, cents=4800, beneficiary_name="Mario Rossi", iban="IT60X0542811101000000123456",
        reason="Pagata due volte", actor=actor,
    )  # fmt: skip


def _until_somebody_waits():
    with connection.cursor() as cursor:
        for _time in range(5000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
