"""The pages of the register and of the registry in a real browser: on a desk and on a phone, without barriers."""

from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as configured
from django.test import Client
from playwright.sync_api import Browser, Page

from portal.accounts.models import Kind, User
from spid_auth.models import Alert, AuthnTransaction, IdentityProvider
from spid_auth.registry.services import registry_refresh
from tests.browsing import barriers
from tests.spid_auth.browser_like import come_back, leave
from tests.spid_auth.factory import NOON
from tests.spid_auth.registry_documents import A, aggregate, entity

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE_MS = 20_000


@pytest.fixture
def started(federation: IdentityProvider, tmp_path: Path) -> AuthnTransaction:
    """A login in the register, a provider whose new key waits, an alert of each."""
    with time_machine.travel(NOON, tick=False):
        browser = Client()
        exchange, relay_state = leave(browser, federation)
        come_back(browser, exchange.response(), relay_state)
    path = tmp_path / "registro.xml"
    for keys in ("idp", "next"):
        path.write_bytes(aggregate(entity(A, "Alfa", keys)))
        registry_refresh(source=path.as_uri(), pins=set())
    assert Alert.objects.count() == 2
    return AuthnTransaction.objects.get()


@pytest.mark.parametrize("width", [1280, 320])
def test_the_pages_are_used_on_a_desk_and_on_a_phone(
    live_server: Any, settings: Any, chromium: Browser, started: AuthnTransaction, width: int
) -> None:
    settings.WHITENOISE_USE_FINDERS = True  # static files from where they are written
    settings.PORTAL_BASE_URL = live_server.url
    page = _desk(chromium, live_server.url, width)
    provider = IdentityProvider.objects.get(issuer=A)
    for path in (
        "/admin/spid_auth/alert/",
        "/admin/spid_auth/authntransaction/",
        f"/admin/spid_auth/authntransaction/{started.pk}/registro/",
        f"/admin/spid_auth/identityprovider/{provider.pk}/certificati/",
    ):
        page.goto(f"{live_server.url}{path}")
        _without_barriers(page)
    page.goto(f"{live_server.url}/admin/spid_auth/authntransaction/{started.pk}/registro/")
    page.get_by_role("button", name="Riverifica").click()
    page.get_by_text("Confermato.").wait_for()
    page.get_by_label("Motivo").fill("Procura di Pisa, prot. 12345/2026")
    page.get_by_role("button", name="Apri i messaggi").click()
    page.get_by_text("AuthnRequest").first.wait_for()
    _without_barriers(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Scarica l'originale").last.click()
    assert waiting.value.suggested_filename == f"{started.code}-02-risposta.xml"
    page.context.close()


def _desk(chromium: Browser, url: str, width: int) -> Page:
    """A page of who runs the installation, already in."""
    user = User.objects.create(username="custode", kind=Kind.STAFF, is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    cookie = client.cookies[configured.SESSION_COOKIE_NAME].value
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale="it-IT")
    context.add_cookies([{"name": configured.SESSION_COOKIE_NAME, "value": cookie, "url": url}])
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


def _without_barriers(page: Page) -> None:
    assert barriers(page) == [], page.url
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{page.url} is {overflow} px too wide"
