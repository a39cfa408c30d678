"""`manage.py sandbox`: the counterparts of the demonstration, in one process."""

import signal
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from portal.operations.sandbox.mail import smtp_server
from portal.operations.sandbox.server import sandbox_server

HOST = "127.0.0.1"


class Command(BaseCommand):
    help = "Accende le controparti di prova: gestore di identità, nodo dei pagamenti, tesoriere, posta."

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _stop)
        try:
            server = sandbox_server(HOST, urlsplit(settings.SANDBOX_BASE_URL).port or 80)
            mail = smtp_server(HOST, settings.EMAIL_PORT)
            mail.start()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"La porta non è libera: {error}") from error
        self.stdout.write(f"Ambiente dimostrativo su {settings.SANDBOX_BASE_URL}/")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            self.stdout.write("Ambiente dimostrativo spento.")
        finally:
            server.server_close()
            mail.stop()


def _stop(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
