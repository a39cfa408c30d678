"""The whole login by OpenID Connect in Chromium: cookies, content policies and redirects as they really are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.people.models import Person
from spid_auth.models import AuthnTransaction, IdentityProvider
from spid_auth.oidc.seeds import seed
from tests.browsing import barriers
from tests.factories import platform as make
from tests.spid_auth.oidc_world import served_sandbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def portal(settings: Any, tmp_path: Path, live_server: Any) -> Iterator[str]:
    """The portal and the sandbox side by side, as two sites: cookies of one never go to the other."""
    settings.DATA_DIR = tmp_path
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True  # nothing is collected in tests
    settings.PORTAL_BASE_URL = live_server.url.replace("localhost", "127.0.0.1")
    make.make_entity("PI")
    with served_sandbox(settings):
        settings.SANDBOX_BASE_URL = settings.SANDBOX_BASE_URL.replace("127.0.0.1", "localhost")
        seed()
        yield settings.PORTAL_BASE_URL


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(chromium: Any, portal: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    context = chromium.new_context(base_url=portal, locale="it-IT", java_script_enabled=request.param)
    complaints: list[str] = []
    opened = context.new_page()
    opened.on("console", lambda said: said.type in {"error", "warning"} and complaints.append(said.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.with_scripts = request.param
    yield opened
    context.close()
    # The page that says no answers 403, which Chromium writes down as an error of the network.
    assert [text for text in complaints if "status of 403" not in text] == []


def judged(page: Any) -> None:
    """axe finds nothing wrong, and nothing is wider than a phone."""
    if page.with_scripts:
        assert barriers(page) == []
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.set_viewport_size({"width": 1280, "height": 800})


def to_the_provider(page: Any) -> None:
    page.goto("/accedi/?next=/area/")
    page.get_by_role("link", name="OpenID provider di prova").click()
    page.get_by_role("heading", name="Chi sei?").wait_for()


def test_in_and_out_again(page: Any) -> None:
    to_the_provider(page)
    judged(page)
    page.get_by_role("button", name="Giulia Bianchi").first.click()
    page.get_by_role("heading", name="Vuoi inviare questi dati?").wait_for()
    judged(page)
    page.get_by_role("button", name="Acconsento").click()
    page.wait_for_url("**/benvenuto/**")
    assert Person.objects.get().fiscal_code == "BNCGLI85C52Y999U"

    page.goto("/area/")
    page.locator("details.person-menu summary").click()
    page.get_by_role("button", name="Esci").click()
    if not page.with_scripts:
        page.get_by_role("button", name="Continua").click()
    page.get_by_role("heading", name="Sei uscito").wait_for()
    judged(page)
    assert AuthnTransaction.objects.get().logout_id == ""
    page.goto("/area/")
    page.wait_for_url("**/accedi/**")


@pytest.mark.parametrize(
    ("button", "title"),
    [
        ("Nego il consenso", "Non hai dato il consenso"),
        ("Non firmata (alg none)", "Non possiamo accettare la risposta del gestore"),
    ],
)
def test_a_no_is_explained(page: Any, button: str, title: str) -> None:
    to_the_provider(page)
    page.get_by_role("button", name="Marco Rossi").first.click()
    page.get_by_role("button", name=button).click()
    page.get_by_role("heading", name=title).wait_for()
    judged(page)
    page.get_by_role("link", name="Riprova").wait_for()
    assert not Person.objects.exists()
    assert IdentityProvider.objects.get(scheme="arpa").enabled
