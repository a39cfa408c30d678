"""A form as a file: first what never changes, in one piece, then what changes, then where everything is."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from payments.notices.filler.blanks import Filling, packed
from payments.notices.filler.forms import SMALLEST, Form

HEADER: Final = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
# A cross-reference: its kind in 1 byte, a position (or the number of a stream of objects) in 5, an index in 2.
WIDTHS: Final = b"[1 5 2]"
FREE, PLACED, PACKED = 0, 1, 2


def entry(kind: int, where: int, index: int = 0) -> bytes:
    """A cross-reference."""
    return (kind << 56 | where << 16 | index).to_bytes(8, "big")


def indirect(number: int, data: bytes) -> bytes:
    """An object with its number."""
    return b"%d 0 obj\n%b\nendobj\n" % (number, data)


def stream_of_objects(objects: Iterable[tuple[int, bytes]], level: int) -> bytes:
    """Many objects in one compressed stream, none of them a stream itself."""
    heads, bodies, position = [], [], 0
    for number, data in objects:
        heads.append(b"%d %d" % (number, position))
        bodies.append(data)
        position += len(data) + 1
    head = b" ".join(heads) + b"\n"
    about = b"/Type /ObjStm/N %d/First %d" % (len(heads), len(head))
    return packed(head + b"\n".join(bodies), level, about)


def cross_references(number: int, entries: bytes, root: int, info: int, identity: bytes) -> bytes:
    """The stream that says where everything is, and what the document is."""
    about = b"/Type /XRef/Size %d/W %b/Root %d 0 R/Info %d 0 R/ID [<%b> <%b>]" % (
        *(number + 1, WIDTHS, root, info),
        *(identity, identity),
    )
    return indirect(number, packed(entries, 1, about))


class Ready:
    """A form that writes files. What is the same in many forms (fonts, colours) is kept once."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._packing = max(*form.fixed, *form.blanks) + 1
        entries = [entry(FREE, 0, 65535)] * (self._packing + 1)
        self._head: list[bytes] = [HEADER]
        position = len(HEADER)
        loose = {number: data for number, data in form.fixed.items() if number not in form.streams}
        together = stream_of_objects(loose.items(), SMALLEST)
        streams = {number: data for number, data in form.fixed.items() if number in form.streams}
        for index, number in enumerate(loose):
            entries[number] = entry(PACKED, self._packing, index)
        for number, data in (*streams.items(), (self._packing, together)):
            entries[number] = entry(PLACED, position)
            pieces = (b"%d 0 obj\n" % number, data, b"\nendobj\n")
            self._head += pieces
            position += sum(map(len, pieces))
        self._entries = entries
        self._start = position

    def written(self, filling: Filling) -> bytes:
        """The file of one notice. Its identifier follows from what it says: the same notice is the same file."""
        entries, pieces, position = self._entries.copy(), self._head.copy(), self._start
        identity = blake2b(digest_size=16)
        for number, blank in self.form.blanks.items():
            piece = indirect(number, blank(filling))
            entries[number] = entry(PLACED, position)
            identity.update(piece)
            pieces.append(piece)
            position += len(piece)
        entries.append(entry(PLACED, position))
        form, last = self.form, self._packing + 1
        name = identity.hexdigest().encode()
        pieces.append(cross_references(last, b"".join(entries), form.root, form.info, name))
        pieces.append(b"startxref\n%d\n%%%%EOF\n" % position)
        return b"".join(pieces)
