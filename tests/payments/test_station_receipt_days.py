"""The day of a payment: one rule says it, for what was due on it and for what is written on the instalment."""

from datetime import date, datetime

import pytest
import time_machine

from payments.domain.judgement import Anomaly
from payments.models import DatedAmount, Instalment, PaymentOption, Position, Receipt, ReceiptCase
from payments.services.receipts import paid_on
from portal import clock
from portal.billing.models import Charge
from tests.payments.node_messages import Receipt as Message
from tests.payments.node_messages import post, send

pytestmark = pytest.mark.usefixtures("every_entity")
MOMENT = "<paymentDateTime>2026-11-22T10:00:00</paymentDateTime>"
APPLIED = "<applicationDate>2026-11-22</applicationDate>"


def arrive(notice, *, without: tuple[str, ...] = (), amount: str = "48.00") -> ReceiptCase:
    """A receipt that reaches us three days after its payment."""
    message = send(Message(notice.nav, amount=amount))
    for part in without:
        assert part in message
        message = message.replace(part, "")
    with time_machine.travel("2026-11-25T23:30:00+01:00", tick=False):
        assert post(message).outcome == "OK"
    return ReceiptCase.objects.select_related("instalment").get()


@pytest.mark.parametrize(
    ("without", "day"),
    [
        ((), date(2026, 11, 22)),
        ((APPLIED,), date(2026, 11, 22)),
        ((MOMENT,), date(2026, 11, 22)),
        ((MOMENT, APPLIED), date(2026, 11, 25)),
    ],
)
@pytest.mark.parametrize("last_day", [date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 24), date(2026, 11, 25)])
def test_the_day_written_on_the_instalment_is_the_day_it_was_judged_on(notice, without, day, last_day):
    Instalment.objects.update(due_on=last_day)
    PaymentOption.objects.update(refused_after_due=True)
    case = arrive(notice, without=without)
    assert case.anomalies == ([Anomaly.LATE] if day > last_day else [])
    assert case.instalment is not None
    assert case.instalment.paid_at.astimezone(clock.ROME).date() == paid_on(Receipt.objects.get()) == day
    assert Position.objects.get().paid_at == Charge.objects.get().settled_at == case.instalment.paid_at


def test_the_amount_in_force_on_the_day_it_was_applied_is_what_was_due(notice):
    DatedAmount.objects.create(
        entity=notice.entity, instalment=notice, valid_from=date(2026, 11, 23), cents=9600, rule="prova"
    )
    assert arrive(notice, without=(MOMENT,)).anomalies == []
    notice.refresh_from_db()
    assert notice.cents_shown(date(2026, 12, 31)) == 4800


def test_a_day_without_an_hour_begins_at_midnight_in_rome(notice):
    case = arrive(notice, without=(MOMENT,))
    assert case.instalment is not None
    assert case.instalment.paid_at == datetime(2026, 11, 22, tzinfo=clock.ROME)
