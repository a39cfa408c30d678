"""Print the metadata of a service provider, checked on request against the official schema."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.kernel.errors import DomainError
from spid_auth.domain.schemes import Scheme
from spid_auth.keys import (
    entity_id,
    key_pair,
    membership,
    missing_contacts,
    published_certificates,
    service_provider,
    signer,
)
from spid_auth.saml import certificates, metadata
from spid_auth.saml.schema import faults


class Command(BaseCommand):
    help = "Scrive i metadati SPID o CIE di un ente; con --check li confronta con lo schema XSD ufficiale."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--body", default="", metavar="SIGLA", help="l'ente; se manca, quello predefinito")
        parser.add_argument("--scheme", choices=["spid", "cie"], default="spid", help="la federazione (spid)")
        parser.add_argument(
            "--check", type=Path, metavar="XSD", help="file dello schema, con gli altri nella sua cartella"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            row = membership(options["body"])
            keys = key_pair(row)
            provider = service_provider(Scheme(options["scheme"]), of=row)
            document = metadata.build(provider, keys, published_certificates(row))
        except DomainError as error:
            raise CommandError(error.message) from error
        schema: Path | None = options["check"]
        if schema is None:
            self.stdout.write(document.decode())
            return
        if not schema.is_file():
            raise CommandError(f"Non trovo lo schema {schema}.")
        found = faults(document, schema) + missing_contacts(provider)
        if certificates.entity_id_of(keys.certificate) != entity_id(signer(row)):
            found.append("il certificato riporta un altro entityID")
        if found:
            raise CommandError("\n".join(["I metadati non sono conformi:", *found]))
        self.stdout.write("I metadati sono conformi allo schema.")
