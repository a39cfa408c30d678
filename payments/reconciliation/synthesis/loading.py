"""A folder of a year into the database: first what the offices had, then the documents as they arrive."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from django_scopes import scope

from payments.reconciliation.models import Channel
from payments.reconciliation.services.ingest import IngestResult, ingest_many
from payments.reconciliation.synthesis import layout
from payments.reconciliation.synthesis.loading_bodies import Place, body_place
from payments.reconciliation.synthesis.loading_positions import load_positions
from payments.reconciliation.synthesis.loading_receipts import load_receipts
from portal.audit.actor import Actor

ACTOR = Actor.system("anno di prova")


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
            owed = partial(layout.rows, own / layout.POSITIONS)
            positions = load_positions(place, owed())
            said(f"{place.entity}: {positions} posizioni nuove")
            receipts = load_receipts(place, layout.rows(own / layout.RECEIPTS), owed)
            said(f"{place.entity}: {receipts} ricevute nuove")
        loaded.append(LoadedBody(place, positions, receipts))
    return loaded


def load_evidence(place: Place, folder: Path, *, shuffle: int | None = None) -> IngestResult:
    """The documents of a body, in the order of their names or shuffled by a seed. Safe to repeat. Raises OSError."""
    paths = layout.evidence(folder, place.entity.fiscal_code)
    if shuffle is not None:
        Random(shuffle).shuffle(paths)  # noqa: S311 - a fair order, not a secret
    with scope(entity=place.entity):
        return ingest_many(entity=place.entity, files=_contents(paths), channel=Channel.FOLDER, actor=ACTOR)


def _contents(paths: list[Path]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        yield path.name, path.read_bytes()
