"""Make a key and a certificate of the service provider (AgID notice 29), off line."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date

from portal import clock
from portal.kernel.errors import DomainError
from spid_auth import conf
from spid_auth.certificate_services import certificate_register
from spid_auth.keys import default_folder, make_key_pair, membership, service_provider
from spid_auth.saml import certificates


class Command(BaseCommand):
    help = "Crea la chiave e il certificato SPID e CIE di un ente, subito o da una data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--body", default="", metavar="SIGLA", help="l'ente; se manca, quello predefinito")
        parser.add_argument("--from", dest="day", metavar="AAAA-MM-GG", help="il giorno in cui comincia a firmare")
        parser.add_argument("--days", type=int, default=certificates.DAYS, help="durata in giorni (730)")
        parser.add_argument("--force", action="store_true", help="sostituisce la coppia che c'è già")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            row = membership(options["body"])
            provider = service_provider(of=row)
            if options["day"]:
                one = certificate_register(row=row, active_from=self._day(options["day"]), days=options["days"])
                self.stdout.write(
                    f"Certificato per {provider.entity_id} in {conf.keys_folder() / one.folder}: pubblicato da subito, "
                    f"firma dal {one.active_from:%d/%m/%Y}, scade il {one.expires_at:%d/%m/%Y}."
                )
                return
        except DomainError as error:
            raise CommandError(error.message) from error
        folder = default_folder(row)
        if certificates.load(folder) and not options["force"]:
            raise CommandError(
                f"In {folder} c'è già una coppia: usa --force per sostituirla, o --from per affiancarla."
            )
        pair = make_key_pair(provider, folder, days=options["days"])
        until = certificates.valid_until(pair.certificate)
        self.stdout.write(f"Certificato per {provider.entity_id} in {folder}, valido fino al {until:%d/%m/%Y}.")

    def _day(self, written: str) -> datetime:
        try:
            day = parse_date(written)
        except ValueError:
            day = None
        if day is None:
            raise CommandError("--from: scrivi la data come AAAA-MM-GG.")
        return datetime(day.year, day.month, day.day, tzinfo=clock.ROME)
