"""A form as part of a longer document: its objects, free to take other numbers."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from payments.notices.filler.blanks import Filling, ObjectBlank
from payments.notices.filler.forms import Form

_MOVING: Final = re.compile(rb"/StructParents (\d+)|(?<![\d.])(\d+) 0 R\b")


@dataclass(frozen=True, slots=True)
class Movable:
    """An object, or a piece of one: a format with the numbers that change, and the content of a stream.

    A key of the map from contents to elements is kept as the number below zero: -1 for the first page, -2...
    """

    text: bytes
    numbers: tuple[int, ...]
    content: bytes = b""

    @classmethod
    def of(cls, data: bytes, content: bytes = b"") -> "Movable":
        """Find the numbers in the bytes of an object."""
        numbers = [-int(key) - 1 if key else int(reference) for key, reference in _MOVING.findall(data)]
        text = _MOVING.sub(lambda found: b"/StructParents %d" if found[1] else b"%d 0 R", data.replace(b"%", b"%%"))
        return cls(text, tuple(numbers), content)

    def moved(self, places: Mapping[int, int]) -> bytes:
        """The object where it now is."""
        return self.text % tuple([places[number] for number in self.numbers]) + self.content


class Leaf:
    """A form: `own` objects that every notice brings, `shared` ones that a document needs once.

    `loose` are the own objects that are not streams. Nothing is kept of what stands above a notice's pages and its
    branch of the structure: the document puts its own there.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        root, self.document, _ = form.tags
        self.above = (form.pages_node, root)
        movable = {number: self._movable(number) for number in (*form.fixed, *form.blanks)}
        references = {
            number: {number for piece in pieces for number in piece.numbers if number > 0} - {*self.above}
            for number, pieces in movable.items()
        }
        reached = reached_from((*form.pages, self.document), references)
        own = reached & {*form.pages, self.document, *form.blanks}
        while more := {number for number in reached - own if references[number] & own}:
            own |= more
        self.shared = {number: movable[number][0] for number in sorted(reached - own)}
        self.own = sorted(own)
        self.streams = {number: movable[number] for number in self.own if number in form.streams}
        self.loose = {number: movable[number] for number in self.own if number not in form.streams}

    def written(self, number: int, pieces: list[Movable], filling: Filling, places: Mapping[int, int]) -> bytes:
        """One of the own objects, filled and in its place."""
        blank = self.form.blanks.get(number)
        if blank is None:
            return pieces[0].moved(places)
        if isinstance(blank, ObjectBlank):
            return blank.joined([piece.moved(places) for piece in pieces], filling)
        return blank(filling)

    def _movable(self, number: int) -> list[Movable]:
        """In pieces, if there are blanks between them. Pages' contents and codes refer to nothing."""
        blank = self.form.blanks.get(number)
        if isinstance(blank, ObjectBlank):
            return [Movable.of(piece) for piece in blank.pieces]
        if blank is not None:
            return []
        return [movable(self.form, number)]


def movable(form: Form, number: int) -> Movable:
    """An object that never changes. The document of a notice becomes a part of the longer one."""
    data = form.fixed[number]
    if number in form.streams:
        head, mark, content = data.partition(b"stream\n")
        return Movable.of(head, mark + content)
    return Movable.of(data.replace(b"/S /Document", b"/S /Part", 1) if number == form.tags[1] else data)


def reached_from(starts: Iterable[int], references: Mapping[int, set[int]]) -> set[int]:
    """The objects that some objects need, themselves included."""
    found, waiting = set(), [*starts]
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += references[number]
    return found
