import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils.module_loading import import_string


class Command(BaseCommand):
    """Run the measures of speed: one JSON line each, the baseline measured in the same run."""

    help = "Misure di velocità: una, un gruppo (payments esegue payments-…, bulk …-bulk) o, senza nome, tutte."

    def add_arguments(self, parser: CommandParser) -> None:
        groups = {part for name in settings.BENCHES for part in name.split("-")}
        parser.add_argument("name", nargs="?", choices=sorted(groups | set(settings.BENCHES)))

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Le misure non si fanno in produzione.")
        wanted = options["name"]
        names = [name for name in settings.BENCHES if not wanted or wanted in (name, *name.split("-"))]
        if len(names) > 1:
            # Each in a process of its own: the memory that one tells is not what another has left.
            for name in names:
                self._apart(name)
            return
        with throwaway_database():
            for line in import_string(settings.BENCHES[names[0]])():
                self.stdout.write(json.dumps(line))

    def _apart(self, name: str) -> None:
        command = [sys.executable, "manage.py", "bench", name]
        done = subprocess.run(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True, check=False)
        self.stdout.write(done.stdout, ending="")
        if done.returncode:
            raise CommandError(f"La misura {name} si è fermata.")


@contextmanager
def throwaway_database() -> Iterator[None]:
    """A database made for the run and dropped after it: nothing of anybody's data is touched or measured."""
    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"bench_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
