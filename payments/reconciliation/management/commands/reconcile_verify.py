from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.reconciliation.synthesis.layout import read
from payments.reconciliation.synthesis.verifying import Found, Verification, verify
from portal.entities.models import Entity

SHOWN = 10


class Command(BaseCommand):
    """Compare the verdicts with the truth of a made-up year; fails when one of them, or one cent, is not right."""

    help = (
        "Confronta gli esiti in vigore con la verità di un anno inventato da synth_year: per ogni codice quanti ne "
        "trova e quanti ne inventa, e se il denaro torna al centesimo."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("truth", type=Path, help="il file truth.json, nella sua cartella")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = verify(read(options["truth"]), options["truth"].resolve().parent)
        except (OSError, ValueError, KeyError, TypeError, Entity.DoesNotExist) as error:
            raise CommandError(f"Il file della verità non si legge: {error!r}.") from error
        self._scores(found)
        self._examples("non trovato", found.missed)
        self._examples("inventato", found.invented)
        for line in found.money:
            self.stdout.write(line)
        if not found.perfect:
            raise CommandError("Gli esiti non sono quelli della verità.")
        self.stdout.write("Tutti gli esiti sono quelli della verità e il denaro torna al centesimo.")

    def _scores(self, found: Verification) -> None:
        self.stdout.write(f"{'codice':26}{'attesi':>8}{'trovati':>9}{'richiamo':>10}{'precisione':>12}{'importi':>9}")
        for score in found.scores:
            self.stdout.write(
                f"{score.code:26}{score.expected:>8}{score.found:>9}{score.recall:>9.2f}%{score.precision:>11.2f}%"
                f"{f'{score.other_cents} diversi' if score.other_cents else 'uguali':>12}"
            )

    def _examples(self, what: str, found: list[Found]) -> None:
        for each in found[:SHOWN]:
            self.stdout.write(f"{what}: {each.code} · {each.subject} · {each.entity} · {each.key}")
        if len(found) > SHOWN:
            self.stdout.write(f"{what}: e altri {len(found) - SHOWN}")
