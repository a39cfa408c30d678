from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from exceptional_transport.load import load_figures


class Command(BaseCommand):
    help = "Carica i valori di legge dei trasporti eccezionali (data/law.toml). Quelli già presenti restano come sono."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--confirmed-by", default="", help="chi conferma anche i valori segnati come da confermare")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Valori nuovi: {load_figures(confirmed_by=options['confirmed_by'])}.")
