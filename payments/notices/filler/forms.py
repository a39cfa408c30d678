"""A PDF made by WeasyPrint, taken apart: the objects that never change, and the ones with blanks."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import pydyf

from payments.notices.filler.blanks import (
    Blank,
    ObjectBlank,
    holes_for_strings,
    image_blank,
    metadata_blank,
    packed,
)
from payments.notices.filler.faces import lightened
from payments.notices.filler.lines import Pattern

SMALLEST: Final = 9
# The compressed fonts and profiles met so far, by what they are made of: every form has the same few.
_packed: dict[bytes, bytes] = {}


@dataclass
class Form:
    """A page to fill. Objects by number: `fixed` never change, `blanks` do; `streams` are those with a content.

    `tags` are the numbers of the root of the structure, of its document and of the map from contents to elements;
    `parents` is that map: the element of each marked content, page by page.
    """

    fixed: dict[int, bytes]
    blanks: dict[int, Blank]
    streams: frozenset[int]
    root: int
    info: int
    pages_node: int
    pages: tuple[int, ...]
    tags: tuple[int, int, int]
    parents: tuple[tuple[int, ...], ...]


def marked_form(pdf: pydyf.PDF, contents: Mapping[int, Blank], images: Mapping[str, int]) -> Form:
    """The form of a document with marks: `contents` of its pages, `images` by name with the field of each."""
    blanks = dict(contents)
    for resources in (thing for thing in pdf.objects[1:] if isinstance(thing, dict) and "XObject" in thing):
        for name, reference in resources["XObject"].items():
            if name in images:
                blanks[number_in(reference)] = image_blank(images[name])
    fixed: dict[int, bytes] = {}
    for thing in pdf.objects[1:]:
        if thing.number in blanks:
            continue
        if isinstance(thing, pydyf.Stream) and thing.extra.get("Type") == "/Metadata":
            blanks[thing.number] = metadata_blank(Pattern.of(_content(thing).decode()), thing.extra)
        elif isinstance(thing, pydyf.Stream):
            fixed[thing.number] = _stream(thing)
        else:
            _round_widths(thing)
            strings: list[Blank] = []
            holes_for_strings(thing, strings)
            if strings:
                blanks[thing.number] = ObjectBlank(bytes(thing.data), strings)
            else:
                fixed[thing.number] = bytes(thing.data)
    return _form(pdf, fixed, blanks)


def _round_widths(thing: pydyf.Dictionary) -> None:
    """The widths of a whole font as WeasyPrint gives those of the letters in use: in whole thousandths."""
    if thing.get("Subtype") == "/CIDFontType2":
        for run in thing["W"]:
            if isinstance(run, list):
                run[:] = [round(width) for width in run]


def whole_form(pdf: pydyf.PDF) -> Form:
    """A document as it is, with nothing to fill."""
    for thing in pdf.objects[1:]:
        if isinstance(thing, pydyf.Stream):
            thing.compress = "Filter" not in thing.extra
    return _form(pdf, {thing.number: bytes(thing.data) for thing in pdf.objects[1:]}, {})


def _form(pdf: pydyf.PDF, fixed: dict[int, bytes], blanks: dict[int, Blank]) -> Form:
    root = number_in(pdf.catalog["StructTreeRoot"])
    structure = pdf.objects[root]
    tree = number_in(structure["ParentTree"])
    return Form(
        fixed,
        blanks,
        streams=frozenset(thing.number for thing in pdf.objects[1:] if isinstance(thing, pydyf.Stream)),
        root=pdf.catalog.number,
        info=pdf.info.number,
        pages_node=pdf.pages.number,
        pages=tuple(number_in(reference) for reference in pdf.page_references),
        tags=(root, number_in(structure["K"][0]), tree),
        parents=tuple(tuple(map(number_in, page)) for page in pdf.objects[tree]["Nums"][1::2]),
    )


def number_in(reference: Any) -> int:
    """The number in a reference."""
    return int(bytes(reference).split()[0])


def font_files(pdf: pydyf.PDF) -> dict[str, bytes]:
    """The font files by the name that pages give them."""

    def at(reference: Any) -> Any:
        return pdf.objects[number_in(reference)]

    files = {}
    for resources in {bytes(at(page)["Resources"]) for page in pdf.page_references}:
        for name, font in at(at(resources)["Font"]).items():
            descriptor = at(at(at(font)["DescendantFonts"][0])["FontDescriptor"])
            files[name] = at(descriptor["FontFile2"]).stream[0]
    return files


def _content(thing: pydyf.Stream) -> bytes:
    return b"\n".join(written_as(piece) for piece in thing.stream)


def written_as(piece: Any) -> bytes:
    """A piece of a content stream as WeasyPrint writes it."""
    if isinstance(piece, bytes):
        return piece
    return bytes(piece.data) if isinstance(piece, pydyf.Object) else str(piece).encode()


def _inside(extra: dict[str, Any]) -> bytes:
    """A dictionary without its brackets."""
    return bytes(pydyf.Dictionary(extra).data)[2:-2]


def _stream(thing: pydyf.Stream) -> bytes:
    """A stream that never changes: fonts and colour profiles compressed as well as can be, once for all forms."""
    if not {"Length1", "N"} & set(thing.extra):
        return bytes(thing.data) if "Filter" in thing.extra else packed(_content(thing), head=_inside(thing.extra))
    content, extra = _content(thing), pydyf.Dictionary(thing.extra)
    key = blake2b(content + extra.data).digest()
    if key not in _packed:
        if "Length1" in extra:
            content = lightened(content)
            extra["Length1"] = len(content)
        _packed[key] = packed(content, SMALLEST, _inside(extra))
    return _packed[key]
