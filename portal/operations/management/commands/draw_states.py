from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.operations.state_diagrams import page


class Command(BaseCommand):
    """Write docs/states.md from the transition tables."""

    help = "Disegna in docs/states.md i diagrammi di stato, dalle tabelle del codice."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "states.md"
        path.write_text(page(), encoding="utf-8")
        self.stdout.write(str(path))
