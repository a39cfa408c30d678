"""From a notice laid out by WeasyPrint to a form: the same page with blanks where its fields were.

A form is believed only if this engine, given that notice's fields, sets the same words on the same lines with the same
glyphs in the same places. Only the paragraphs that the skeleton has marked become blanks, and every other paragraph
must read as it does with marks: nothing of the notice that made a form stays in it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b, md5
from typing import Any, Final

import pydyf
from weasyprint import CSS

from payments.notices.filler.blanks import Blank, page_blank
from payments.notices.filler.faces import UNITS, Face, SizedFace
from payments.notices.filler.forms import Form, font_files, marked_form, written_as
from payments.notices.filler.lines import Paragraph, Placed, Run, written
from payments.notices.filler.sheets import ALIGN, Block, Letters, StyleKey, Tools, blocks, laid_out, objects_of
from payments.notices.filler.skeleton import Skeleton, Sketch, edited
from payments.notices.filler.trace import Unshapeable

BOOKMARKS: Final = "[data-bookmark]{bookmark-label:attr(data-bookmark)}"
# How far, in CSS pixels, the two engines may place the same letter: a rounding of the sixth decimal.
TOLERANCE: Final = 1e-4
_MATRIX: Final = re.compile(rb"1 0 0 -1 (\S+) (\S+) Tm")
_FACE: Final = re.compile(rb"/(\w+) (\S+) Tf")
_SHOW: Final = re.compile(rb"\[(.*)\] TJ", re.S)
# Corrections of nothing, which WeasyPrint writes between all letters.
_NOTHING: Final = re.compile(r">0<|(?<=>)0$")
_SHOWN_NOTHING: Final = re.compile(rb">0<|(?<=>)0(?=\] TJ)")


# As the page writes them.
Coordinates = tuple[str, str]
# Where something is in the operators of the document: page, position.
Operator = tuple[int, int]
# What is written there: paragraph, line, run on the line.
Slot = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """Letters as the page shows them: where in its operators, the face, the operand."""

    position: int
    face: str
    size: float
    operand: str


class Faces:
    """The fonts met so far, each read once."""

    def __init__(self) -> None:
        self._faces: dict[bytes, Face] = {}
        self._sized: dict[tuple[bytes, str, int], SizedFace] = {}

    def sized(self, file: bytes, resource: str, size: float) -> SizedFace:
        """A face at a size."""
        digest = blake2b(file).digest()
        if digest not in self._faces:
            self._faces[digest] = Face(file)
        units = round(size * UNITS)
        key = (digest, resource, units)
        if key not in self._sized:
            self._sized[key] = SizedFace(self._faces[digest], resource, units / UNITS)
        return self._sized[key]


def form_of(skeleton: Skeleton, context: Mapping[str, Any], tools: Tools, faces: Faces) -> Form:
    """Lay out one notice and leave its fields blank. Raises Unshapeable if this engine would do it otherwise."""
    values = skeleton.values(context)
    if values is None:
        raise Unshapeable("the notice is not of this skeleton")
    tree = edited(tools.parsed(skeleton.render(context)), skeleton.edits)
    document = laid_out(tree, [tools.style, CSS(string=BOOKMARKS)], tools.fonts)
    pdf, pages = objects_of(document, tools.variant)
    found = blocks(document)
    if skeleton.plain != [_plain(skeleton, index, block, values) for index, block in enumerate(found)]:
        raise Unshapeable("the paragraphs are not those of the skeleton")
    shown = [shown_texts(page.stream) for page in pages]
    chosen = chosen_faces(found, shown, font_files(pdf), faces)
    paragraphs: list[Paragraph] = []
    slots: dict[Operator, Slot] = {}
    for index, block_index in enumerate(skeleton.changing):
        block = found[block_index]
        paragraph = paragraph_of(block, skeleton.segments[block_index], chosen)
        slots |= same_slots(index, paragraph.lines(values), block, shown)
        paragraphs.append(paragraph)
    if skeleton.paragraphs and skeleton.paragraphs != tuple(paragraphs):
        raise Unshapeable("the boxes have moved")
    skeleton.paragraphs = tuple(paragraphs)
    contents = {page.number: _page(page, index, slots) for index, page in enumerate(pages)}
    return marked_form(pdf, contents, {_image_name(source): text for source, text in skeleton.images.items()})


def _image_name(source: str) -> str:
    """How WeasyPrint names the image of an address."""
    return f"i{md5(source.encode(), usedforsecurity=False).hexdigest()}0"


def _plain(skeleton: Skeleton, index: int, block: Block, values: Sequence[str]) -> str:
    """The words of a paragraph, to be compared with the skeleton's: with marks again if it is a changing one."""
    if index not in skeleton.changing:
        return block.text
    runs = [run for segment in skeleton.segments[index] for run in segment]
    expected = "".join("".join(written(run.pattern, values, upper=run.upper) for run in runs).split())
    return skeleton.plain[index] if expected == block.text else block.text


def shown_texts(operators: Sequence[Any]) -> dict[Coordinates, Shown]:
    """Every text of a page, by its coordinates."""
    found = {}
    for position, operator in enumerate(operators):
        matrix = _MATRIX.fullmatch(operator) if isinstance(operator, bytes) else None
        if matrix is None:
            continue
        face, show = _FACE.fullmatch(operators[position + 1]), _SHOW.fullmatch(operators[position + 2])
        if face and show and operators[position - 1] == b"BT" and operators[position + 3] == b"ET":
            operand = _NOTHING.sub("", show[1].decode())
            found[matrix[1].decode(), matrix[2].decode()] = Shown(position, face[1].decode(), float(face[2]), operand)
    return found


def chosen_faces(
    found: Sequence[Block], shown: Sequence[Mapping[Coordinates, Shown]], files: Mapping[str, bytes], faces: Faces
) -> dict[StyleKey, SizedFace]:
    """Which face each style has, learnt from all that is printed."""
    chosen: dict[StyleKey, SizedFace] = {}
    for letters in (letters for block in found for line in block.lines for letters in line):
        page, *place = letters.place
        text = shown[page].get((place[0], place[1]))
        if text is not None:
            chosen.setdefault(letters.style, faces.sized(files[text.face], text.face, text.size))
    return chosen


def paragraph_of(
    block: Block, segments: tuple[tuple[Sketch, ...], ...], chosen: Mapping[StyleKey, SizedFace]
) -> Paragraph:
    """The paragraph of a block, ready for other texts. Raises Unshapeable for a style not handled here."""
    style = block.box.style
    align, space = ALIGN[style["text_align_all"]], style["white_space"]
    if align == "justify" or space not in ("normal", "nowrap") or style["text_indent"].value:
        raise Unshapeable(f"text-align {align}, white-space {space}")
    for letters in (letters for line in block.lines for letters in line):
        letters.check()
    try:
        runs = tuple(
            tuple(Run(sketch.pattern, chosen[sketch.style], sketch.upper) for sketch in segment) for segment in segments
        )
    except KeyError as missing:
        raise Unshapeable(f"no letter is printed in {missing}") from missing
    return Paragraph(runs, block.box.content_box_x(), block.box.width, align, wraps=space == "normal")


def same_slots(
    index: int, lines: Sequence[tuple[Placed, ...]], block: Block, shown: Sequence[Mapping[Coordinates, Shown]]
) -> dict[Operator, Slot]:
    """The operators that show a paragraph's lines. Raises Unshapeable if WeasyPrint shows them otherwise."""
    printed = [tuple(letters for letters in line if letters.text.strip()) for line in block.lines]
    if [len(line) for line in lines] != [len(line) for line in printed]:
        raise Unshapeable("lines broken elsewhere")
    slots = {}
    for line, (ours, theirs) in enumerate(zip(lines, printed, strict=True)):
        for run, (placed, letters) in enumerate(zip(ours, theirs, strict=True)):
            page, x, y = letters.place
            text = shown[page].get((x, y))
            if text is None or not _same(placed, letters, text):
                raise Unshapeable("letters set otherwise")
            slots[page, text.position] = (index, line, run)
    return slots


def _same(placed: Placed, letters: Letters, text: Shown) -> bool:
    return (
        placed.text.strip() == letters.text.strip()
        and placed.operand == text.operand
        and abs(placed.x - letters.box.position_x) < TOLERANCE
    )


def _page(page: pydyf.Stream, index: int, slots: Mapping[Operator, Slot]) -> Blank:
    """A page's operators, cut where its changing texts are."""
    operators = [written_as(piece) for piece in page.stream]
    pieces, places, done = [], [], 0
    for position in sorted(position for at, position in slots if at == index):
        matrix = _MATRIX.fullmatch(operators[position])
        assert matrix is not None
        pieces.append(b"\n".join([*operators[done:position], b"1 0 0 -1 "]))
        places.append((*slots[index, position], b"%b Tm\n%b\n" % (matrix[2], operators[position + 1])))
        done = position + 3
    pieces.append(b"\n".join(operators[done:]))
    return page_blank([_SHOWN_NOTHING.sub(b"", piece) for piece in pieces], places)
