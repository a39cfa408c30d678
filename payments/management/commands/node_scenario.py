from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Play scenarios of the node against the running portal, and compare what must happen with what happens."""

    help = "Prova il colloquio con il nodo sul portale acceso: «all» o il nome di uno scenario."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="all, oppure il nome di uno scenario")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Gli scenari creano avvisi finti: in produzione non si fanno.")
        from payments.sandbox.scenarios import SCENARIOS, answers, play

        names = list(SCENARIOS) if options["name"] == "all" else [options["name"]]
        if unknown := set(names) - set(SCENARIOS):
            raise CommandError(f"Scenario sconosciuto: {', '.join(unknown)}. Ci sono: {', '.join(SCENARIOS)}.")
        if not answers():
            raise CommandError(f"Il portale non risponde all'indirizzo {settings.PORTAL_BASE_URL}: accendilo prima.")
        outcomes = [outcome for name in names for outcome in play(name)]
        for outcome in outcomes:
            self.stdout.write(f"{'ok  ' if outcome.passed else 'DIFF'} {outcome.scenario}: {outcome.step}")
            self.stdout.write(f"       atteso  {_line(outcome.expected)}\n       trovato {_line(outcome.found)}")
        different = sum(not outcome.passed for outcome in outcomes)
        self.stdout.write(f"{len(names)} scenari, {len(outcomes)} passi, {different} diversi da quanto atteso")
        if different:
            raise CommandError("Il portale non risponde come deve.")


def _line(facts: dict[str, Any]) -> str:
    return " · ".join(f"{name}={value}" for name, value in facts.items() if value not in ("", 0))
