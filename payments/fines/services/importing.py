"""The rows of a file against what is already there, and into the tables: all of them or none."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from django.core.cache import cache
from django.db import connection, transaction
from django_scopes import scope

from payments.domain.codes import NoticeNumber
from payments.fines import conf, events
from payments.fines.domain.imports import TRANSITIONS, Action, State
from payments.fines.domain.rows import Act, FineRow, ServedRow, wrong_service
from payments.fines.formats.readings import SAME_REFERENCE, Reading, RowError, Totals, read_acts, read_served
from payments.fines.law import law
from payments.fines.models import FileKind, Fine, FineFile, FineImport
from payments.fines.services.serving import ServedFine, acts_serve
from payments.fines.services.writing import Desk, desk_of, fines_write
from payments.services.numbers import numbers_take
from portal import clock
from portal.audit.actor import Actor
from portal.kernel.errors import DomainError
from portal.kernel.states import move

LOCK: Final = 0x46494E45  # "FINE": one import of a body at a time
SERVED_APART: Final = "Il verbale c'è già, con un'altra data di notifica o senza: caricala con il file delle notifiche."
# The fee of SEND is no fact of the act: it becomes known later, and is set on the page of the fine.
FACTS = ("violated_on", "plate", "min_cents", "max_cents", "costs_cents", "discountable")
_KNOWN: Final = f"""
    SELECT f.series, f.number, f.year, f.id, f.stage, f.served_on, {", ".join(f"f.{name}" for name in FACTS)}
      FROM payments_fines_fine f
      JOIN unnest(%s::text[], %s::text[], %s::int[]) AS wanted (series, number, year)
        ON f.entity_id = %s AND f.series = wanted.series AND f.number = wanted.number AND f.year = wanted.year
"""  # noqa: S608 - constants


@dataclass(slots=True)
class Examined:
    """What a file holds, against what is already there."""

    totals: Totals
    new: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """A fine that is already there."""

    fine_id: int
    stage: str
    served_on: Any
    facts: dict[str, Any]


@dataclass(slots=True)
class _Work:
    """One passage over a file. `write` is what to do with new rows; without it the passage only looks."""

    file: FineFile
    write: Callable[[Sequence[tuple[int, Any]]], None] | None = None
    found: Examined = field(default_factory=lambda: Examined(Totals()))

    def run(self) -> Examined:
        reading = self._reading()
        self.found.totals = reading.totals
        source = iter(reading)
        done = 0
        while batch := list(islice(source, conf.BATCH)):
            fresh = self._fresh_acts(batch) if self.file.kind == FileKind.ACTS else self._fresh_days(batch)
            self.found.new += len(fresh)
            if fresh and self.write is not None and not reading.totals.errors_count:
                self.write(fresh)
            done += len(batch)
            if self.write is not None:
                cache.set(progress_key(self.file.pk), done, timeout=3600)
        return self.found

    def _reading(self) -> Reading[Any]:
        content = bytes(self.file.content)
        if self.file.kind == FileKind.SERVED:
            return read_served(content, today=clock.today())
        return read_acts(content, law=law(), today=clock.today())

    def _fresh_acts(self, batch: list[tuple[int, FineRow]]) -> list[tuple[int, FineRow]]:
        """Rows not there yet. The same act with other facts is an error: an act is never changed by a file."""
        known = known_acts(self.file.entity_id, [row.act for _line, row in batch])
        wanted = [row.reference for _line, row in batch if row.reference and row.act not in known]
        used = set(Fine.objects.filter(reference__in=wanted).values_list("reference", flat=True)) if wanted else set()
        fresh = []
        for line, row in batch:
            there = known.get(row.act)
            if there is None and row.reference in used:
                self._refuse(line, "numero_verbale", SAME_REFERENCE.format("di un verbale che c'è già"))
            elif there is None:
                fresh.append((line, row))
                self.found.totals.numbers += 2 if row.discountable else 1
            elif any(there.facts[name] != getattr(row, name) for name in FACTS):
                self._refuse(line, "numero_verbale", "Il verbale c'è già, con dati diversi.")
            elif row.served_on is not None and row.served_on != there.served_on:
                self._refuse(line, "data_notifica", SERVED_APART)
            else:
                self.found.known += 1
        return fresh

    def _fresh_days(self, batch: list[tuple[int, ServedRow]]) -> list[tuple[int, ServedFine]]:
        """Days of service not known yet, each with its fine."""
        known = known_acts(self.file.entity_id, [row.act for _line, row in batch])
        fresh = []
        for line, row in batch:
            there = known.get(row.act)
            if there is None:
                self._refuse(line, "numero_verbale", "Il verbale non c'è: importa prima il file dei verbali.")
                continue
            wrong = wrong_service(row.served_on, violated_on=there.facts["violated_on"], today=clock.today())
            for column, message in wrong:
                self._refuse(line, column, message)
            if there.served_on is not None and there.served_on != row.served_on:
                self._refuse(line, "data_notifica", "Il verbale ha già un'altra data di notifica.")
            elif there.served_on is not None:
                self.found.known += 1
            elif not wrong:
                fresh.append((line, ServedFine(there.fine_id, row.served_on, row.served_how)))
        return fresh

    def _refuse(self, line: int, column: str, message: str) -> None:
        self.found.totals.refuse(RowError(line, column, message))


def progress_key(file_id: int) -> str:
    """Where the rows done so far are told while the transaction is open."""
    return f"fines.import:{file_id}"


def known_acts(entity_id: int, acts: Sequence[Act]) -> dict[Act, Known]:
    """Which acts of a body are already there."""
    wanted = ([act.series for act in acts], [act.number for act in acts], [act.year for act in acts])
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [*wanted, entity_id])
        rows = cursor.fetchall()
    return {
        Act(series, number, year): Known(key, stage, served_on, dict(zip(FACTS, facts, strict=True)))
        for series, number, year, key, stage, served_on, *facts in rows
    }


def examine(file: FineFile) -> Examined:
    """Read a whole file and compare it with the tables; nothing is written. Needs the scope of the body."""
    found = _Work(file).run()
    try:
        if file.kind == FileKind.ACTS:
            desk_of(file)
    except DomainError as error:
        found.totals.refuse(RowError(1, "", error.message))
    return found


class _Refused(Exception):
    """Errors came out while rows were being written: everything is taken back."""

    def __init__(self, found: Examined) -> None:
        self.found = found


def import_run(*, import_id: int, entity_id: int, actor: Actor) -> FineImport:
    """Write the rows of a checked file: all of them, or none and the reasons. A second run changes nothing.

    Notice numbers are taken beforehand, in a transaction of their own: the sequence of the body must not wait for a
    long import. Those of a refused file are never used.
    """
    with scope(entity=entity_id):
        reading = FineImport.objects.select_related("file").get(pk=import_id)
        if State(reading.state) in {State.DONE, State.REFUSED}:
            return reading
        try:
            numbers = _numbers(reading)
            with transaction.atomic():
                return _import(reading.pk, numbers, actor)
        except _Refused as refused:
            return _refuse(reading.pk, refused.found, actor)


def _numbers(reading: FineImport) -> Iterator[NoticeNumber]:
    """Enough numbers for the rows that were not there when the file was checked; since then there can only be fewer."""
    count = reading.totals.get("numbers", 0)
    if reading.file.kind != FileKind.ACTS or not count:
        return iter(())
    return numbers_take(link=desk_of(reading.file).link, count=count)


def _import(import_id: int, numbers: Iterator[NoticeNumber], actor: Actor) -> FineImport:
    reading = FineImport.objects.select_for_update(of=("self",)).select_related("file").get(pk=import_id)
    if State(reading.state) is State.DONE:  # somebody else was faster
        return reading
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, reading.entity_id])
    found = _Work(reading.file, write=_writer(reading.file, numbers)).run()
    if found.totals.errors_count:
        raise _Refused(found)
    reading.state = move(TRANSITIONS, State(reading.state), Action.FINISH)
    reading.totals, reading.new_rows, reading.known_rows = found.totals.as_json(), found.new, found.known
    reading.done_at = clock.now()
    reading.save()
    events.file_imported(reading, actor=actor)
    return reading


def _writer(file: FineFile, numbers: Iterator[NoticeNumber]) -> Callable[[Sequence[tuple[int, Any]]], None]:
    if file.kind == FileKind.SERVED:
        return lambda rows: acts_serve(entity_id=file.entity_id, rows=[row for _line, row in rows])
    desk: Desk = desk_of(file)
    desk.numbers = numbers
    return lambda rows: fines_write(desk, rows)


@transaction.atomic
def _refuse(import_id: int, found: Examined, actor: Actor) -> FineImport:
    reading = FineImport.objects.select_for_update(of=("self",)).get(pk=import_id)
    reading.state = move(TRANSITIONS, State(reading.state), Action.REFUSE)
    reading.totals, reading.new_rows, reading.known_rows = found.totals.as_json(), 0, 0
    reading.checked_at = clock.now()
    reading.save()
    events.file_refused(reading, actor=actor)
    return reading
