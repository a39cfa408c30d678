import json
import os
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
        with throwaway_database():
            for name in names:
                for line in import_string(settings.BENCHES[name])():
                    self.stdout.write(json.dumps(line))


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
