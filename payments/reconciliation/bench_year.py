"""A made-up year from its files to the books, then one more day, and ten smaller years at once; beside the
least that must be done.

The years are those of `synth_year`: positions and receipts are there before; what is timed is reading the documents,
loading them, matching, judging, posting and drafting. Every measure has a database of its own, thrown away after it.
"""

import multiprocessing
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django_scopes import scope

from payments.reconciliation.bench import ACTOR, LOADED, floor, keep_rows
from payments.reconciliation.models import (
    Channel,
    CollectionOrderLine,
    CollectionOrderProposal,
    LedgerEntry,
    LedgerPosting,
    Match,
    ReconciliationRun,
    Verdict,
)
from payments.reconciliation.services.books import reconcile_and_book
from payments.reconciliation.services.ingest import ingest_many
from payments.reconciliation.synthesis import layout
from payments.reconciliation.synthesis.loading import load_offices
from portal.entities.models import Entity
from portal.operations.bench import row

SEED: Final = 42
# A day of a body: its last journal and the flows that came with it.
DAY_FLOWS: Final = 25
FIRST: Final = 2016
YEARS: Final = 10
# Those of the worker of docs/operations.md.
WORKER_THREADS: Final = 2
# Ten whole years of made-up positions take longer to make than to reconcile.
SCALE: Final = 0.2
WRITTEN: Final[tuple[type[Any], ...]] = (
    *LOADED, ReconciliationRun, Match, Verdict, LedgerEntry, LedgerPosting, CollectionOrderProposal,
    CollectionOrderLine,
)  # fmt: skip
Files = dict[Entity, list[Path]]


def year() -> list[dict[str, Any]]:
    """Seconds of a year with its books, and of the day that follows it."""
    with TemporaryDirectory() as name, _copied("offices"):
        folder = Path(name) / "year"
        _make(folder, SEED, 1)
        bodies = _bodies(folder)
        before, day = _split(folder, bodies)
        with _copied("year"):
            whole, statements = _booked(before)
            memory = _memory()
            keep_rows(bodies, WRITTEN)
            one, _statements = _booked(day)
        with _copied("floor"):
            least = floor((path.name, path.read_bytes()) for paths in before.values() for path in paths)
    documents = sum(len(paths) for paths in before.values())
    extra = {"documents": documents, "statements": statements, "memory_mb": memory}
    return [
        row("reconciliation_year", value=whole, unit="s", baseline=least) | extra,
        row("reconciliation_day", value=one, unit="s with a year behind it", baseline=1.0),
    ]


def ten_years() -> list[dict[str, Any]]:
    """Seconds of ten smaller years taken in at once, beside ten times one of them: 1 is linear."""
    with TemporaryDirectory() as name:
        folders = [Path(name) / str(number) for number in range(YEARS)]
        with _copied("one"):
            _make(folders[0], SEED, SCALE, year=FIRST)
            one, _statements = _booked(_all(folders[:1]))
        with _copied("ten"):
            _load(folders[0])
            for number, folder in enumerate(folders[1:], start=1):
                _make(folder, SEED + number, SCALE, year=FIRST + number)
            ten, statements = _booked(_all(folders))
        memory = _memory()
    line = row("reconciliation_ten_years", value=ten, unit="s", baseline=YEARS * one)
    return [line | {"scale": SCALE, "statements": statements, "memory_mb": memory}]


@contextmanager
def _copied(suffix: str) -> Iterator[None]:
    """Work in a copy of the database as it is now; it is dropped at the end."""
    name, creation = connection.settings_dict["NAME"], connection.creation
    creation.clone_test_db(suffix=suffix, verbosity=0, autoclobber=True)
    connection.close()
    connection.settings_dict["NAME"] = creation.get_test_db_clone_settings(suffix)["NAME"]
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
        creation.destroy_test_db(suffix=suffix, verbosity=0)


def _make(folder: Path, seed: int, scale: float, year: int = 2025) -> None:
    """A folder of a year, and its offices in the database; by other processes, whose memory is not measured."""
    days = ["--first", f"{year}-01-01", "--last", f"{year}-12-31"]
    asked = ["--seed", str(seed), "--scale", str(scale), *days, "--files-only", "--out", str(folder)]
    command = [sys.executable, "manage.py", "synth_year", *asked]
    subprocess.run(command, cwd=settings.BASE_DIR, check=True, capture_output=True)
    _load(folder)


def _load(folder: Path) -> None:
    """The offices of a folder into the database, by another process. Raises RuntimeError."""
    connection.close()
    loading = multiprocessing.get_context("fork").Process(target=load_offices, args=(folder,))
    loading.start()
    loading.join()
    if loading.exitcode:
        raise RuntimeError(f"the offices of {folder.name} were not loaded")


def _bodies(folder: Path) -> list[Entity]:
    codes = [row["fiscal_code"] for row in layout.read(folder / layout.BODIES)["bodies"]]
    return list(Entity.objects.filter(fiscal_code__in=codes).order_by("pk"))


def _papers(folder: Path, entity: Entity) -> list[Path]:
    return layout.evidence(folder, entity.fiscal_code)


def _all(folders: list[Path]) -> Files:
    """The documents of several years, body by body."""
    return {body: [path for folder in folders for path in _papers(folder, body)] for body in _bodies(folders[0])}


def _split(folder: Path, bodies: list[Entity]) -> tuple[Files, Files]:
    """The documents of a year but for the last day, and those of that day."""
    before: Files = {}
    day: Files = {}
    for entity in bodies:
        paths = _papers(folder, entity)
        journals = [path for path in paths if path.name.startswith("GDC-")]
        flows = [path for path in paths if not path.name.startswith("GDC-")]
        day[entity] = [*flows[-DAY_FLOWS:], journals[-1]]
        before[entity] = [*flows[:-DAY_FLOWS], *journals[:-1]]
    return before, day


def _booked(files: Files) -> tuple[float, int]:
    """Seconds, and statements, from the documents to the books: a thread for each body, as a worker has."""
    start = time.perf_counter()
    with ThreadPoolExecutor(max_workers=WORKER_THREADS) as worker:
        statements = sum(worker.map(_booked_body, files.items()))
    return time.perf_counter() - start, statements


def _booked_body(papers: tuple[Entity, list[Path]]) -> int:
    count = 0

    def counting(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*args)

    entity, paths = papers
    with scope(entity=entity), connection.execute_wrapper(counting):
        contents = ((path.name, path.read_bytes()) for path in paths)
        ingest_many(entity=entity, files=contents, channel=Channel.FOLDER, actor=ACTOR)
        reconcile_and_book(entity=entity, actor=ACTOR)
    connection.close()
    return count


def _memory() -> int:
    """The most this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
