"""Reads a page as a parser does."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID_DATA = "application/ld+json"


@dataclass
class Page(HTMLParser):
    """What the tests ask of a page: its elements with their attributes, and its text."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""
    data_blocks: list[str] = field(default_factory=list)
    _in_data: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        self._in_data = tag == "script" and attributes.get("type") == VOID_DATA

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.data_blocks.append(data)
        else:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        self._in_data = False

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """Elements of a tag that have these attributes (`data_element` reads `data-element`)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [found for name, found in self.elements if name == tag and wanted.items() <= found.items()]

    def hooks(self) -> list[str]:
        """Values of data-element, in the order of the page."""
        return [found["data-element"] for _tag, found in self.elements if "data-element" in found]


def read(response: Any) -> Page:
    """The page of a response."""
    page = Page()
    page.feed(response.content.decode())
    return page
