"""`manage.py spid_register_purge`: what beat does every night, by hand or only counted."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal import clock
from spid_auth.domain.retention import NoTerm
from spid_auth.register.purge import register_purge, register_purge_preview


class Command(BaseCommand):
    help = (
        "Cancella dal registro degli accessi ciò che è più vecchio del termine e che nessuno ha chiesto di conservare."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="conta soltanto, senza cancellare")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = register_purge_preview(today=clock.today())
            before = f"{found.cutoff.astimezone(clock.ROME):%d/%m/%Y}"
            if options["dry_run"]:
                self.stdout.write(
                    f"Da cancellare, prima del {before}: {found.transactions} richieste, {found.messages} messaggi. "
                    f"Conservate oltre il termine: {found.held}."
                )
                return
            run = register_purge(today=clock.today())
        except NoTerm as error:
            raise CommandError(f"Manca un termine di conservazione confermato: {error}.") from error
        self.stdout.write(
            f"Cancellate, prima del {before}: {run.transactions} richieste, {run.messages} messaggi. "
            f"Conservate oltre il termine: {found.held}."
        )
