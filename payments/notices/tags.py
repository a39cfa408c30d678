"""The tags of a notice of several sheets: the header, repeated on each, is read once.

WeasyPrint tags every text. After it has drawn the sheets, the texts of the header after the first become decoration.
"""

from collections.abc import Iterator
from typing import Any

import pydyf


def repeated_headers_are_decoration(document: object, pdf: pydyf.PDF) -> None:
    """A finisher for WeasyPrint. Each sheet is one element, and its header the first thing in it."""
    if len(pdf.page_references) == 1:
        return  # nothing is repeated, and the cover of a book has no sheet at all
    root = _at(pdf, pdf.catalog["StructTreeRoot"])
    sheets = _at(pdf, root["K"][0])["K"]
    parents = _at(pdf, root["ParentTree"])["Nums"][1::2]
    for page, sheet, owners in list(zip(pdf.page_references, sheets, parents, strict=True))[1:]:
        marks = set(_marks(pdf, _at(pdf, sheet)["K"].pop(0)))
        kept = [mark for mark in range(len(owners)) if mark not in marks]
        renumbered = {mark: index for index, mark in enumerate(kept)}
        _renumber(pdf, sheet, renumbered)
        owners[:] = [owners[mark] for mark in kept]
        content = _at(pdf, _at(pdf, page)["Contents"])
        content.stream[:] = _untagged(content.stream, renumbered)


def _at(pdf: pydyf.PDF, reference: Any) -> Any:
    return pdf.objects[int(bytes(reference).split()[0])]


def _marks(pdf: pydyf.PDF, reference: Any) -> Iterator[int]:
    for kid in _at(pdf, reference)["K"]:
        if isinstance(kid, int):
            yield kid
        else:
            yield from _marks(pdf, kid)


def _renumber(pdf: pydyf.PDF, reference: Any, numbers: dict[int, int]) -> None:
    kids = _at(pdf, reference)["K"]
    for index, kid in enumerate(kids):
        if isinstance(kid, int):
            kids[index] = numbers[kid]
        else:
            _renumber(pdf, kid, numbers)


def _untagged(operators: list[Any], numbers: dict[int, int]) -> Iterator[Any]:
    """The operators of a page; a marked content begins with its tag, its properties and BDC."""
    tags = iter(operators)
    for operator in tags:
        if operator not in ("/Span", "/Figure"):
            yield operator
            continue
        properties = next(tags)
        if properties["MCID"] in numbers:
            properties["MCID"] = numbers[properties["MCID"]]
            yield from (operator, properties)
        else:
            next(tags)
            yield from ("/Artifact", b"BMC")
