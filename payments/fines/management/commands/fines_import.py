"""Import a file of the police back office from the server: for years of fines, which do not pass through a page."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.fines.domain.imports import State
from payments.fines.models import FileKind
from payments.fines.services.files import file_receive
from payments.fines.services.importing import import_run
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import DomainError


class Command(BaseCommand):
    help = "Importa un file di verbali, o di date di notifica: tutte le righe, oppure nessuna e gli errori."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="il file CSV")
        parser.add_argument("--entity", required=True, help="sigla dell'ente, per esempio PI")
        parser.add_argument("--kind", choices=[kind.value for kind in FileKind], default=FileKind.ACTS.value)
        parser.add_argument("--check", action="store_true", help="controlla e non importa")

    def handle(self, *args: Any, **options: Any) -> None:
        entity = Entity.objects.filter(code=options["entity"]).first()
        if entity is None:
            raise CommandError(f"Non c'è un ente con la sigla {options['entity']}.")
        actor = Actor.system("manage.py fines_import")
        try:
            content = options["file"].read_bytes()
            reading = file_receive(
                entity=entity, kind=FileKind(options["kind"]), name=options["file"].name, content=content, actor=actor
            )
            if not options["check"]:
                reading = import_run(import_id=reading.pk, entity_id=entity.pk, actor=actor)
        except (OSError, DomainError) as error:
            raise CommandError(str(error)) from error
        for wrong in reading.totals["errors"]:
            self.stderr.write(f"riga {wrong['line']}, {wrong['column'] or 'file'}: {wrong['message']}")
        if reading.state == State.REFUSED:
            raise CommandError(f"{reading.totals['errors_count']} errori: nessuna riga importata.")
        self.stdout.write(
            f"{reading.get_state_display()}: {reading.totals['rows']} righe, {reading.new_rows} nuove, "
            f"{reading.known_rows} già presenti."
        )
