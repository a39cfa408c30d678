"""`manage.py import_limits PI limiti.geojson`: real municipal limits for the map, from a file of the operator."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_scopes import scope

from exceptional_transport.services.network import limits_import
from portal.entities.models import Entity
from portal.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Legge i limiti comunali da un GeoJSON e li mette sulla mappa al posto delle celle dimostrative."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("entity", help="sigla dell'ente, per esempio PI")
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--code-property", default="com_istat_code", help="proprietà con il codice ISTAT del Comune"
        )
        parser.add_argument("--source", default="", help="origine e licenza, mostrate con la mappa")

    def handle(self, *args: Any, **options: Any) -> None:
        entity = Entity.objects.filter(code=options["entity"]).first()
        if entity is None:
            raise CommandError(f"Non c'è un ente con sigla {options['entity']}.")
        try:
            with scope(entity=entity):
                found = limits_import(
                    entity=entity,
                    limits=options["file"],
                    code_property=options["code_property"],
                    source=options["source"] or options["file"].name,
                )
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Limiti di {found} Comuni.")
