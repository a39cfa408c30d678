"""Bytes of strangers into XML: no DTD, no entity resolved, no network, nothing huge."""

import threading
from pathlib import Path

from lxml import etree

_local = threading.local()


class HostileXml(Exception):
    """The bytes are not XML that we read; the message is fit for a technical answer."""


def parse(content: bytes, *, comments: bool = False) -> etree._Element:
    """The root element. `comments` keeps them, for documents whose signature covers them. Raises HostileXml."""
    if b"<!DOCTYPE" in content:
        raise HostileXml("DOCTYPE refused")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=not comments,
        remove_pis=not comments,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise HostileXml("not well-formed XML") from error
    # The same in another encoding does not show in the bytes.
    if root.getroottree().docinfo.internalDTD is not None:
        raise HostileXml("DOCTYPE refused")
    return root


def schema(file: Path) -> etree.XMLSchema:
    """A schema of ours, compiled once in each thread: its error log is not shared safely."""
    compiled: dict[Path, etree.XMLSchema] = _local.__dict__.setdefault("compiled", {})
    if file not in compiled:
        compiled[file] = etree.XMLSchema(file=str(file))
    return compiled[file]
