"""One demonstration and one browser for all the journeys."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys import demonstration
from tests.journeys.demonstration import Demonstration
from tests.journeys.pages import Inspector, Window, open_window


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
