"""`manage.py demo_reset`: the demonstration starts again from nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.operations import demo


class Command(BaseCommand):
    help = "Cancella i dati della dimostrazione: base dati interna, documenti, stato delle controparti."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("In produzione non si cancella nulla.")
        try:
            with demo.only_one(settings.DATA_DIR):
                left = demo.forget(settings.DATA_DIR, settings.EMBEDDED_PLACE, own_database=not settings.DATABASE_URL)
        except (demo.AlreadyRunning, demo.InUse) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Dati della dimostrazione cancellati.")
        if left:
            self.stdout.write("La base dati di DATABASE_URL resta com'è: non è stata creata da questo progetto.")
