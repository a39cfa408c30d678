"""Make the key and the certificate of the SPID service provider (AgID notice 29), off line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.kernel.errors import DomainError
from spid_auth import conf
from spid_auth.keys import make_key_pair, service_provider
from spid_auth.saml import certificates


class Command(BaseCommand):
    help = "Crea la chiave e il certificato SPID dell'ente predefinito."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="sostituisce la coppia che c'è già")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = conf.keys_folder()
        if certificates.load(folder) is not None and not options["force"]:
            raise CommandError(f"In {folder} c'è già una coppia di chiavi: usa --force per sostituirla.")
        try:
            pair = make_key_pair(service_provider(), folder)
        except DomainError as error:
            raise CommandError(error.message) from error
        until = certificates.valid_until(pair.certificate)
        self.stdout.write(f"Certificato per {conf.entity_id()} in {folder}, valido fino al {until:%d/%m/%Y}.")
