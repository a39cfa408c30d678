"""A worker that dies between the sending and the record, for real: another process, SMTP over a socket, SIGKILL."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection
from django_scopes import scope

from portal import clock
from portal.messaging.models import Delivery, DeliveryState
from portal.messaging.services import notify
from portal.operations.ports import any_free
from portal.outbox import services as outbox
from portal.outbox.models import OutboxMessage, State
from tests.factories import platform as make

# What the doomed worker runs: it carries the outbox, and dies right after the server has said "accepted".
DOOMED = """
import os, signal, django
django.setup()
from portal.messaging import handlers
from portal.outbox import services
send = handlers.send_email
def send_and_die(**mail):
    send(**mail)
    os.kill(os.getpid(), signal.SIGKILL)
handlers.send_email = send_and_die
services.carry_due()
"""


class Inbox:
    def __init__(self) -> None:
        self.message_ids: list[str] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        self.message_ids.append(message_from_bytes(envelope.content)["Message-ID"])
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    received = Inbox()
    controller = Controller(received, hostname="127.0.0.1", port=any_free(but=set()))
    controller.start()
    yield received, controller.port
    controller.stop()


def carry_in_a_process_that_dies(port: int) -> int:
    parameters = connection.get_connection_params()
    database = f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": database,
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(port),
    }
    worker = subprocess.run(
        [sys.executable, "-c", DOOMED], cwd=settings.BASE_DIR, env=environment, check=False, timeout=60
    )
    return worker.returncode


@pytest.mark.django_db(transaction=True)
def test_an_email_sent_by_a_worker_that_was_killed_is_sent_again_and_can_be_recognised(inbox, settings, time_machine):
    received, port = inbox
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    pisa = make.make_entity("PI")
    with scope(entity=pisa):
        notify(
            person=make.make_person(),
            entity=pisa,
            template="portal/messaging/email_code",
            source="test:1",
            context={"code": "1"},
        )

    assert carry_in_a_process_that_dies(port) == -signal.SIGKILL
    assert len(received.message_ids) == 1
    with scope(entity=pisa):
        assert Delivery.objects.get().state == DeliveryState.WAITING
    assert OutboxMessage.objects.get().state == State.PENDING

    time_machine.move_to(clock.now() + outbox.LEASE + timedelta(seconds=1), tick=True)
    outbox.carry_due()

    assert len(received.message_ids) == 2
    assert len(set(received.message_ids)) == 1  # the same Message-ID: whoever got both knows it is one
    with scope(entity=pisa):
        assert Delivery.objects.get().state == DeliveryState.SENT
    assert OutboxMessage.objects.get().state == State.DONE


@pytest.mark.django_db
def test_a_server_that_refuses_the_recipient_is_not_asked_again(settings):
    class Strict(Inbox):
        async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
            return "550 no such user"

    controller = Controller(Strict(), hostname="127.0.0.1", port=any_free(but=set()))
    controller.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
        settings.EMAIL_USE_TLS = False
        pisa = make.make_entity("PI")
        with scope(entity=pisa):
            notify(
                person=make.make_person(),
                entity=pisa,
                template="portal/messaging/email_code",
                source="test:1",
                context={"code": "1"},
            )
            outbox.carry_due()
            assert Delivery.objects.get().state == DeliveryState.REFUSED
        assert OutboxMessage.objects.get().state == State.FAILED
    finally:
        controller.stop()
