"""What `manage.py doctor` says of the sources of reconciliation."""

from collections.abc import Iterator

from django.db import DatabaseError
from django_scopes import scopes_disabled

from payments.reconciliation.selectors.sources import source_states
from portal import clock
from portal.entities.models import Entity
from portal.operations.doctor import Finding, Level

SUBJECT = "Riconciliazione"


def examine() -> Iterator[Finding]:
    """Sources that nobody has read for days."""
    try:
        with scopes_disabled():
            yield sources()
    except DatabaseError as error:
        yield Finding(Level.ERROR, SUBJECT, f"non si legge: {type(error).__name__}")


def sources() -> Finding:
    """Whether flows and journals of every body were read in the last three days."""
    states = source_states(list(Entity.objects.values_list("pk", flat=True)), now=clock.now())
    if all(state.attempted_at is None for state in states):
        return Finding(Level.WARNING, SUBJECT, "flussi e giornali mai letti: li prende il pianificatore (beat)")
    silent = [f"{state.entity}, {state.label}" for state in states if state.silent]
    if silent:
        more = f" e altre {len(silent) - 3}" if len(silent) > 3 else ""
        names = "; ".join(silent[:3])
        return Finding(Level.WARNING, SUBJECT, f"fonti ferme da più di 3 giorni, o mai lette: {names}{more}")
    return Finding(Level.OK, SUBJECT, "flussi e giornali letti negli ultimi 3 giorni")
