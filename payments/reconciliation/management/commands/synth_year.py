from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.reconciliation.synthesis.layout import write_year
from payments.reconciliation.synthesis.loading import load_offices
from payments.reconciliation.synthesis.loading_bodies import real_data
from payments.reconciliation.synthesis.recipe import FIRST, LAST, Recipe
from payments.reconciliation.synthesis.year import make_year


class Command(BaseCommand):
    """Make a year up: positions and receipts go into the database, the documents of the outside into a folder."""

    help = (
        "Inventa un anno di pagamenti: scrive posizioni e ricevute nella banca dati e, nella cartella, i flussi, "
        "i giornali di cassa e la verità con cui reconcile_verify confronta gli esiti."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=42, help="lo stesso seme dà gli stessi byte")
        parser.add_argument("--scale", type=float, default=1.0, help="1: un anno di una provincia di medie dimensioni")
        parser.add_argument("--out", type=Path, required=True, help="cartella nuova o vuota")
        parser.add_argument("--first", type=date.fromisoformat, default=FIRST, help="primo giorno (aaaa-mm-gg)")
        parser.add_argument("--last", type=date.fromisoformat, default=LAST, help="ultimo giorno (aaaa-mm-gg)")
        parser.add_argument("--files-only", action="store_true", help="solo la cartella, senza la banca dati")
        parser.add_argument("--yes-demo", action="store_true", help="scrivi anche dove i dati sembrano veri")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["out"]
        into_database = not options["files_only"]
        if into_database and not options["yes_demo"] and (reason := real_data()):
            raise CommandError(f"Qui i dati sembrano veri: {reason}. Se è una prova, aggiungi --yes-demo.")
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CommandError(f"La cartella {folder} non è vuota.")
        if options["scale"] <= 0 or options["first"] >= options["last"]:
            raise CommandError("La scala è maggiore di zero e il primo giorno viene prima dell'ultimo.")
        recipe = Recipe(options["seed"], options["scale"], options["first"], options["last"])
        self._write(recipe, folder)
        if into_database:
            load_offices(folder, self.stdout.write)

    def _write(self, recipe: Recipe, folder: Path) -> None:
        """The folder. The year that is made up goes out of memory with it."""
        try:
            year = make_year(recipe)
        except ValueError as error:
            raise CommandError(f"Il periodo è troppo breve per un caso di ogni tipo: {error}.") from error
        write_year(recipe, year, folder)
        lines = sum(len(flow.lines) for flow in year.flows)
        self.stdout.write(
            f"{len(year.debts)} posizioni, {len(year.payments)} pagamenti, {len(year.flows)} flussi con {lines} righe, "
            f"{len(year.journals)} giornali, {len(year.planted)} esiti da trovare"
        )
