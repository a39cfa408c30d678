"""The logins in a real browser: its cookies, its policies, its keyboard, with scripts and without."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from portal.operations.sandbox.server import sandbox_server
from portal.operations.seeds import seed as seed_platform
from spid_auth.domain.schemes import Scheme
from spid_auth.models import Identity
from spid_auth.saml import certificates
from spid_auth.seeds import seed
from tests.browsing import barriers, to_the_next_page
from tests.spid_auth.factory import keys

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE_MS = 20_000


@pytest.fixture
def demonstration(live_server: Any, settings: Any, tmp_path: Path) -> Iterator[str]:
    """The portal and the test providers, each in its own server, on two sites as in life."""
    portal = live_server.url.replace("localhost", "127.0.0.1")
    settings.WHITENOISE_USE_FINDERS = True  # static files from where they are written
    server = sandbox_server("127.0.0.1", 0)
    settings.DATA_DIR = tmp_path
    settings.PORTAL_BASE_URL = portal
    settings.SANDBOX_BASE_URL = f"http://localhost:{server.server_address[1]}"
    for face in ("idp", "cie", "eidas"):
        certificates.store(keys(face), tmp_path / "keys" / f"sandbox-{face}")
    seed_platform()
    seed()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield portal
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def browse(chromium: Browser, demonstration: str) -> Iterator[Callable[..., Page]]:
    """`browse(width=1280, javascript=True)` is a new person's browser. Whatever it complains about fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def heard(said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            complaints.append(said.text)

    def opened(*, width: int = 1280, javascript: bool = True) -> Page:
        context = chromium.new_context(
            base_url=demonstration,
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale="it-IT",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    # A page that refuses answers 403 on purpose, and the browser notes it.
    assert [text for text in complaints if "status of 403" not in text] == []


def _judged(page: Page) -> None:
    """What axe finds, and whether the page fits the screen."""
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def _inside(page: Page) -> None:
    page.wait_for_url("**/area/**")


def _with_cie(page: Page, who: str, *, address: str = "/accedi/?next=/area/agisci-come/") -> None:
    page.goto(address)
    page.get_by_role("link", name="Entra con CIE").click()
    page.wait_for_url("**/cie/**")
    page.get_by_role("button", name=who).click()
    page.get_by_role("button", name="Acconsento").click()


@pytest.fixture(autouse=True)
def _straight_to_the_page(settings: Any) -> None:
    settings.CITIZEN_WELCOME_URL = ""


@pytest.mark.parametrize("width", [1280, 320])
def test_with_cie(browse: Callable[..., Page], width: int) -> None:
    page = browse(width=width)
    page.goto("/accedi/")
    _judged(page)
    _with_cie(page, "Marco Rossi")
    _inside(page)

    assert Identity.objects.get().scheme == Scheme.CIE


def test_with_eidas_without_a_codice_fiscale(browse: Callable[..., Page]) -> None:
    page = browse()
    page.goto("/accedi/?next=/area/")
    page.get_by_role("link", name="Login with eIDAS").click()
    page.wait_for_url("**/eidas/**")
    _judged(page)
    with to_the_next_page(page):
        page.get_by_role("button", name="Germania").click()
    _judged(page)
    with to_the_next_page(page):
        page.get_by_role("button", name="Anna Schmidt").click()
    _judged(page)
    page.get_by_role("button", name="Acconsento").click()
    _inside(page)

    expect(page.get_by_text("Anna Schmidt").first).to_be_visible()
    assert Identity.objects.get().person.fiscal_code is None


def test_without_scripts_and_by_keyboard_alone(browse: Callable[..., Page]) -> None:
    page = browse(javascript=False)
    page.goto("/accedi/?next=/area/")
    menu = page.locator("summary", has_text="Entra con SPID").first
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert "Identity provider di prova" in page.locator(":focus").inner_text()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Continua").press("Enter")
    page.wait_for_url("**/idp/**")
    page.get_by_role("button", name="Marco Rossi").press("Enter")
    page.get_by_role("button", name="Acconsento").press("Enter")
    page.get_by_role("button", name="Continua").press("Enter")
    _inside(page)

    assert Identity.objects.get().level == 2


def test_the_menus_open_one_at_a_time_and_say_so(browse: Callable[..., Page]) -> None:
    page = browse(width=320)
    page.goto("/accedi/")
    menus = page.locator("details.way-menu")
    menus.nth(0).locator("summary").click()
    expect(menus.nth(0)).to_have_attribute("open", "")
    _judged(page)
    menus.nth(1).locator("summary").click()
    expect(menus.nth(1)).to_have_attribute("open", "")
    expect(menus.nth(0)).not_to_have_attribute("open", "")
    _judged(page)


def test_who_is_asked_for_more_comes_back_and_another_does_not(browse: Callable[..., Page]) -> None:
    page = browse()
    _with_cie(page, "Giulia Bianchi")
    _inside(page)
    stronger = "/accedi/?livello=3&next=/area/"
    page.goto(stronger)
    expect(page.get_by_text("Per questa pagina serve un accesso di livello 3")).to_be_visible()
    _judged(page)
    page.get_by_role("link", name="Entra con CIE").click()
    page.get_by_role("button", name="Giulia Bianchi").click()
    page.get_by_role("button", name="Di un'altra persona").click()
    expect(page.get_by_role("heading", name="Hai usato l'identità di un'altra persona")).to_be_visible()
    _judged(page)

    _with_cie(page, "Giulia Bianchi", address=stronger)
    _inside(page)
    assert Identity.objects.get().level == 3


def test_leaving_at_level_1_passes_by_the_provider_and_comes_back(browse: Callable[..., Page], settings: Any) -> None:
    settings.SPID_LEVEL = 1
    page = browse()

    def to_the_provider() -> None:
        page.goto("/accedi/?livello=1&next=/area/")
        page.locator("summary", has_text="Entra con SPID").first.click()
        page.get_by_role("link", name="Identity provider di prova").click()
        page.wait_for_url("**/idp/**")

    to_the_provider()
    page.get_by_role("button", name="Marco Rossi").click()
    page.get_by_role("button", name="Acconsento").click()
    _inside(page)
    page.context.clear_cookies(domain="127.0.0.1")
    to_the_provider()
    expect(page.get_by_text("non ti sono chieste le credenziali")).to_be_visible()
    page.get_by_role("button", name="Acconsento").click()
    _inside(page)
    page.locator("header").get_by_text("Marco Rossi").first.click()
    page.get_by_role("button", name="Esci").first.click()
    page.wait_for_url("**/spid/uscita**")
    _judged(page)
    to_the_provider()
    expect(page.get_by_role("button", name="Marco Rossi")).to_be_visible()
