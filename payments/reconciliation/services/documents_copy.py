"""Documents into their table by binary COPY, in slices: a large one is never in memory a second time.

As text or as a parameter of a statement, every byte would be written as two and copied several times over.
"""

import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from django.db import connection

from payments.reconciliation.models import Channel

if TYPE_CHECKING:
    from payments.reconciliation.services.evidence import Kept

_COPY: Final = """
COPY payments_reconciliation_evidencefile
    (id, entity_id, kind, sha256, name, size, channel, received_at, content)
FROM STDIN (FORMAT BINARY)"""
_HEAD: Final = b"PGCOPY\n\xff\r\n\x00" + struct.pack("!ii", 0, 0)
_TAIL: Final = struct.pack("!h", -1)
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_SLICE: Final = 512 * 1024


def copy_documents(*, entity_id: int, documents: Sequence[tuple[str, "Kept"]], channel: Channel, at: datetime) -> None:
    """Write documents, each with its SHA-256, in the caller's transaction."""
    microseconds = (at - _EPOCH) // (datetime.resolution)
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write(_HEAD)
        for digest, kept in documents:
            copy.write(
                struct.pack("!h", 9)
                + _number(kept.evidence_id) + _number(entity_id) + _text(kept.kind) + _text(digest) + _text(kept.name)
                + struct.pack("!ii", 4, len(kept.content)) + _text(channel) + _number(microseconds)
                + struct.pack("!i", len(kept.content))
            )  # fmt: skip
            for piece in _slices(kept.content):
                copy.write(piece)
        copy.write(_TAIL)


def _number(value: int) -> bytes:
    return struct.pack("!iq", 8, value)


def _text(value: str) -> bytes:
    raw = str(value).encode()
    return struct.pack("!i", len(raw)) + raw


def _slices(content: bytes) -> Iterator[memoryview]:
    view = memoryview(content)
    for start in range(0, len(content), _SLICE):
        yield view[start : start + _SLICE]
