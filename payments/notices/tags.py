"""The tags of a notice of several sheets: the header, repeated on each, is read once.

WeasyPrint tags every text. After it has drawn the sheets, the texts of the header after the first become decoration.
"""

from collections.abc import Iterator
from typing import Any

import pydyf


def repeated_headers_are_decoration(document: object, pdf: pydyf.PDF) -> None:
    """A finisher for WeasyPrint. Each sheet is one element, and its header the first thing in it."""
    root = _at(pdf, pdf.catalog["StructTreeRoot"])
    sheets = _at(pdf, root["K"][0])["K"]
    parents = _at(pdf, root["ParentTree"])["Nums"][1::2]
    for page, sheet, owners in list(zip(pdf.page_references, sheets, parents, strict=True))[1:]:
        marks = set(_marks(pdf, _at(pdf, sheet)["K"].pop(0)))
        for mark in marks:
            owners[mark] = "null"
        content = _at(pdf, _at(pdf, page)["Contents"])
        content.stream[:] = _untagged(content.stream, marks)


def _at(pdf: pydyf.PDF, reference: Any) -> Any:
    return pdf.objects[int(bytes(reference).split()[0])]


def _marks(pdf: pydyf.PDF, reference: Any) -> Iterator[int]:
    for kid in _at(pdf, reference)["K"]:
        if isinstance(kid, int):
            yield kid
        else:
            yield from _marks(pdf, kid)


def _untagged(operators: list[Any], marks: set[int]) -> Iterator[Any]:
    """The operators of a page; a marked content begins with its tag, its properties and BDC."""
    tags = iter(operators)
    for operator in tags:
        if operator != "/Span":
            yield operator
            continue
        properties = next(tags)
        if properties["MCID"] in marks:
            next(tags)
            yield from ("/Artifact", b"BMC")
        else:
            yield from (operator, properties)
