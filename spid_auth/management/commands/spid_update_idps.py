"""`manage.py spid_update_idps`: what beat does every evening, by hand, or only compared."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from spid_auth import conf
from spid_auth.domain.registry import Change, Difference
from spid_auth.models import RefreshOutcome
from spid_auth.registry.services import FIELD_LABELS, SYSTEM, registry_refresh

ROW = "{:<16} {:<44} {}"
KINDS = {
    Difference.NEW: "nuovo",
    Difference.KEYS: "altre chiavi",
    Difference.UPDATED: "altri dati",
    Difference.MISSING: "non c'è più",
    Difference.MANUAL: "tenuto a mano",
    Difference.SAME: "uguale",
}
APPLIED = {
    RefreshOutcome.APPLIED: "Firma riconosciuta: le differenze sono applicate.",
    RefreshOutcome.CAUTIOUS: "Firma non riconosciuta: i nuovi gestori restano non attivi, le nuove chiavi in attesa.",
}
COMPARED = {
    RefreshOutcome.APPLIED: "Firma riconosciuta. Nulla è stato cambiato (--dry-run).",
    RefreshOutcome.CAUTIOUS: "Firma non riconosciuta. Nulla è stato cambiato (--dry-run).",
}


class Command(BaseCommand):
    help = "Aggiorna i gestori dell'identità dal registro della federazione e scrive le differenze."

    def add_arguments(self, parser: ArgumentParser) -> None:
        where = parser.add_mutually_exclusive_group()
        where.add_argument("--file", type=Path, help="un documento già scaricato")
        where.add_argument("--url", help="un indirizzo https; se manca, SPID_REGISTRY_URL")
        parser.add_argument("--dry-run", action="store_true", help="confronta soltanto")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path | None = options["file"]
        source = file.resolve().as_uri() if file else options["url"] or conf.registry_url()
        if not source:
            raise CommandError("Indica --file o --url, oppure imposta SPID_REGISTRY_URL.")
        dry_run = options["dry_run"]
        report = registry_refresh(source=source, pins=conf.registry_pins(), actor=SYSTEM, dry_run=dry_run)
        if report.refused:
            raise CommandError(f"Nulla è cambiato: {report.refused}.")
        self.stdout.write(ROW.format("differenza", "entityID", "gestore"))
        for change in report.changes:
            self.stdout.write(ROW.format(KINDS[change.kind], change.entity_id, self._told(change)))
        for name, reason in report.left_out:
            self.stdout.write(ROW.format("non utilizzabile", name, reason))
        self.stdout.write((COMPARED if dry_run else APPLIED)[report.outcome])

    def _told(self, change: Change) -> str:
        fields = ", ".join(str(FIELD_LABELS[name]) for name in change.fields)
        return f"{change.name} ({fields})" if fields else change.name
