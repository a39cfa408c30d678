"""Files of positions: kept first, read, and brought in all of them or none."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db import connection, transaction
from django_scopes import scope

from payments import events
from payments.domain.codes import NoticeNumber
from payments.domain.drafts import InstalmentDraft, OptionDraft, ShareDraft
from payments.domain.position_rows import PositionRow
from payments.formats.position_csv import Reading, read_positions
from payments.models import DebtKind, ImportedPosition, PositionFile, PositionFileReading, StationLink
from payments.services.bulk import PositionDraft, WrittenPosition, positions_write_in_bulk
from payments.services.numbers import debt_kind, issuing_link, numbers_take
from portal import clock
from portal.audit.actor import Actor
from portal.billing.services import request_charges_in_bulk
from portal.billing.socket import ChargeDraft, ChargeLineDraft, Payer
from portal.entities.models import Entity
from portal.kernel.errors import DomainError

HANDLER = "payments.nobody_waits"
LOCK = 0x504F5349  # "POSI": one import of a body at a time
Rows = Sequence[tuple[int, PositionRow]]
# By kind of debt and station.
Numbers = dict[tuple[str, int], Iterator[NoticeNumber]]


@dataclass(frozen=True, slots=True)
class Examined:
    """A file against what is already there."""

    reading: Reading
    fresh: Rows
    known: int

    @property
    def cents(self) -> int:
        """The sum of the new rows."""
        return sum(row.cents for _line, row in self.fresh)


def position_file_receive(*, entity: Entity, name: str, content: bytes, actor: Actor) -> PositionFile:
    """Keep a file, once, then read it. Reading never loses it: what is wrong is written beside it."""
    with scope(entity=entity):
        with transaction.atomic():
            digest = sha256(content).hexdigest()
            file, created = PositionFile.objects.get_or_create(
                entity=entity,
                sha256=digest,
                defaults={
                    "name": name[-120:],
                    "size": len(content),
                    "content": content,
                    "received_at": clock.now(),
                    "received_by_id": actor.user_id,
                },
            )
            if created:
                events.position_file_received(file, actor=actor)
        position_file_read(file_id=file.pk)
    return file


@transaction.atomic
def position_file_read(*, file_id: int) -> Examined:
    """Read a kept file again against what is there now. A file already brought in keeps its first reading."""
    file = PositionFile.objects.get(pk=file_id)
    _one_at_a_time(file.entity_id)
    found = examine(file)
    reading = PositionFileReading.objects.filter(file=file).first()
    if reading is None or reading.imported_at is None:
        values = {
            "new_rows": len(found.fresh),
            "known_rows": found.known,
            "new_cents": found.cents,
            "errors_count": found.reading.errors_count,
            "errors": found.reading.errors,
            "read_at": clock.now(),
        }
        PositionFileReading.objects.update_or_create(file=file, defaults={"entity_id": file.entity_id, **values})
    return found


def examine(file: PositionFile) -> Examined:
    """Read a file and compare it with what is there; nothing is written. The same identifier with other values is an
    error: a file never changes a position.
    """
    reading = read_positions(bytes(file.content), kinds=_kinds(file.entity_id))
    known = dict(ImportedPosition.objects.filter(entity_id=file.entity_id).values_list("external_id", "digest"))
    fresh, same = [], 0
    for line, row in reading.rows:
        there = known.get(row.external_id)
        if there is None:
            fresh.append((line, row))
        elif there == row.digest:
            same += 1
        else:
            reading.refuse(line, [("external_id", "Questo identificativo c'è già, con dati diversi.")])
    return Examined(reading, fresh, same)


def _kinds(entity_id: int) -> dict[str, str]:
    """The codes of the body's kinds of debt, each with the reason why it cannot be asked for, if there is one."""
    found = {}
    for code in sorted(set(DebtKind.objects.filter(entity_id=entity_id).values_list("code", flat=True))):
        try:
            kind = debt_kind(entity_id=entity_id, code=code)
        except DomainError as error:
            found[code] = error.message
        else:
            found[code] = "La marca da bollo digitale si chiede soltanto on line." if kind.digital_stamp else ""
    return found


def position_file_import(*, file_id: int, actor: Actor) -> PositionFileReading:
    """Make the positions of a file that has no errors: all of them, or none. Again, it changes nothing.

    Numbers are taken beforehand, in a transaction of their own: nobody else waits for a long import to have theirs.
    Raises DomainError when the file has errors, or has got some since it was read.
    """
    file = PositionFile.objects.select_related("entity").get(pk=file_id)
    with scope(entity=file.entity):
        found = position_file_read(file_id=file.pk)
        _refuse_errors(found)
        wanted = _wanted(file, found.fresh)
        numbers = {(kind.code, link.pk): numbers_take(link=link, count=count) for kind, link, count in wanted}
        with transaction.atomic():
            return _import(file, numbers, actor)


def _wanted(file: PositionFile, rows: Rows) -> list[tuple[DebtKind, StationLink, int]]:
    """The kinds of debt of some rows, the station of each and how many numbers they need."""
    counts: dict[str, int] = defaultdict(int)
    for _line, row in rows:
        counts[row.kind] += 1
    found = []
    for code, count in sorted(counts.items()):
        kind = debt_kind(entity_id=file.entity_id, code=code)
        found.append((kind, issuing_link(entity_id=file.entity_id, kind=kind), count))
    return found


def _import(file: PositionFile, numbers: Numbers, actor: Actor) -> PositionFileReading:
    _one_at_a_time(file.entity_id)
    reading = PositionFileReading.objects.select_related("file").get(file=file)
    if reading.imported_at is not None:
        return reading
    found = examine(file)
    _refuse_errors(found)
    for kind, link, _count in _wanted(file, found.fresh):
        taken = numbers.get((kind.code, link.pk))
        if taken is None:
            raise DomainError("station_changed", "Nel frattempo è cambiata la stazione di un tipo di dovuto: riprova.")
        rows = [(line, row) for line, row in found.fresh if row.kind == kind.code]
        _write(file, rows, kind=kind, link=link, numbers=taken)
    reading.new_rows, reading.known_rows, reading.new_cents = len(found.fresh), found.known, found.cents
    reading.errors_count, reading.errors = 0, []
    reading.imported_at, reading.imported_by_id = clock.now(), actor.user_id
    reading.save()
    events.positions_imported(reading, actor=actor)
    return reading


def _one_at_a_time(entity_id: int) -> None:
    """Files of one body are read and brought in one after the other, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, entity_id])


def _refuse_errors(found: Examined) -> None:
    if found.reading.errors_count:
        raise DomainError("file_has_errors", "Il file ha degli errori: correggili e carica il file corretto.")


def _write(
    file: PositionFile, rows: Rows, *, kind: DebtKind, link: StationLink, numbers: Iterator[NoticeNumber]
) -> None:
    """The positions of the rows of one kind of debt."""
    written: list[WrittenPosition] = []

    def open_many(charges: Sequence[int]) -> list[str]:
        drafts = [
            PositionDraft(charge, row.description, _payer(row), (_option(row),))
            for charge, (_line, row) in zip(charges, rows, strict=True)
        ]
        found = positions_write_in_bulk(link=link, kinds={kind.code: kind}, drafts=drafts, numbers=numbers)
        written.extend(found)
        return [position.navs[0] for position in found]

    charges = [
        ChargeDraft(
            source=f"import:{file.pk}:{line}",
            payer=_payer(row),
            description=row.description,
            lines=(ChargeLineDraft("importo", kind.description, row.cents, kind.code),),
            due_on=row.due_on,
            handler=HANDLER,
        )
        for line, row in rows
    ]
    request_charges_in_bulk(entity=file.entity, drafts=charges, open_many=open_many)
    ImportedPosition.objects.bulk_create(
        ImportedPosition(
            entity_id=file.entity_id,
            file=file,
            line=line,
            external_id=row.external_id,
            digest=row.digest,
            position_id=position.position_id,
        )
        for position, (line, row) in zip(written, rows, strict=True)
    )


def _payer(row: PositionRow) -> Payer:
    return Payer(
        kind=row.payer_kind,
        fiscal_code=row.fiscal_code,
        name=row.name,
        email=row.email,
        street=row.street,
        civic=row.civic,
        postal_code=row.postal_code,
        city=row.city,
        province=row.province,
        country="IT" if row.city else "",
    )


def _option(row: PositionRow) -> OptionDraft:
    return OptionDraft((InstalmentDraft((ShareDraft(row.kind, row.cents),), row.due_on),))
