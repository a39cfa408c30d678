"""Thousands of notices in one document for the printer, tagged, written as they come.

What notices have in common (fonts, colours) is in the book once. Each notice brings its own pages and its own branch
of the structure; memory keeps only where things are: about one kilobyte a notice. The book has no outline.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from html import escape
from types import TracebackType
from typing import BinaryIO, Final, Self

from payments.notices import pdf
from payments.notices.content import NoticeContent
from payments.notices.filler.blanks import LEVEL, Filling
from payments.notices.filler.files import (
    FREE,
    HEADER,
    PACKED,
    PLACED,
    cross_references,
    entry,
    indirect,
    stream_of_objects,
)
from payments.notices.filler.fill import filler
from payments.notices.filler.forms import Form
from payments.notices.filler.leaves import Leaf, Movable, movable, reached_from
from payments.notices.filler.trace import Unshapeable

# Pages under one node of the tree of pages.
BRANCH: Final = 64
COVER: Final = "<!doctype html><html lang=it><head><title>{}</title></head><body></body></html>"
NOTHING: Final = Filling((), ())


class Book:
    """A document that grows by one notice at a time. Use it in a `with`: leaving it writes its end.

    `target` is a binary file open for writing; nothing is read back from it.
    """

    def __init__(self, target: BinaryIO, title: str) -> None:
        self._target = target
        self._position = 0
        self._entries = bytearray(entry(FREE, 0, 65535))
        self._identity = blake2b(digest_size=16)
        self._leaves: dict[int, tuple[Leaf, dict[int, int]]] = {}
        self._known: dict[bytes, int] = {}
        self._branch: list[int] = []
        self._branches: list[int] = []
        self._parts: list[int] = []
        self._keys: list[int] = []
        self.pages = 0
        self._write(HEADER)
        self._pages, self._structure, self._document, self._map = self._reserve(4)
        self._node = 0
        self._cover = filler().whole(COVER.format(escape(title)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._finish()

    def add(self, content: NoticeContent) -> int:
        """Add a notice; the number, from 1, of its first page."""
        own = filler()
        first = self.pages + 1
        try:
            ready, filling = own.prepared(pdf.notice_context(content))
            self._bind(self._leaf(ready.form), filling)
        except Unshapeable:
            own.counts["printed"] += 1
            leaf = Leaf(own.printed(content))
            self._bind((leaf, self._shared(leaf.shared)), NOTHING)
        else:
            own.counts["filled"] += 1
        return first

    def _leaf(self, form: Form) -> tuple[Leaf, dict[int, int]]:
        if id(form) not in self._leaves:
            leaf = Leaf(form)
            self._leaves[id(form)] = leaf, self._shared(leaf.shared)
        return self._leaves[id(form)]

    def _shared(self, objects: Mapping[int, Movable]) -> dict[int, int]:
        """Put in the book what is not there yet; where each object is."""
        places: dict[int, int] = {}

        def place(number: int) -> int:
            if number not in places:
                for needed in objects[number].numbers:
                    place(needed)
                data = objects[number].moved(places)
                key = blake2b(data).digest()
                if key not in self._known:
                    (self._known[key],) = self._reserve(1)
                    self._put(self._known[key], data)
                places[number] = self._known[key]
            return places[number]

        for number in objects:
            place(number)
        return places

    def _bind(self, prepared: tuple[Leaf, dict[int, int]], filling: Filling) -> None:
        leaf, shared = prepared
        form = leaf.form
        if not self._branch:
            (self._node,) = self._reserve(1)
        start = len(self._entries) // 8
        places = shared | dict(zip(leaf.own, range(start, start + len(leaf.own)), strict=True))
        places |= {leaf.above[0]: self._node, leaf.above[1]: self._document}
        places |= {-1 - page: self.pages + page for page in range(len(form.pages))}
        streams = [(places[n], leaf.written(n, pieces, filling, places)) for n, pieces in leaf.streams.items()]
        loose = [(places[n], leaf.written(n, pieces, filling, places)) for n, pieces in leaf.loose.items()]
        # All is written out before anything is put in the book: a refusal leaves no trace in it.
        self._reserve(len(leaf.own))
        keys, packing = self._reserve(2)
        loose.append((keys, self._map_of(form, places)))
        for number, data in (*streams, (packing, stream_of_objects(loose, LEVEL))):
            self._put(number, data)
        for index, (number, _) in enumerate(loose):
            self._entries[number * 8 : number * 8 + 8] = entry(PACKED, packing, index)
        self._parts.append(places[leaf.document])
        self._keys.append(keys)
        self.pages += len(form.pages)
        self._branch += [places[page] for page in form.pages]
        if len(self._branch) >= BRANCH:
            self._close_branch()

    def _map_of(self, form: Form, places: Mapping[int, int]) -> bytes:
        """The notice's leaf of the map from contents to elements."""
        rows = [
            b"%d [%b]" % (self.pages + page, references([places[element] for element in elements]))
            for page, elements in enumerate(form.parents)
        ]
        return b"<</Limits [%d %d]/Nums [%b]>>" % (self.pages, self.pages + len(rows) - 1, b" ".join(rows))

    def _close_branch(self) -> None:
        kids = references(self._branch)
        self._put(
            self._node,
            b"<</Type /Pages/Parent %d 0 R/Kids [%b]/Count %d>>" % (self._pages, kids, len(self._branch)),
        )
        self._branches.append(self._node)
        self._branch = []

    def _finish(self) -> None:
        if self._branch:
            self._close_branch()
        cover = self._cover
        needed = {number: movable(cover, number) for number in cover.fixed}
        above = {cover.pages_node: self._pages, cover.tags[0]: self._structure}
        catalog = needed[cover.root]
        uses = {number: {*thing.numbers} - {*above} for number, thing in needed.items()}
        wanted = reached_from((*uses[cover.root], cover.info), uses)
        places = self._shared({number: needed[number] for number in wanted}) | above
        (root,) = self._reserve(1)
        self._put(root, catalog.moved(places))
        self._put(
            self._pages,
            b"<</Type /Pages/Kids [%b]/Count %d>>" % (references(self._branches), self.pages),
        )
        self._put(
            self._structure,
            b"<</Type /StructTreeRoot/K [%d 0 R]/ParentTree %d 0 R/ParentTreeNextKey %d>>"
            % (self._document, self._map, self.pages),
        )
        self._put(
            self._document,
            b"<</Type /StructElem/S /Document/P %d 0 R/K [%b]>>" % (self._structure, references(self._parts)),
        )
        self._put(self._map, b"<</Kids [%b]>>" % references(self._keys))
        start = self._position
        (last,) = self._reserve(1)
        self._entries[last * 8 : last * 8 + 8] = entry(PLACED, start)
        name = self._identity.hexdigest().encode()
        self._write(cross_references(last, bytes(self._entries), root, places[cover.info], name))
        self._write(b"startxref\n%d\n%%%%EOF\n" % start)

    def _reserve(self, count: int) -> range:
        """The next numbers."""
        first = len(self._entries) // 8
        self._entries += bytes(8 * count)
        return range(first, first + count)

    def _put(self, number: int, data: bytes) -> None:
        self._entries[number * 8 : number * 8 + 8] = entry(PLACED, self._position)
        self._identity.update(data)
        self._write(indirect(number, data))

    def _write(self, data: bytes) -> None:
        self._target.write(data)
        self._position += len(data)


def references(numbers: Iterable[int]) -> bytes:
    """References, one after the other."""
    return b" ".join([b"%d 0 R" % number for number in numbers])
