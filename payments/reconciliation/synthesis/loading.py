"""A folder of a year into the database: first what the offices had, then the documents as they arrive."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from django_scopes import scope

from payments.reconciliation.synthesis import layout
from payments.reconciliation.synthesis.loading_bodies import Place, body_place
from payments.reconciliation.synthesis.loading_positions import load_positions
from payments.reconciliation.synthesis.loading_receipts import load_receipts, standings


@dataclass(slots=True)
class LoadedBody:
    """What was written for a body: only what was not there yet."""

    place: Place
    positions: int
    receipts: int


def load_offices(folder: Path, said: Callable[[str], None] = lambda text: None) -> list[LoadedBody]:
    """Bodies, positions and receipts of a folder. Safe to repeat. Raises OSError, ValueError, KeyError."""
    found = layout.read(folder / layout.BODIES)
    loaded = []
    for row in found["bodies"]:
        place = body_place(row, found["kinds"])
        own = folder / row["fiscal_code"]
        with scope(entity=place.entity):
            positions = load_positions(place, layout.rows(own / layout.POSITIONS))
            said(f"{place.entity}: {positions} posizioni nuove")
            known = standings(layout.rows(own / layout.POSITIONS))
            receipts = load_receipts(place, layout.rows(own / layout.RECEIPTS), known)
            said(f"{place.entity}: {receipts} ricevute nuove")
        loaded.append(LoadedBody(place, positions, receipts))
    return loaded


def documents(folder: Path, fiscal_code: str, *, shuffle: int | None = None) -> list[Path]:
    """The documents of a body: in the order of their names, or shuffled by a seed."""
    found = layout.evidence(folder, fiscal_code)
    if shuffle is not None:
        Random(shuffle).shuffle(found)  # noqa: S311 - a fair order, not a secret
    return found
