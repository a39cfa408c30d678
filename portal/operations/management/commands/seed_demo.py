"""`manage.py seed_demo`: the demonstration's data."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string


class Command(BaseCommand):
    help = "Carica i dati dimostrativi. Si può ripetere: quello che c'è già resta com'è."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("I dati dimostrativi non si caricano in produzione.")
        for dotted in settings.DEMO_SEEDS:
            import_string(dotted)()
            if options["verbosity"] > 1:
                self.stdout.write(dotted)
