"""Which of the staff may open a document: whoever makes documents registers how to tell from their source."""

from collections.abc import Callable, Sequence

from portal.documents.models import Document
from portal.entities.models import StaffRole

MayRead = Callable[[str, int, Sequence[StaffRole]], bool]
_readers: dict[str, MayRead] = {}


def register_reader(prefix: str, may_read: MayRead) -> None:
    """`may_read(source, entity_id, roles)` answers for the sources `prefix:...`. Called in AppConfig.ready."""
    _readers[prefix] = may_read


def staff_may_read(source: str, *, entity_id: int, roles: Sequence[StaffRole]) -> bool:
    """Whether roles open what came from a source; nobody opens what nobody answers for. Needs the user's scope."""
    may_read = _readers.get(source.partition(":")[0])
    return may_read is not None and may_read(source, entity_id, roles)


def staff_may_open(document: Document, *, roles: Sequence[StaffRole]) -> bool:
    """Whether roles open a document. Needs the user's scope."""
    return staff_may_read(document.source, entity_id=document.entity_id, roles=roles)
