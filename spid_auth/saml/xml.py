"""Small helpers to build and read SAML trees."""

import re
from datetime import UTC, datetime

from lxml import etree

from spid_auth.saml.names import NAMESPACES

# SPID asks for UTC with a final Z; fractions of a second are allowed.
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z")


def child(
    parent: etree._Element, namespace: str, tag: str, text: str | None = None, **attributes: str
) -> etree._Element:
    """Append and return a child element."""
    element = etree.SubElement(parent, f"{{{namespace}}}{tag}", attributes)
    element.text = text
    return element


def find(node: etree._Element | None, path: str) -> list[etree._Element]:
    """The elements at `path` (prefixes of names.NAMESPACES); none below a missing node."""
    if node is None:
        return []
    found = node.xpath(path, namespaces=NAMESPACES)
    return [element for element in found if isinstance(element, etree._Element)] if isinstance(found, list) else []


def one(node: etree._Element | None, path: str) -> etree._Element | None:
    """The element at `path` when it is there exactly once."""
    found = find(node, path)
    return found[0] if len(found) == 1 else None


def text(node: etree._Element | None) -> str:
    """The text of an element, trimmed; empty for a missing node."""
    return (node.text or "").strip() if node is not None else ""


def attribute(node: etree._Element | None, name: str) -> str:
    """An attribute's value; empty when the node or the attribute is missing."""
    return node.get(name, "") if node is not None else ""


def instant(value: str) -> datetime | None:
    """An xs:dateTime in UTC as SPID writes it, None when it is anything else."""
    match = _INSTANT.fullmatch(value)
    if match is None:
        return None
    try:
        whole = datetime.strptime(match[1], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return whole.replace(microsecond=int((match[2] or ".0")[1:7].ljust(6, "0")))


def written(moment: datetime) -> str:
    """An aware datetime as SPID writes it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
