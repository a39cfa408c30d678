from typing import Any

from django.core.management.base import BaseCommand

from portal.cases.services.legal_terms import load_legal_terms


class Command(BaseCommand):
    """Load the legal terms that are not there yet. They wait for the office's confirmation in the admin."""

    help = "Carica i termini di legge spediti con il prodotto; restano da confermare nell'amministrazione."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Termini caricati, da confermare: {load_legal_terms()}")
