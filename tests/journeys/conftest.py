"""One demonstration and one browser for all the journeys."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys import demonstration
from tests.journeys.demonstration import Demonstration
from tests.journeys.pages import Inspector, Window, open_window

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if path is None:
        reason = "Chromium is not installed: the journeys did NOT run"
        sys.stderr.write(f"\n{reason}\n")
        pytest.skip(reason)
    # The driver runs a loop in this thread; nothing here asks the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture(scope="session")
def demo(chromium: Browser) -> Iterator[Demonstration]:
    with demonstration.running() as started:
        yield started


@pytest.fixture(scope="session")
def inspector() -> Inspector:
    """Shared: a page that one journey has judged need not be judged again."""
    return Inspector()


@pytest.fixture
def window(chromium: Browser, demo: Demonstration, inspector: Inspector) -> Iterator[Callable[..., Window]]:
    """`window(size=DESKTOP, javascript=True, expected="")` is a new person's browser window."""
    opened: list[Window] = []

    def open_one(**how: Any) -> Window:
        opened.append(open_window(chromium, demo, inspector, **how))
        return opened[-1]

    yield open_one
    for each in opened:
        each.context.close()
    inspector.findings.clear()
