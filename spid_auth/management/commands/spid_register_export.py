"""`manage.py spid_register_export`: a request of login for the authority that asks for it."""

import getpass
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.audit.actor import Actor
from portal.kernel.errors import DomainError
from spid_auth.register.reading import register_export
from spid_auth.selectors import register_rows


class Command(BaseCommand):
    help = "Scrive in una cartella una richiesta di accesso con i suoi messaggi, per l'autorità che la chiede."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--code", required=True, help="il codice della richiesta")
        parser.add_argument("--out", required=True, type=Path, metavar="CARTELLA", help="dove scrivere")
        parser.add_argument("--reason", required=True, help="chi lo chiede e con quale atto: resta nel registro eventi")

    def handle(self, *args: Any, **options: Any) -> None:
        started = register_rows().filter(code=options["code"].upper()).first()
        if started is None:
            raise CommandError("Nessuna richiesta di accesso ha questo codice.")
        try:
            place = register_export(
                started=started, folder=options["out"], reason=options["reason"], actor=self._operator()
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        except FileExistsError as error:
            raise CommandError(f"C'è già una cartella {started.code}: scegline un'altra.") from error
        except OSError as error:
            raise CommandError(f"Non riesco a scrivere in {options['out']}: {error.strerror}.") from error
        self.stdout.write(f"Scritto in {place}. Consegnalo per una via protetta e poi cancellalo da qui.")

    def _operator(self) -> Actor:
        """The account of the system that gave the command; some machines have no name for it."""
        try:
            name = getpass.getuser()
        except (KeyError, OSError, ImportError):
            name = "?"
        return Actor.system(f"spid_register_export ({name})")
