"""Reminders: each once, on its day or a little late, and only while there is something to pay."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.reminders import Rule, reminder_for
from payments.models import Instalment, PaymentOption, Reminder
from payments.services.reminders import _candidates, reminder_send, reminders_send, rules
from payments.tasks import send_reminders
from portal import clock
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.billing.services import cancel_charge
from portal.billing.socket import Payer, PlannedInstalment
from portal.messaging.models import Message
from portal.messaging.services import notify
from portal.outbox.models import OutboxMessage
from portal.people.domain.mandates import Kind
from portal.people.models import Person
from tests.factories.platform import make_company, make_mandate, make_person
from tests.payments.node_messages import Receipt, post, send

pytestmark = pytest.mark.usefixtures("every_entity")
MARIO = "RSSMRA60D20F205R"  # the debtor of the charges of this folder
DUE = date(2027, 6, 30)


@pytest.fixture
def mario(db: None) -> Person:
    return make_person("Mario", "Rossi", fiscal_code=MARIO, email="mario@posta.example")


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Make it the day so many days from the due date, at noon."""

    def become(days: int) -> None:
        noon = datetime(DUE.year, DUE.month, DUE.day, 10, tzinfo=UTC) + timedelta(days=days)
        monkeypatch.setattr(clock, "now", lambda: noon)

    return become


@pytest.fixture
def owed(pisa, charged, mario, on) -> Instalment:
    """A notice of Mario's asked for a month before its due date."""
    on(-30)
    row: Instalment = charged(pisa, due_on=DUE)
    return row


def codes() -> list[str]:
    return list(Reminder.objects.order_by("pk").values_list("code", flat=True))


def test_a_debt_is_recalled_a_week_before_a_day_before_and_after(owed, on):
    sent = {}
    for day in range(-30, 40):
        on(day)
        if reminders_send():
            sent[day] = codes()[-1]
    assert sent == {-7: "week_before", -1: "day_before", 3: "after"}


def test_the_message_says_what_how_much_and_by_when_and_names_nobody_in_its_subject(owed, mario, on):
    on(-7)
    send_reminders()
    message = Message.objects.get()
    assert (message.person, message.company, message.source) == (mario, None, "case:1")
    for words in ("48,00", "30/06/2027", "Autorizzazione al trasporto eccezionale", "3010"):
        assert words in message.body.replace("\N{NO-BREAK SPACE}", " ")
    assert "Rossi" not in message.subject
    assert OutboxMessage.objects.filter(handler="messaging.email").count() == 1
    assert mail.outbox == [], "the e-mail leaves through the outbox"
    assert Event.objects.filter(action="payments.reminder_sent").count() == 1


def test_after_the_due_date_the_words_are_others(owed, on):
    on(3)
    reminders_send()
    assert "è scaduto" in Message.objects.get().subject
    assert "Puoi ancora pagarlo" in Message.objects.get().body


def test_started_a_hundred_times_it_sends_one(owed, on):
    on(-7)
    assert [reminders_send() for _ in range(5)] == [1, 0, 0, 0, 0]
    assert reminder_send(instalment_id=owed.pk, entity_id=owed.entity_id, on=clock.today()) is False
    assert Message.objects.count() == 1


def test_the_database_refuses_the_same_reminder_twice(owed, on):
    on(-7)
    reminders_send()
    row = Reminder.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError, match="reminder_once"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(
    ("woken", "sent"), [(-5, "week_before"), (-2, "week_before"), (0, "day_before"), (20, "after")]
)
def test_a_stopped_worker_sends_late(owed, on, woken: int, sent: str):
    on(woken)
    assert reminders_send() == 1
    assert codes() == [sent]


@pytest.mark.parametrize("woken", [1, 2, 31, 400])
def test_a_reminder_that_has_become_pointless_is_dropped(owed, on, woken: int):
    on(woken)
    assert reminders_send() == 0


def test_who_has_just_been_asked_is_not_reminded_the_same_day(pisa, charged, mario, on):
    on(-4)
    charged(pisa, due_on=DUE)
    assert reminders_send() == 0
    on(-1)
    assert reminders_send() == 1


def test_what_was_paid_is_not_recalled(owed, on):
    post(send(Receipt(owed.nav)))
    on(-7)
    assert reminders_send() == 0


def test_what_was_paid_between_the_list_and_the_sending_is_not_recalled(owed, on):
    on(-7)
    post(send(Receipt(owed.nav)))
    assert reminder_send(instalment_id=owed.pk, entity_id=owed.entity_id, on=clock.today()) is False
    assert Message.objects.count() == 0


def test_what_was_cancelled_is_not_recalled(owed, on):
    cancel_charge(charge_id=owed.option.position.charge_id, actor=Actor.system("prova"))
    on(-7)
    assert reminders_send() == 0


def test_what_can_no_longer_be_paid_is_not_recalled_after_the_due_date(owed, on):
    PaymentOption.objects.update(refused_after_due=True)
    on(3)
    assert reminders_send() == 0


def test_who_pays_by_instalments_is_not_reminded_of_the_whole_sum(pisa, charged_many, mario, on):
    on(-30)
    plan = (PlannedInstalment(2000, DUE - timedelta(days=20)), PlannedInstalment(2800, DUE + timedelta(days=60)))
    charged_many(pisa, due_on=DUE, plan=plan)
    first = Instalment.objects.get(option__kind=PaymentOption.Kind.PLAN, number=1)
    transfers = ((1, "20.00", "80000410508", "IT60X0542811101000000123456"),)
    post(send(Receipt(first.nav, amount="20.00", transfers=transfers)))
    for day in range(-15, 15):
        on(day)
        assert reminders_send() == 0


def test_what_has_no_due_date_is_never_recalled(pisa, charged, mario, on):
    on(-30)
    charged(pisa, due_on=None)
    assert [reminders_send() for day in (-7, -1, 3) if on(day) is None] == [0, 0, 0]


def test_an_anonymous_debtor_is_never_reminded(pisa, charged, on):
    on(-30)
    make_person("Senza", "Codice", fiscal_code=None)
    row = charged(pisa, due_on=DUE, payer=Payer("F", "ANONIMO", "Ospite"))
    on(-7)
    assert reminders_send() == 0
    assert reminder_send(instalment_id=row.pk, entity_id=row.entity_id, on=clock.today()) is False


def test_who_does_not_use_the_portal_is_reminded_of_nothing_and_everybody_else_is(owed, pisa, charged, on):
    on(-30)
    charged(pisa, source="case:2", due_on=DUE, payer=Payer("F", "NREPLA69B14Y996M", "Paolo Neri"))
    on(-7)
    assert reminders_send() == 1


def test_without_a_confirmed_address_the_message_stays_in_the_area(owed, mario, on):
    Person.objects.update(email_verified_at=None)
    on(-7)
    reminders_send()
    assert Message.objects.count() == 1
    assert not OutboxMessage.objects.filter(handler="messaging.email").exists()


def test_a_company_is_told_through_its_representative(pisa, charged, on):
    on(-30)
    company, head = make_company(), make_person("Rosa", "Capo")
    make_mandate(head, company, kind=Kind.LEGAL_REPRESENTATIVE, valid_from=date(2026, 1, 1))
    charged(pisa, due_on=DUE, payer=Payer("G", company.fiscal_code, company.name))
    on(-7)
    assert reminders_send() == 1
    assert (Message.objects.get().person, Message.objects.get().company) == (head, company)


@pytest.mark.parametrize("may_still", [True, False])
def test_a_company_is_told_through_who_follows_the_matter_as_long_as_they_may(pisa, charged, on, may_still: bool):
    on(-30)
    company, head, clerk = make_company(), make_person("Rosa", "Capo"), make_person("Elio", "Segue")
    make_mandate(head, company, kind=Kind.LEGAL_REPRESENTATIVE, valid_from=date(2026, 1, 1))
    end = date(2099, 1, 1) if may_still else DUE - timedelta(days=10)
    make_mandate(clerk, company, kind=Kind.DELEGATE, valid_from=date(2026, 1, 1), valid_to=end)
    charged(pisa, source="case:7", due_on=DUE, payer=Payer("G", company.fiscal_code, company.name))
    template = "portal/messaging/email_code"
    notify(person=clerk, company=company, entity=pisa, template=template, source="case:7", context={"code": "1"})
    on(-7)
    assert reminders_send() == 1
    assert Message.objects.latest("pk").person == (clerk if may_still else head)


def test_a_company_nobody_acts_for_is_told_nothing(pisa, charged, on):
    on(-30)
    company = make_company()
    charged(pisa, due_on=DUE, payer=Payer("G", company.fiscal_code, company.name))
    on(-7)
    assert reminders_send() == 0


def test_the_list_of_what_to_send_asks_as_many_queries_for_one_as_for_many(pisa, charged, mario, on):
    on(-30)
    asked = []
    for number in range(4):
        charged(pisa, source=f"case:{number}", due_on=DUE)
        with CaptureQueriesContext(connection) as queries:
            assert len(_candidates(DUE - timedelta(days=7))) == number + 1
        asked.append(len(queries))
    assert len(set(asked)) == 1


# --- The rules themselves ----------------------------------------------------------------------------------------


def test_every_row_of_the_file_says_who_decided_it():
    assert {rule.code for rule in rules()} == {"week_before", "day_before", "after"}
    assert all(rule.source and rule.confirmed_by for rule in rules())


def test_a_rule_nobody_confirmed_is_not_used():
    rule = Rule("x", -7, -2, date(2026, 1, 1), "ente", "")
    assert reminder_for([rule], due_on=DUE, asked_on=date(2027, 1, 1), on=DUE - timedelta(days=7)) is None


def test_a_rule_is_used_in_its_dates_only():
    rule = Rule("x", -7, -2, DUE, "ente", "dimostrativo", valid_to=DUE + timedelta(days=1))
    assert [rule.in_force(DUE + timedelta(days=day)) for day in (-1, 0, 1, 2)] == [False, True, True, False]


def test_a_rule_turned_inside_out_is_refused():
    with pytest.raises(ValueError, match="first day comes after"):
        Rule("x", -2, -7, date(2026, 1, 1), "ente", "dimostrativo")


@given(ahead=st.integers(-60, 60), asked=st.integers(-400, 60))
def test_on_a_day_at_most_one_reminder_and_always_of_its_own_days(ahead: int, asked: int):
    day = DUE + timedelta(days=ahead)
    rule = reminder_for(rules(), due_on=DUE, asked_on=DUE + timedelta(days=asked), on=day)
    if rule is not None:
        assert rule.from_day <= ahead <= rule.to_day
        assert asked < rule.from_day
        first, last = rule.due_dates(day)
        assert first <= DUE <= last
    assert sum(each.from_day <= ahead <= each.to_day for each in rules()) <= 1
