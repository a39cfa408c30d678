"""A made-up year from its files to the books, and then one more day, beside the least that must be done.

The year is that of `synth_year`: positions and receipts are there before; what is timed is reading the documents,
loading them, matching, judging and posting. All is thrown away.
"""

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django_scopes import scope

from payments.reconciliation.bench import ACTOR, floor, keep_rows
from payments.reconciliation.models import Channel
from payments.reconciliation.services.books import reconcile_and_book
from payments.reconciliation.services.ingest import ingest_many
from payments.reconciliation.synthesis import layout
from payments.reconciliation.synthesis.loading import load_offices
from portal.entities.models import Entity
from portal.operations.bench import row

SEED: Final = "42"
# A day of a body: its last journal and the flows that came with it.
DAY_FLOWS: Final = 25
Files = dict[Entity, list[Path]]


def year() -> list[dict[str, Any]]:
    """Seconds of a year with its books, and of the day that follows it."""
    with TemporaryDirectory() as name, transaction.atomic():
        folder = Path(name) / "year"
        command = [sys.executable, "manage.py", "synth_year", "--seed", SEED, "--files-only", "--out", str(folder)]
        subprocess.run(command, cwd=settings.BASE_DIR, check=True, capture_output=True)
        bodies = [body.place.entity for body in load_offices(folder)]
        before, day = _split(folder, bodies)
        with transaction.atomic():
            whole, statements = _booked(before)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            keep_rows(bodies)
            one, _statements = _booked(day)
            transaction.set_rollback(True)
        documents = sum(len(paths) for paths in before.values())
        least = floor((path.name, path.read_bytes()) for paths in before.values() for path in paths)
        transaction.set_rollback(True)
    extra = {"documents": documents, "statements": statements, "memory_mb": memory}
    return [
        row("reconciliation_year", value=whole, unit="s", baseline=least) | extra,
        row("reconciliation_day", value=one, unit="s with a year behind it", baseline=1.0),
    ]


def _split(folder: Path, bodies: list[Entity]) -> tuple[Files, Files]:
    """The documents of a year but for the last day, and those of that day."""
    before: Files = {}
    day: Files = {}
    for entity in bodies:
        paths = layout.evidence(folder, entity.fiscal_code)
        journals = [path for path in paths if path.name.startswith("GDC-")]
        flows = [path for path in paths if not path.name.startswith("GDC-")]
        day[entity] = [*flows[-DAY_FLOWS:], journals[-1]]
        before[entity] = [*flows[:-DAY_FLOWS], *journals[:-1]]
    return before, day


def _booked(files: Files) -> tuple[float, int]:
    """Seconds, and statements, from the documents to the books."""
    count = 0

    def counting(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*args)

    start = time.perf_counter()
    with connection.execute_wrapper(counting):
        for entity, paths in files.items():
            with scope(entity=entity):
                contents = ((path.name, path.read_bytes()) for path in paths)
                ingest_many(entity=entity, files=contents, channel=Channel.FOLDER, actor=ACTOR)
                reconcile_and_book(entity=entity, actor=ACTOR)
        connection.check_constraints()
    return time.perf_counter() - start, count
