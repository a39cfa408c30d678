"""WeasyPrint's side: a page laid out, its paragraphs, the objects of its PDF.

This is the only module of the package that looks inside WeasyPrint, whose version is pinned.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pydyf
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.pdf.stream import Stream

from payments.notices.filler.faces import number
from payments.notices.filler.trace import Unshapeable
from payments.notices.tags import repeated_headers_are_decoration

PLAIN_STYLE = {
    "letter_spacing": "normal",
    "word_spacing": 0,
    "font_feature_settings": "normal",
    "font_variant_caps": "normal",
    "font_variant_numeric": "normal",
    "text_overflow": "clip",
    "direction": "ltr",
}
ALIGN = {"start": "left", "left": "left", "justify": "justify", "end": "right", "right": "right", "center": "center"}


# Family, size in CSS pixels, weight, slant: what chooses a face.
StyleKey = tuple[tuple[str, ...], float, int, str]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a layout needs of WeasyPrint's: see payments.notices.pdf.Press."""

    fetcher: Any
    style: CSS
    fonts: Any
    variant: str

    def parsed(self, html: str) -> HTML:
        """The page, read."""
        return HTML(string=html, url_fetcher=self.fetcher)


@dataclass(frozen=True, slots=True)
class Letters:
    """A run of letters as laid out: where (CSS pixels), and the text."""

    page: int
    box: Any

    @property
    def text(self) -> str:
        """What is written."""
        return str(self.box.text)

    @property
    def drawn(self) -> str:
        """What the page shows: the text, and the space that hangs at the end of a line when a run ends there."""
        return str(self.box.pango_layout.text)

    @property
    def place(self) -> tuple[int, str, str]:
        """The page, and the coordinates as the page writes them."""
        return self.page, number(self.box.position_x), number(self.box.position_y + self.box.baseline)

    @property
    def upper(self) -> bool:
        """Whether the style prints capitals only. Raises Unshapeable for other changes of case."""
        transform = self.box.style["text_transform"]
        if transform not in ("none", {"uppercase"}, frozenset({"uppercase"}), "uppercase"):
            raise Unshapeable(f"text-transform {transform}")
        return bool(transform != "none")

    @property
    def style(self) -> StyleKey:
        """What chooses the face."""
        style = self.box.style
        return tuple(style["font_family"]), style["font_size"], style["font_weight"], style["font_style"]

    def check(self) -> None:
        """Raise Unshapeable for a style that moves the letters."""
        for name, plain in PLAIN_STYLE.items():
            if self.box.style[name] != plain:
                raise Unshapeable(f"{name}: {self.box.style[name]}")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph as laid out: its lines of runs."""

    box: Any
    lines: tuple[tuple[Letters, ...], ...]

    @property
    def text(self) -> str:
        """The text without white space: what two layouts of it have in common."""
        return "".join("".join(run.text for line in self.lines for run in line).split())


def blocks(document: Document) -> list[Block]:
    """Every paragraph of the document, in the order of the tree."""
    return [block for index, page in enumerate(document.pages) for block in _blocks(page._page_box, index)]


def _blocks(box: Any, page: int) -> Iterator[Block]:
    if isinstance(box, AbsolutePlaceholder):
        box = box._box
    children = getattr(box, "children", ())
    if children and isinstance(children[0], boxes.LineBox):
        yield Block(box, tuple(tuple(_letters(line, page)) for line in children))
    for child in children:
        yield from _blocks(child, page)


def _letters(box: Any, page: int) -> Iterator[Letters]:
    for child in box.children:
        if isinstance(child, boxes.TextBox) and child.text:
            yield Letters(page, child)
        elif isinstance(child, boxes.InlineBox):
            yield from _letters(child, page)


def laid_out(tree: HTML, styles: list[CSS], fonts: Any) -> Document:
    """The document in pages."""
    return tree.render(stylesheets=styles, font_config=fonts)


def objects_of(document: Document, variant: str, *, full_fonts: bool = True) -> tuple[pydyf.PDF, list[Stream]]:
    """The PDF's objects, not compressed, and the contents of its pages."""
    kept: list[pydyf.PDF] = []
    document.write_pdf(
        finisher=lambda _, pdf: kept.append(pdf), pdf_variant=variant, full_fonts=full_fonts, uncompressed_pdf=True
    )
    pdf = kept[0]
    repeated_headers_are_decoration(document, pdf)
    pages = [pdf.objects[int(reference.split()[0])] for reference in pdf.page_references]
    return pdf, [pdf.objects[int(page["Contents"].split()[0])] for page in pages]


def reference_of(value: Any) -> int:
    """The number of the object that a reference points to."""
    return int(bytes(value).split()[0])
