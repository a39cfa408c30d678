"""What a template does with a notice: which paragraphs change, which words stand outside the page.

The template is rendered with marks instead of fields, and laid out with every paragraph on one line.
"""

import struct
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from weasyprint import CSS, HTML

from payments.notices.filler.lines import Paragraph, Pattern
from payments.notices.filler.sheets import StyleKey, Tools, blocks, laid_out
from payments.notices.filler.trace import FIRST_MARK, MARKS, Path, Trace, Unshapeable, resolved, shape_of

# The attributes that never move anything on the page.
FREE_ATTRIBUTES: Final = frozenset({"alt", "content", "src", "title", "aria-label"})
HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
ROUNDS: Final = 6
ONE_LINE: Final = "*{white-space:nowrap!important}"

Render = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Edit:
    """Something outside the lines: an attribute of an element, or its text if `name` is empty."""

    element: int
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Sketch:
    """A run of a paragraph: its text with marks, its face, whether it is all capitals."""

    pattern: Pattern
    style: StyleKey
    upper: bool


@dataclass
class Skeleton:
    """A template as some notices go through it: the texts it prints, and the conditions those notices share.

    `images` are the codes' placeholders with the field of each, `plain` the words of each paragraph.
    """

    render: Render
    trace: Trace
    edits: list[Edit]
    images: dict[str, int]
    segments: list[tuple[tuple[Sketch, ...], ...]]
    plain: list[str]
    paragraphs: tuple[Paragraph, ...] = ()

    @cached_property
    def changing(self) -> list[int]:
        """The numbers of the paragraphs that have fields in them."""
        return [
            index
            for index, lines in enumerate(self.segments)
            if any(run.pattern.fields for runs in lines for run in runs)
        ]

    def values(self, context: Mapping[str, Any]) -> list[str] | None:
        """The texts of a notice that shares the conditions; None if it does not."""
        literal = self.trace.literal
        for path, expected in self.trace.conditions.items():
            value = resolved(context, path)
            if (value if path in literal else shape_of(value)) != expected:
                return None
        return [str(resolved(context, path)) for path in self.trace.texts]


def skeleton_of(render: Render, context: Mapping[str, Any], constant: frozenset[str], tools: Tools) -> Skeleton:
    """Follow a template with one context. `constant` names what is the same for every notice. Raises Unshapeable."""
    literal: frozenset[Path] = frozenset((key,) for key in constant)
    for _ in range(ROUNDS):
        trace = Trace(literal)
        tree = tools.parsed(render({key: trace.wrap((key,), value) for key, value in context.items()}))
        edits, shaping = _edits(tree, trace)
        if not trace.compared | shaping:
            break
        literal |= trace.compared | shaping
    else:
        raise Unshapeable("the template depends on its own texts")
    images = {edit.value: trace.texts.index(path) for edit, path in edits if path is not None}
    outside = [edit for edit, _ in edits]
    document = laid_out(edited(tree, outside), [tools.style, CSS(string=ONE_LINE)], tools.fonts)
    segments, plain = [], []
    for block in blocks(document):
        segments.append(
            tuple(tuple(Sketch(Pattern.of(run.drawn), run.style, run.upper) for run in line) for line in block.lines)
        )
        plain.append(block.text)
    return Skeleton(render, trace, outside, images, segments, plain)


def edited(tree: HTML, edits: Iterable[Edit]) -> HTML:
    """A page of a template with marks for what stands outside its lines."""
    elements = list(tree.etree_element.iter())
    for edit in edits:
        if edit.name:
            elements[edit.element].set(edit.name, edit.value)
        else:
            elements[edit.element].text = edit.value
    return tree


def _edits(tree: HTML, trace: Trace) -> tuple[list[tuple[Edit, Path | None]], set[Path]]:
    """What is written outside the lines, with the path of what is an image; and the texts that shape the page."""
    edits: list[tuple[Edit, Path | None]] = []
    shaping: set[Path] = set()
    for index, element in enumerate(tree.etree_element.iter()):
        for name, value in element.attrib.items():
            paths = [trace.texts[ord(mark) - FIRST_MARK] for mark in MARKS.findall(value)]
            if paths and name not in FREE_ATTRIBUTES:
                shaping |= set(paths)
            elif paths and name == "src":
                edits.append((Edit(index, name, placeholder(trace.texts.index(paths[0]))), paths[0]))
            elif paths:
                edits.append((Edit(index, name, value), None))
        text = " ".join("".join(element.itertext()).split())
        if element.tag == "title" and MARKS.search(text):
            edits.append((Edit(index, "", text), None))
        if element.tag in HEADINGS and MARKS.search(text):
            edits.append((Edit(index, "data-bookmark", text), None))
    return edits, shaping


def placeholder(field_number: int) -> str:
    """A picture of one dot that stands for a code: WeasyPrint names an image after its address."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", 1, 1, 16, 0, 0, 0, 0)
    dot = zlib.compress(b"\0" + field_number.to_bytes(2, "big"))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", dot) + chunk(b"IEND", b"")
    return f"data:image/png;base64,{b64encode(png).decode()}"
