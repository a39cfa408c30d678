"""Fines whose payment outside pagoPA turned out not to be one: what had followed from it does not stand as it was."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse
from django_scopes import scope, scopes_disabled

from payments.domain.outside import How
from payments.fines.domain.stages import ServedHow, Stage
from payments.fines.models import FineRest, ReadyNotice
from payments.fines.selectors import in_doubt, missing, rest_of
from payments.fines.services.rests import fine_rest_ask, fine_rest_let_go
from payments.fines.services.serving import fine_serve
from payments.fines.services.stages import fine_instalments
from payments.models import Position
from payments.services.desk import position_withdraw
from payments.services.outside import Arrived, outside_confirm, outside_record, outside_reverse
from portal.audit.actor import Actor
from portal.entities.models import Role
from portal.kernel.errors import DomainError
from portal.outbox.services import carry_due
from portal.people.acting import Acting
from tests.factories.platform import make_person, make_staff
from tests.factories.world import citizen_client
from tests.payments import node_messages as node
from tests.payments.fines.conftest import fine_of, numbers_of
from tests.payments.fines.test_fine_rests import pay

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 17)


@pytest.fixture(autouse=True)
def _in_march():
    with time_machine.travel("2026-03-20T12:00:00+01:00", tick=False):
        yield


def person(entity, name):
    user = make_staff(entity, Role.ACCOUNTANT, name=name)
    return Actor(label=str(user), user_id=user.pk)


@pytest.fixture
def clerk(body):
    return person(body, "Paola Conti")


@pytest.fixture
def second(body):
    return person(body, "Bruno Neri")


@pytest.fixture
def credit(clerk, second):
    """Money for a position, recorded and confirmed."""

    def make(position_id, entity, cents, reason=""):
        arrived = Arrived(credited_on=DAY, cents=cents, how=How.TRANSFER, reference="TRN 77")
        with scope(entity=entity):
            row = outside_record(position_id=position_id, arrived=arrived, actor=clerk)
            return outside_confirm(outside_id=row.pk, reason=reason, actor=second)

    return make


@pytest.fixture
def take_back(clerk, second):
    def make(row):
        with scope(entity=row.entity):
            back = outside_reverse(outside_id=row.pk, reason="Bonifico di un altro debitore", actor=clerk)
            return outside_confirm(outside_id=back.pk, actor=second)

    return make


@pytest.fixture
def short(fined, credit, clerk):
    """The discount credited on the 17th of March, found late when the act turned out to be served on the 10th."""
    fine = fined()
    row = credit(fine.position_id, fine.entity, 4590)
    with scope(entity=fine.entity):
        fine_serve(fine_id=fine.pk, served_on=date(2026, 3, 10), how=ServedHow.MAIL, actor=clerk)
    return fine_of(fine.entity), row


def state_of(position_id):
    with scopes_disabled():
        return Position.objects.get(pk=position_id).state


def granted(fined, actor):
    fine = fined(importo_minimo="400", importo_massimo="1600")
    with scope(entity=fine.entity):
        fine_serve(fine_id=fine.pk, served_on=date(2026, 3, 20), how=ServedHow.MAIL, actor=actor)
    return fine


def plan(fine, actor, count=2):
    with scope(entity=fine.entity):
        fine_instalments(fine_id=fine.pk, count=count, income_cents=0, relatives=0, actor=actor)
        rows = fine.position.options.get(kind="plan").instalments.order_by("number")
        return list(rows)


def test_a_plan_granted_after_a_payment_was_taken_back_is_completed_all_the_same(fined, credit, take_back, clerk):
    fine = granted(fined, clerk)
    row = credit(fine.position_id, fine.entity, 29650)
    carry_due()
    take_back(row)
    for instalment in plan(fine, clerk):
        credit(fine.position_id, fine.entity, instalment.amount_cents)
    carry_due()
    done = fine_of(fine.entity)
    assert (done.position.state, done.stage) == ("paid", Stage.COMPLETED)


def test_nobody_is_thanked_for_a_payment_taken_back_before_the_message_left(fined, credit, take_back, clerk):
    fine = granted(fined, clerk)
    take_back(credit(fine.position_id, fine.entity, 29650))
    carry_due()
    with scopes_disabled():
        assert not ReadyNotice.objects.filter(fine=fine, code="pagamento_ricevuto").exists()
    credit(fine.position_id, fine.entity, 29650)
    carry_due()
    with scopes_disabled():
        assert ReadyNotice.objects.filter(fine=fine, code="pagamento_ricevuto").count() == 1


def test_what_a_difference_was_counted_from_is_not_taken_back_before_the_difference(short, take_back, clerk):
    fine, row = short
    with scope(entity=fine.entity):
        rest = fine_rest_ask(fine_id=fine.pk, actor=clerk)
        with pytest.raises(DomainError, match="annulla prima"):
            outside_reverse(outside_id=row.pk, reason="x", actor=clerk)
        position_withdraw(position_id=rest.position_id, reason="Bonifico sbagliato", actor=clerk)
    take_back(row)
    assert (state_of(fine.position_id), state_of(rest.position_id)) == ("published", "cancelled")


def test_a_number_taken_back_after_the_day_of_service_came_has_its_term(short, take_back):
    fine, row = short
    assert numbers_of(fine)[True].due_on is None
    take_back(row)
    numbers = numbers_of(fine)
    assert (numbers[True].due_on, numbers[False].due_on) == (date(2026, 3, 16), date(2026, 5, 9))
    assert fine_of(fine.entity).position.charge.due_on == date(2026, 5, 9)
    assert b"PAA_PAGAMENTO_SCADUTO" in node.post(node.verify(numbers[True].nav)).content
    assert b"58.50" in node.post(node.verify(numbers[False].nav)).content


def test_a_difference_asked_for_while_the_contrary_entry_waits_stops_it(short, clerk, second):
    fine, row = short
    with scope(entity=fine.entity):
        back = outside_reverse(outside_id=row.pk, reason="x", actor=clerk)
        fine_rest_ask(fine_id=fine.pk, actor=clerk)
        with pytest.raises(DomainError, match="annulla prima"):
            outside_confirm(outside_id=back.pk, actor=second)
    assert state_of(fine.position_id) == "paid"


def test_a_difference_that_was_paid_keeps_the_payment_it_was_counted_from(short, credit, clerk):
    fine, row = short
    with scope(entity=fine.entity):
        rest = fine_rest_ask(fine_id=fine.pk, actor=clerk)
    credit(rest.position_id, fine.entity, 1260)
    with scope(entity=fine.entity), pytest.raises(DomainError, match="storna prima"):
        outside_reverse(outside_id=row.pk, reason="x", actor=clerk)


def test_what_was_let_go_of_a_payment_taken_back_says_nothing_of_the_next_one(short, take_back, clerk):
    fine, row = short
    with scope(entity=fine.entity):
        fine_rest_let_go(fine_id=fine.pk, reason="Un giorno di ritardo", actor=clerk)
    with time_machine.travel("2026-03-21T12:00:00+01:00", tick=False):
        take_back(row)
        assert rest_of(fine) is None
        pay(numbers_of(fine)[True].nav, "45.90", "2026-03-18")
        assert missing(fine).cents == 1260
        assert in_doubt(fine)
        with scope(entity=fine.entity):
            fine_rest_let_go(fine_id=fine.pk, reason="Anche questa volta", actor=clerk)
    with scopes_disabled():
        assert FineRest.objects.filter(fine=fine).count() == 2
    assert missing(fine) is None


def test_an_instalment_taken_as_balance_does_not_change_the_interest_told(fined, credit, clerk):
    fine = granted(fined, clerk)
    first, _last = plan(fine, clerk)
    mario = citizen_client(Acting(make_person("Mario", "Rossi", fiscal_code="RSSMRA60D20F205C")))
    address = reverse("payments:position", args=[fine.position.charge.uuid])

    def interest():
        text = mario.get(address).content.decode()
        assert " di interessi." in text
        return text.partition(" di interessi.")[0].rpartition("Le rate comprendono ")[2]

    before = interest()
    credit(fine.position_id, fine.entity, first.amount_cents - 100, reason="Un euro di spese bancarie")
    assert interest() == before
