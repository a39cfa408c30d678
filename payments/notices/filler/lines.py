"""A paragraph in its box: which words stand on which line, and where each line begins."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from weasyprint.text.line_break import get_log_attrs

from payments.notices.filler.faces import UNITS, SizedFace
from payments.notices.filler.trace import FIRST_MARK, MARKS, Unshapeable

_SPACES = re.compile(r"[ \t\r\n\f]+")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text with marks where the fields go."""

    pieces: tuple[str | int, ...]

    @classmethod
    def of(cls, marked: str) -> "Pattern":
        """Cut a text at its marks: literal pieces, and the numbers of the fields."""
        pieces: list[str | int] = []
        end = 0
        for mark in MARKS.finditer(marked):
            pieces += [marked[end : mark.start()], ord(mark[0]) - FIRST_MARK]
            end = mark.end()
        return cls(tuple(piece for piece in (*pieces, marked[end:]) if piece != ""))

    @property
    def fields(self) -> tuple[int, ...]:
        """The numbers of the fields in the text."""
        return tuple(piece for piece in self.pieces if isinstance(piece, int))

    def filled(self, values: Sequence[str]) -> str:
        """The text with its fields."""
        return "".join([piece if isinstance(piece, str) else values[piece] for piece in self.pieces])


def written(pattern: Pattern, values: Sequence[str], *, upper: bool) -> str:
    """A text as the page shows it, white space as HTML keeps it. Raises Unshapeable."""
    pieces = []
    for piece in pattern.pieces:
        if isinstance(piece, str):
            pieces.append(piece)
            continue
        text = _SPACES.sub(" ", values[piece])
        if text[0] == " " or text[-1] == " ":
            # Beside a literal space it would be one of two.
            raise Unshapeable("white space around a field")
        pieces.append(text.upper() if upper else text)
    return "".join(pieces)


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one face inside a paragraph."""

    pattern: Pattern
    face: SizedFace
    upper: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A run on a line: where it begins, in CSS pixels, and the operand that shows it."""

    run: int
    text: str
    x: float
    operand: str


Line = tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A block of lines. `segments` are what a forced break separates; sizes in CSS pixels."""

    segments: tuple[tuple[Run, ...], ...]
    x: float
    width: float
    align: str
    wraps: bool

    def lines(self, values: Sequence[str]) -> tuple[Line, ...]:
        """The lines of the paragraph with these fields. Raises Unshapeable."""
        found: list[Line] = []
        for runs in self.segments:
            texts = [written(run.pattern, values, upper=run.upper) for run in runs]
            faces = [run.face for run in runs]
            whole = [face.shaped(text) for face, text in zip(faces, texts, strict=True)]
            if texts[-1][-1] == " ":
                # Shown, but not counted: it hangs at the end of the line.
                whole[-1] = whole[-1][0], faces[-1].shaped(texts[-1].rstrip(" "))[1]
            if not self.wraps or sum([width for _, width in whole]) <= self.width * UNITS:
                found.append(self._placed(texts, whole))
                continue
            for start, shown, end in _wrapped(faces, texts, self.width):
                parts = _cut(texts, start, shown, end)
                widths = [face.shaped(text)[1] for face, text in zip(faces, _cut(texts, start, shown), strict=True)]
                operands = [face.shaped(text)[0] for face, text in zip(faces, parts, strict=True)]
                found.append(self._placed(parts, list(zip(operands, widths, strict=True))))
        return tuple(found)

    def _placed(self, texts: list[str], shaped: list[tuple[str, int]]) -> Line:
        room = self.width - sum([width for _, width in shaped]) / UNITS
        x = self.x + (room if self.align == "right" else room / 2 if self.align == "center" else 0)
        line = []
        for run, (text, (operand, width)) in enumerate(zip(texts, shaped, strict=True)):
            if text and not text.isspace():
                line.append(Placed(run, text, x, operand))
            x += width / UNITS
        return tuple(line)


def _wrapped(faces: list[SizedFace], texts: list[str], width: float) -> list[tuple[int, int, int]]:
    """The lines, with as many words as fit: where each begins, where its last word ends, where the next line begins.

    Raises Unshapeable for a word wider than the box.
    """
    text = "".join(texts)
    if len(texts) > 1 and any(text[place - 1] != " " for place in _breaks(text)):
        # WeasyPrint goes back over the runs of a line, and does not end it after a hyphen or a bar that would fit.
        raise Unshapeable("several runs, and a line that may end inside a word")
    widths, last = _letter_widths(faces, texts)
    before = [0, *accumulate(widths)]
    lines, start = [], 0
    while start < len(text):
        fits = ends = start
        for end in (*_breaks(text), len(text)):
            if end <= start:
                continue
            shown = len(text[:end].rstrip(" "))
            if (before[shown - 1] - before[start] + last[shown - 1]) / UNITS > width:
                break
            fits, ends = end, shown
        if fits == start:
            raise Unshapeable("a word wider than its box")
        if len(texts) > 1 and ends != fits and (before[fits] - before[start]) / UNITS > width:
            # Where a run ends with a space that does not fit, WeasyPrint may end the line a word before.
            raise Unshapeable("several runs, and a line that is full but for a space")
        lines.append((start, ends, fits))
        start = fits
    return lines


def _letter_widths(faces: list[SizedFace], texts: list[str]) -> tuple[list[int], list[int]]:
    """Each letter's width before its neighbour, and as the last of a line."""
    widths, last = [], []
    for face, text in zip(faces, texts, strict=True):
        for pair in map(str.__add__, text, text[1:] + "\0"):
            widths.append(face.width(pair))
            last.append(face.width(pair[0] + "\0"))
    return widths, last


def _cut(texts: list[str], start: int, shown: int, end: int = 0) -> list[str]:
    """The part of each run on a line. A run that ends before `end` keeps its last spaces: WeasyPrint shows them."""
    found, position = [], 0
    for text in texts:
        last = position + len(text)
        stop = last if last <= end else shown
        found.append(text[max(start - position, 0) : max(stop - position, 0)])
        position = last
    return found


@lru_cache(maxsize=4096)
def _breaks(text: str) -> tuple[int, ...]:
    """Where Pango allows a line to end: positions of the first letter of the next one."""
    attributes = get_log_attrs(text, "it")
    return tuple(index for index in range(1, len(text)) if attributes[index].is_line_break)
