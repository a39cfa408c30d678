"""Hardened reading of the XML of strangers: no DTD, no entity, no network; large documents as a stream."""

import codecs
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from lxml import etree

from payments.reconciliation.formats.findings import FormatError

# Up to here a document is read as a whole, which is faster; beyond, as a stream, whatever its size.
WHOLE: Final = 4 * 1024 * 1024
OPTIONS: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_SLICE: Final = 1024 * 1024
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


def as_utf8(content: bytes) -> tuple[bytes, bool]:
    """Some declare UTF-8 and write Windows-1252: the healed bytes, and whether they had to be."""
    head = content[:200].lower()
    if (b"encoding=" in head and b"utf-8" not in head) or content[:2] in _UTF16 or _is_utf8(content):
        return content, False
    return content.decode("cp1252", errors="replace").encode("utf-8"), True


def refuse_dtd(root: etree._Element) -> None:
    """A document of business has no DTD: who puts one is up to something. Raises FormatError."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise FormatError("DTD_REFUSED", "Il file contiene una DTD: non è ammessa.")


def children(content: bytes, *, repeated: str) -> Iterator[etree._Element]:
    """The root, then each of its children once it is whole. Raises FormatError, etree.XMLSyntaxError.

    `repeated` is the local name of the child there may be very many of: in a large document each is forgotten once the
    next is asked for, and children of other names that come after the first of them are not seen. What cannot be read
    to its end gives the children before the fault, then the error.
    """
    root = _whole(content) if len(content) <= WHOLE else None
    if root is None:
        yield from _streamed(content, repeated)
    else:
        refuse_dtd(root)
        yield root
        yield from root.iterchildren()


def _whole(content: bytes) -> etree._Element | None:
    try:
        root: etree._Element = etree.fromstring(content, etree.XMLParser(**OPTIONS))
    except etree.XMLSyntaxError:
        return None
    return root


def _streamed(content: bytes, repeated: str) -> Iterator[etree._Element]:
    root: etree._Element | None = None
    started = False
    for event, element in etree.iterparse(BytesIO(content), events=("start", "end"), **OPTIONS):
        if root is None:
            root = element
            refuse_dtd(root)
            yield root
        elif event == "end" and element.getparent() is root:
            if not str(element.tag).endswith(repeated):
                if not started:
                    yield element
                continue
            started = True
            yield element
            element.clear()
            del root[: root.index(element)]


def local(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _is_utf8(content: bytes) -> bool:
    if content.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(content)
    try:
        for start in range(0, len(content), _SLICE):
            decoder.decode(view[start : start + _SLICE])
    except UnicodeDecodeError:
        return False
    return True
