from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.models import Instalment
from payments.reconciliation.synthesis.layout import BODIES
from payments.reconciliation.synthesis.loading import load_evidence, load_offices
from payments.reconciliation.synthesis.loading_bodies import Place, real_data
from payments.reconciliation.synthesis.loading_outside import load_outside


class Command(BaseCommand):
    """Load a folder of evidence: what the offices had, where it is missing, then flows and treasury documents."""

    help = (
        "Carica una cartella di documenti (si veda docs/reconciliation-data.md): prima le posizioni e le ricevute che "
        "mancano, poi flussi e documenti di tesoreria, infine ciò che l'ufficio ha registrato a mano. Si può ripetere: "
        "quello che c'è già resta com'è."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--shuffle", type=int, help="mescola i documenti con questo seme prima di caricarli")
        parser.add_argument("--yes-demo", action="store_true", help="carica anche dove i dati sembrano veri")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if not (folder / BODIES).is_file():
            raise CommandError(f"In {folder} manca {BODIES}.")
        if not options["yes_demo"] and (reason := real_data()):
            raise CommandError(f"Qui i dati sembrano veri: {reason}. Se è una prova, aggiungi --yes-demo.")
        try:
            bodies = load_offices(folder, self.stdout.write)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise _shapeless(error) from error
        for body in bodies:
            found = load_evidence(body.place, folder, shuffle=options["shuffle"])
            self.stdout.write(
                f"{body.place.entity}: {found.files} documenti, di cui {found.known} già noti, {found.read} letti, "
                f"{found.flagged} con osservazioni, {found.broken} non leggibili per intero; {found.rows} righe"
            )
            self._outside(body.place, folder)

    def _outside(self, place: Place, folder: Path) -> None:
        try:
            recorded = load_outside(place, folder)
        except (ValueError, KeyError, TypeError, Instalment.DoesNotExist) as error:
            raise _shapeless(error) from error
        if recorded.new:
            self.stdout.write(f"{place.entity}: {recorded.new} pagamenti fuori da pagoPA registrati a mano")
        for reason in recorded.refused:
            self.stdout.write(f"{place.entity}: un pagamento fuori da pagoPA non è stato registrato. {reason}")


def _shapeless(error: Exception) -> CommandError:
    return CommandError(f"I dati degli uffici non hanno la forma prescritta: {error!r}.")
