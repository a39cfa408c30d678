"""What the actors of a journey share: a browser window with eyes, and documents read back from their PDF."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

import pdfplumber
import zxingcpp
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page
from pypdf import PdfReader

from tests.browsing import barriers
from tests.journeys.demonstration import Demonstration

DESKTOP = (1280, 900)
PHONE = (390, 844)
PATIENCE_MS = 20_000
PRINTED_DPI = 200


@dataclass
class Inspector:
    """What was wrong on the pages seen so far. A page is judged by axe once for each name and width."""

    findings: list[str] = field(default_factory=list)
    judged: set[tuple[str, int]] = field(default_factory=set)

    def approves(self) -> None:
        """Fail with everything found since the last time."""
        found, self.findings = self.findings, []
        assert not found, "\n".join(found)


@dataclass
class Window:
    """One person's browser window on the demonstration."""

    page: Page
    context: BrowserContext
    demo: Demonstration
    inspector: Inspector
    width: int
    javascript: bool = True
    # A refusal that the journey provokes is noted by the browser: it is no defect.
    expected: str = ""

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self._found(f"script: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not (self.expected and self.expected in message.text):
            self._found(f"console: {message.text}")

    def _found(self, what: str) -> None:
        self.inspector.findings.append(f"{self.page.url} ({self.width} px): {what}")

    def tab(self) -> "Window":
        """A second tab of the same person."""
        return replace(self, page=self.context.new_page())

    def open(self, path: str) -> int:
        """Go to a page of the portal, or to a whole address; returns the HTTP status."""
        answer = self.page.goto(path if path.startswith("http") else self.demo.portal + path)
        return answer.status if answer else 0

    def look(self, name: str) -> None:
        """Judge the page in front: nothing wider than the screen, nothing that WCAG 2.1 A and AA forbid.

        axe is a script: where scripts are off only the width is judged (the same pages are judged with scripts on).
        """
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self.width:
            self._found(f"{name}: {wide} px wide")
        if not self.javascript or (name, self.width) in self.inspector.judged:
            return
        self.inspector.judged.add((name, self.width))
        for each in barriers(self.page):
            self._found(f"{name}: {each}")

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press the button with that name, the one that can be seen."""
        self.page.get_by_role("button", name=name).last.click()

    def follow(self, name: str | re.Pattern[str]) -> None:
        """Follow the link with that name."""
        self.page.locator("main, #content").get_by_role("link", name=name).first.click()

    def unfold(self, summary: str) -> Locator:
        """Open what is behind a summary; returns the whole."""
        whole = self.page.locator("details").filter(has=self.page.locator("summary", has_text=summary)).first
        whole.locator("summary").click()
        return whole

    def write(self, **values: str) -> None:
        """Fill fields by their names; `__` stands for the hyphen of prefixed names."""
        for name, value in values.items():
            self.page.locator(f"[name='{name.replace('__', '-')}']").fill(value)

    def says(self, *texts: str) -> None:
        """Wait for words in the page."""
        for text in texts:
            self.page.get_by_text(text).first.wait_for(state="attached")

    def at(self, pattern: str) -> None:
        """Wait to be on a page whose address matches."""
        self.page.wait_for_url(re.compile(pattern), wait_until="load")

    def reload_until(self, is_there: Callable[[], bool], *, seconds: float) -> None:
        """Reload, about once a second, until what others do in the background is to be seen."""
        deadline = time.monotonic() + seconds
        while not is_there():
            assert time.monotonic() < deadline, f"{self.page.url} after {seconds} s: {self.page.inner_text('body')}"
            self.page.wait_for_timeout(1000)
            self.page.reload()

    def pdf(self, link: Locator) -> bytes:
        """What a link to a PDF downloads."""
        answer = self.context.request.get(self.page.evaluate("link => link.href", link.first.element_handle()))
        assert answer.status == 200, answer.url
        assert answer.headers["content-type"] == "application/pdf"
        return answer.body()


def open_window(
    browser: Browser,
    demo: Demonstration,
    inspector: Inspector,
    *,
    size: tuple[int, int] = DESKTOP,
    javascript: bool = True,
    expected: str = "",
) -> Window:
    """A window of somebody who has never been here."""
    options: dict[str, Any] = {"width": size[0], "height": size[1]}
    context = browser.new_context(
        viewport=options, locale="it-IT", timezone_id="Europe/Rome",
        java_script_enabled=javascript, reduced_motion="reduce",
    )  # fmt: skip
    return Window(context.new_page(), context, demo, inspector, size[0], javascript, expected)


def text_of(pdf: bytes) -> str:
    """The words of a PDF, in one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def codes_of(pdf: bytes) -> set[str]:
    """What the two-dimensional codes of the printed pages say."""
    with pdfplumber.open(BytesIO(pdf)) as document:
        printed = [page.to_image(resolution=PRINTED_DPI).original for page in document.pages]
    return {code.text for image in printed for code in zxingcpp.read_barcodes(image)}
