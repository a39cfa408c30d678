"""`manage.py doctor`: is everything there?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from portal.operations.doctor import Level, examine


class Command(BaseCommand):
    help = "Controlla l'installazione e dice, per ogni cosa che manca, come rimediare."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(examine())
        for finding in findings:
            self.stdout.write(f"{finding.level:<10} {finding.subject}: {finding.text}")
        if any(finding.level is Level.ERROR for finding in findings):
            sys.exit(1)
