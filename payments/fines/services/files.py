"""Files of the back office: kept first, then checked, then put in line. What they hold is judged, never lost."""

from hashlib import sha256

from django.db import transaction
from django_scopes import scope

from payments.fines import conf, events
from payments.fines.domain.imports import TRANSITIONS, Action, State
from payments.fines.models import FileKind, FineFile, FineImport
from payments.fines.services.importing import examine
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.kernel.states import move
from portal.outbox import services as outbox

IMPORT_HANDLER = "fines.import"


def file_receive(*, entity: Entity, kind: FileKind, name: str, content: bytes, actor: Actor) -> FineImport:
    """Keep a file and check it. The same bytes a second time give the reading of the first: nothing is done twice.

    Raises DomainError when the file is too large.
    """
    if len(content) > conf.MOST_BYTES:
        raise DomainError("file_too_large", f"Il file supera i {conf.MOST_BYTES // 1024 // 1024} MB.")
    with scope(entity=entity):
        file = _keep(entity, kind, name, content, actor)
        found = FineImport.objects.filter(file=file).first()
        return found or file_check(file_id=file.pk)


@transaction.atomic
def _keep(entity: Entity, kind: FileKind, name: str, content: bytes, actor: Actor) -> FineFile:
    digest = sha256(content).hexdigest()
    row = FineFile(
        entity=entity,
        kind=kind,
        name=name[:120],
        size=len(content),
        sha256=digest,
        received_at=clock.now(),
        received_from=actor.label[:150],
        content=content,
    )
    FineFile.objects.bulk_create([row], ignore_conflicts=True)
    file = FineFile.objects.defer("content").get(kind=kind, sha256=digest)
    if not FineImport.objects.filter(file=file).exists():
        events.file_received(file, actor=actor)
    return file


@transaction.atomic
def file_check(*, file_id: int) -> FineImport:
    """Read a file from its first to its last line and say what it holds; nothing is written of its rows."""
    file = FineFile.objects.select_for_update(of=("self",)).get(pk=file_id)
    reading = FineImport.objects.select_for_update(of=("self",)).filter(file=file).first()
    found = examine(file)
    state = State.REFUSED if found.totals.errors_count else State.READY
    if reading is None:
        reading = FineImport(entity_id=file.entity_id, file=file)
    elif State(reading.state) in {State.QUEUED, State.DONE}:
        return reading
    reading.state, reading.checked_at = state, clock.now()
    reading.totals, reading.new_rows, reading.known_rows = found.totals.as_json(), found.new, found.known
    reading.save()
    return reading


@transaction.atomic
def file_queue(*, import_id: int, actor: Actor) -> FineImport:
    """Have the rows of a checked file imported by a worker. Raises MoveNotAllowed when it has errors or is in."""
    reading = FineImport.objects.select_for_update(of=("self",)).get(pk=import_id)
    reading.state = move(TRANSITIONS, State(reading.state), Action.QUEUE)
    reading.save(update_fields=["state"])
    outbox.send(
        IMPORT_HANDLER,
        {"import": reading.pk, "user": actor.user_id, "label": actor.label},
        key=f"fines.import:{reading.pk}",
        entity_id=reading.entity_id,
    )
    return reading
