import threading
from datetime import timedelta

import pytest
from django.db import connection

from portal import clock
from portal.kernel.errors import DomainError, GatewayError
from portal.outbox import services as outbox
from portal.outbox.models import OutboxMessage, State
from portal.outbox.selectors import oldest_pending_age

heard: list[dict] = []
failures: list[Exception] = []


@outbox.handler("test.echo")
def echo(payload, message):
    if failures:
        raise failures.pop(0)
    heard.append(payload)


@pytest.fixture(autouse=True)
def _silence():
    heard.clear()
    failures.clear()


def row() -> OutboxMessage:
    return OutboxMessage.objects.get()


@pytest.mark.django_db
def test_what_was_written_is_carried_once():
    outbox.send("test.echo", {"n": 1})
    assert outbox.carry_due() == 1
    assert outbox.carry_due() == 0
    assert heard == [{"n": 1}]
    assert row().state == State.DONE


@pytest.mark.django_db
def test_the_same_key_is_written_once():
    outbox.send("test.echo", {"n": 1}, key="k")
    outbox.send("test.echo", {"n": 2}, key="k")
    outbox.carry_due()
    assert heard == [{"n": 1}]


@pytest.mark.django_db
@pytest.mark.parametrize("error", [GatewayError("away", permanent=False), ConnectionRefusedError(), TimeoutError()])
def test_a_passing_failure_is_tried_again_later(error, time_machine):
    failures.append(error)
    outbox.send("test.echo", {"n": 1})
    outbox.carry_due()
    assert row().state == State.PENDING
    assert outbox.carry_due() == 0  # not before its pause

    time_machine.move_to(clock.now() + timedelta(minutes=1))
    outbox.carry_due()
    assert heard == [{"n": 1}]


@pytest.mark.django_db
@pytest.mark.parametrize("error", [GatewayError("refused", permanent=True), DomainError("no", "No.")])
def test_a_final_failure_waits_for_a_person(error, time_machine):
    failures.append(error)
    outbox.send("test.echo", {"n": 1})
    outbox.carry_due()
    assert row().state == State.FAILED

    outbox.try_again(message_id=row().pk)
    outbox.carry_due()
    assert heard == [{"n": 1}]


@pytest.mark.django_db
def test_it_gives_up_after_the_last_attempt():
    outbox.send("test.echo", {"n": 1})
    OutboxMessage.objects.update(attempts=outbox.MOST_ATTEMPTS - 1)
    failures.append(GatewayError("away", permanent=False))
    outbox.carry_due()
    assert row().state == State.FAILED


@pytest.mark.django_db
def test_pauses_grow_and_stay_bounded():
    outbox.send("test.echo", {})
    OutboxMessage.objects.update(attempts=20)
    failures.append(GatewayError("away", permanent=False))
    outbox.carry_due()
    assert row().available_at - clock.now() <= outbox.LONGEST_PAUSE


@pytest.mark.django_db
def test_a_carrier_that_dies_between_sending_and_recording_loses_nothing(monkeypatch, time_machine):
    class Killed(BaseException):
        """What a SIGKILL looks like from inside: nothing after it runs."""

    def die(*args, **kwargs):
        raise Killed

    outbox.send("test.echo", {"n": 1})
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(outbox, "_settle", die)
        outbox.carry_due()
    assert row().state == State.PENDING
    assert outbox.carry_due() == 0  # the lease still holds

    time_machine.move_to(clock.now() + outbox.LEASE + timedelta(seconds=1))
    outbox.carry_due()
    assert heard == [{"n": 1}, {"n": 1}]  # at least once: handlers are idempotent
    assert row().state == State.DONE


@pytest.mark.django_db
def test_what_leaves_later_stays_until_its_hour(time_machine):
    outbox.send("test.echo", {}, not_before=clock.now() + timedelta(hours=1))
    assert outbox.carry_due() == 0
    time_machine.move_to(clock.now() + timedelta(hours=2))
    assert outbox.carry_due() == 1


@pytest.mark.django_db
def test_a_handler_nobody_knows_does_not_lose_the_message():
    outbox.send("test.unknown", {})
    outbox.carry_due()
    assert row().state == State.PENDING


@pytest.mark.django_db
def test_the_age_of_the_outbox_is_that_of_its_oldest_late_message(time_machine):
    assert oldest_pending_age(at=clock.now()) == timedelta(0)
    outbox.send("test.echo", {})
    later = clock.now() + timedelta(minutes=5)
    assert oldest_pending_age(at=later) >= timedelta(minutes=4)


@pytest.mark.django_db(transaction=True)
def test_two_carriers_never_carry_the_same_message():
    for n in range(20):
        outbox.send("test.echo", {"n": n})

    def work():
        try:
            outbox.carry_due()
        finally:
            connection.close()

    carriers = [threading.Thread(target=work) for _ in range(3)]
    for carrier in carriers:
        carrier.start()
    for carrier in carriers:
        carrier.join()
    assert sorted(payload["n"] for payload in heard) == list(range(20))


@pytest.mark.django_db
def test_with_the_broker_down_the_row_stays_and_nobody_notices(dead_broker, on_commit, caplog):
    with on_commit():
        outbox.send("test.echo", {"n": 1})
    assert row().state == State.PENDING
    assert "the broker did not answer" in caplog.text
