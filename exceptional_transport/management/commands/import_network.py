"""`manage.py import_network PI --roads strade.geojson --structures opere.geojson`"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_scopes import scope

from exceptional_transport.services.network import municipalities_import, network_import
from portal.entities.models import Entity
from portal.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Carica la rete stradale di un ente da file GeoJSON: nasce una nuova versione, quelle di prima restano."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("entity", help="sigla dell'ente, per esempio PI")
        parser.add_argument("--roads", type=Path, required=True, help="tratti di strada (LineString)")
        parser.add_argument("--structures", type=Path, required=True, help="opere d'arte (Point)")
        parser.add_argument("--municipalities", type=Path, help="punti dei Comuni per la mappa (Point)")
        parser.add_argument("--label", default="", help="origine dei dati")

    def handle(self, *args: Any, **options: Any) -> None:
        entity = Entity.objects.filter(code=options["entity"]).first()
        if entity is None:
            raise CommandError(f"Non c'è un ente con sigla {options['entity']}.")
        try:
            with scope(entity=entity):
                version = network_import(
                    entity=entity,
                    roads=options["roads"],
                    structures=options["structures"],
                    label=options["label"] or options["roads"].name,
                )
                if options["municipalities"]:
                    municipalities_import(entity=entity, points=options["municipalities"])
                self.stdout.write(f"Rete {entity.code} {version}: {version.sections.count()} tratti.")
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from error
