"""What every browser test asks of a page: that nobody meets a barrier on it."""

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def barriers(page: Page) -> list[str]:
    """What axe finds against WCAG 2.1 A and AA on the page in front.

    A page that leaves while it is judged (a click still on its way) gives its place to the one that follows it.
    """
    page.wait_for_load_state("load")
    options = {"runOnly": WCAG, "preload": False}
    try:
        found = Axe().run(page, options=options)
    except Error:
        page.wait_for_load_state("networkidle")
        found = Axe().run(page, options=options)
    return [
        f"{each['id']} on {[node['html'][:120] for node in each['nodes']]}" for each in found.response["violations"]
    ]


@contextmanager
def to_the_next_page(page: Page) -> Iterator[None]:
    """Around a click that leads elsewhere: what follows finds the new page, not the old one."""
    with page.expect_navigation(wait_until="load"):
        yield
