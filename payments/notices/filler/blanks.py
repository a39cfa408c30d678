"""The objects of a PDF: the ones that never change, as bytes, and the ones with blanks to fill."""

import re
import zlib
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape

import pydyf

from payments.notices.filler.faces import number
from payments.notices.filler.lines import Line, Pattern
from payments.notices.filler.trace import MARKS, Unshapeable

_HOLE: Final = re.compile(rb"\x00(\d+)\x00")
# Fast and good enough: the pages of a notice shrink to a quarter.
LEVEL: Final = 1


@dataclass(frozen=True, slots=True)
class Filling:
    """What goes in the blanks of one notice: its texts, and the lines of its changing paragraphs."""

    values: Sequence[str]
    lines: Sequence[tuple[Line, ...]]


Blank = Callable[[Filling], bytes]


def string_blank(pattern: Pattern) -> Blank:
    """A PDF string, such as the title or the text that replaces a figure."""
    return lambda filling: bytes(pydyf.String(pattern.filled(filling.values)).data)


def holes_for_strings(thing: Any, blanks: list[Blank]) -> None:
    """Take out of a dictionary or an array every string that has marks: a numbered hole stays in its place."""
    places = list(thing.items() if isinstance(thing, dict) else enumerate(thing))
    for key, value in places:
        if isinstance(value, pydyf.String) and isinstance(value.string, str) and MARKS.search(value.string):
            blanks.append(string_blank(Pattern.of(value.string)))
            thing[key] = _Hole(len(blanks) - 1)
        elif isinstance(value, dict | list):
            holes_for_strings(value, blanks)


class _Hole(pydyf.Object):  # type: ignore[misc]
    def __init__(self, index: int) -> None:
        super().__init__()
        self._index = index

    @property
    def data(self) -> bytes:
        return b"\0%d\0" % self._index


class ObjectBlank:
    """An object with holes in it: the pieces between them, and what goes in each."""

    def __init__(self, serialised: bytes, blanks: Sequence[Blank]) -> None:
        pieces = _HOLE.split(serialised)
        self.pieces = pieces[::2]
        self.blanks = [blanks[int(index)] for index in pieces[1::2]]

    def __call__(self, filling: Filling) -> bytes:
        return self.joined(self.pieces, filling)

    def joined(self, pieces: Sequence[bytes], filling: Filling) -> bytes:
        """The object, with these pieces in the place of its own."""
        found = [pieces[0]]
        for blank, after in zip(self.blanks, pieces[1:], strict=True):
            found += (blank(filling), after)
        return b"".join(found)


def metadata_blank(pattern: Pattern, extra: dict[str, Any]) -> Blank:
    """The XMP packet: never compressed, so that any program can find it."""
    pieces = pattern.pieces

    def write(filling: Filling) -> bytes:
        text = "".join([piece if isinstance(piece, str) else escape(filling.values[piece]) for piece in pieces])
        return stream(extra, text.encode())

    return write


def image_blank(field: int) -> Blank:
    """A code, as it comes in its data address: the pixels of a 1-bit PNG are already what a PDF wants."""

    def write(filling: Filling) -> bytes:
        png = b64decode(filling.values[field].partition("base64,")[2])
        width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
        length = int.from_bytes(png[33:37], "big")
        if png[24:26] != b"\x01\x00" or png[37:41] != b"IDAT" or png[45 + length :][4:8] != b"IEND":
            raise Unshapeable("an image that is not a 1-bit grey PNG")
        return (
            b"<</Type /XObject/Subtype /Image/Width %d/Height %d/ColorSpace /DeviceGray/BitsPerComponent 1"
            b"/Interpolate false/Filter /FlateDecode"
            b"/DecodeParms <</Predictor 15/Colors 1/BitsPerComponent 1/Columns %d>>/Length %d>>\nstream\n%b\nendstream"
        ) % (width, height, width, length, png[41 : 41 + length])

    return write


def page_blank(pieces: Sequence[bytes], slots: Sequence[tuple[int, int, int, bytes]]) -> Blank:
    """A page's content. A slot is (paragraph, line, run on the line, what stands between its x and its letters)."""

    def write(filling: Filling) -> bytes:
        found = [pieces[0]]
        for (paragraph, line, run, between), after in zip(slots, pieces[1:], strict=True):
            placed = filling.lines[paragraph][line][run]
            found.append(b"%b %b[%b] TJ\n" % (number(placed.x).encode(), between, placed.operand.encode()))
            found.append(after)
        return packed(b"".join(found))

    return write


def stream(extra: dict[str, Any], content: bytes) -> bytes:
    """A stream object, as it is."""
    return bytes(pydyf.Stream([content], extra).data)


def packed(content: bytes, level: int = LEVEL, head: bytes = b"") -> bytes:
    """A stream object, compressed; `head` is what else its dictionary says."""
    small = zlib.compress(content, level)
    return b"<<%b/Filter /FlateDecode/Length %d>>\nstream\n%b\nendstream" % (head, len(small), small)
