from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from payments.reconciliation.handbook import drawn


class Command(BaseCommand):
    """Write the tables of docs/reconciliation.md from the code."""

    help = "Scrive in docs/reconciliation.md le tabelle di esiti, regole e conti, dal codice."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "reconciliation.md"
        path.write_text(drawn(path.read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(str(path))
