"""`manage.py spid_register_verify`: judge again what the register says, as of the day it came."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils.dateparse import parse_date

from portal import clock
from portal.audit.actor import Actor
from spid_auth.models import AuthnTransaction
from spid_auth.register.verification import register_verify_many
from spid_auth.selectors import register_rows

ROW = "{:<12} {:<32} {:<18} {}"


class Command(BaseCommand):
    help = "Riverifica le risposte del registro degli accessi con le chiavi di allora; esce con 1 se non torna."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--code", default="", help="il codice di una sola richiesta")
        parser.add_argument("--from", dest="first", metavar="AAAA-MM-GG", help="dal giorno")
        parser.add_argument("--to", dest="last", metavar="AAAA-MM-GG", help="fino al giorno, compreso")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = self._chosen(options)
        if not chosen.exists():
            raise CommandError("Nessuna richiesta di accesso corrisponde.")
        done = bad = 0
        self.stdout.write(ROW.format("richiesta", "esito", "nel registro", "adesso"))
        for finding in register_verify_many(
            chosen=chosen.iterator(chunk_size=200), actor=Actor.system("spid_register_verify")
        ):
            done, bad = done + 1, bad + (not finding.good)
            note = " (con le chiavi attuali del gestore)" if finding.as_of_today else ""
            self.stdout.write(
                ROW.format(finding.code, finding.label, finding.recorded or "-", f"{finding.found or '-'}{note}")
            )
        self.stdout.write(f"Riverificate: {done}. Non tornano: {bad}.")
        if bad:
            raise CommandError("Qualcosa nel registro non torna: guarda le righe qui sopra.")

    def _chosen(self, options: dict[str, Any]) -> QuerySet[AuthnTransaction]:
        rows = register_rows()
        if options["code"]:
            return rows.filter(code=options["code"].upper())
        if not options["first"] and not options["last"]:
            raise CommandError("Indica --code, oppure --from e --to.")
        if options["first"]:
            rows = rows.filter(created_at__gte=self._day(options["first"]))
        if options["last"]:
            rows = rows.filter(created_at__lt=self._day(options["last"]) + timedelta(days=1))
        return rows

    def _day(self, written: str) -> datetime:
        try:
            day = parse_date(written)
        except ValueError:
            day = None
        if day is None:
            raise CommandError("Scrivi le date come AAAA-MM-GG.")
        return datetime(day.year, day.month, day.day, tzinfo=clock.ROME)
