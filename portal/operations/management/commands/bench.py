import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string


class Command(BaseCommand):
    """Run the measures of speed: one JSON line each, the baseline measured in the same run."""

    help = "Misure di velocità; senza nome le esegue tutte."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", choices=sorted(settings.BENCHES))

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Le misure non si fanno in produzione.")
        names = [options["name"]] if options["name"] else list(settings.BENCHES)
        for name in names:
            for line in import_string(settings.BENCHES[name])():
                self.stdout.write(json.dumps(line))
