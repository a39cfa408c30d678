"""A passkey in Chromium, on a virtual authenticator: set up because the role asks for it, then used to come in."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from portal.accounts import services
from portal.accounts.tokens import reset_path
from portal.audit.models import Event
from tests.browsing import to_the_next_page
from tests.factories import platform as make
from tests.portal.desk_pages.test_office_in_a_browser import judged

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "una-frase-di-prova"


@pytest.fixture
def officer(pisa, settings, live_server):
    settings.STAFF_MFA_REQUIRED = True
    settings.PORTAL_BASE_URL = live_server.url
    user = make.make_staff(pisa)
    user.set_password(PASSWORD)
    user.save()
    return user


def virtual_authenticator(page):
    """A device that says yes. Answers the session of the browser's tools that holds it, and its id."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return tools, tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def write_password(page, officer):
    page.goto(reverse("account_login"))
    page.get_by_label("Nome utente").fill(officer.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Entra").click()


def set_up(page, officer):
    write_password(page, officer)
    page.get_by_role("heading", name="Prima di continuare").wait_for()
    judged(page)
    page.get_by_role("link", name="Usa una passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Conferma").click()
    page.get_by_label("Nome della passkey").fill("Computer dell'ufficio")
    judged(page)
    page.get_by_role("button", name="Crea la passkey").click()
    page.get_by_role("heading", name="Codici di riserva").wait_for()


def test_a_passkey_is_set_up_used_renamed_and_kept(browse, officer):
    page = browse()
    _tools, _device = virtual_authenticator(page)
    set_up(page, officer)
    judged(page)
    page.goto(reverse("mfa_index"))
    page.get_by_text("Computer dell'ufficio").first.wait_for()
    judged(page)

    page.get_by_text("Paolo Conti").click()
    page.get_by_role("button", name="Esci").click()
    write_password(page, officer)
    page.get_by_role("heading", name="Secondo passaggio").wait_for()
    judged(page)
    page.get_by_role("button", name="Usa la passkey").press("Enter")
    page.get_by_role("heading", name="Scrivania dell'ufficio").wait_for()
    assert Event.objects.filter(action="staff.logged_in").latest("pk").data == {"methods": ["password", "webauthn"]}

    factor = Authenticator.objects.get(user=officer, type="webauthn")
    page.goto(reverse("mfa_edit_webauthn", args=[factor.pk]))
    with to_the_next_page(page):
        page.get_by_role("link", name="Usa la passkey").click()
    judged(page)
    page.get_by_role("button", name="Usa la passkey").click()
    page.get_by_label("Nome della passkey").fill("Portatile")
    judged(page)
    with to_the_next_page(page):
        page.get_by_role("button", name="Salva").click()
    page.get_by_text("Portatile").first.wait_for()
    with to_the_next_page(page):
        page.get_by_role("link", name="Togli").click()
    judged(page)
    page.get_by_role("button", name="Togli").click()
    page.get_by_text("prima di togliere questo, aggiungine un altro").wait_for()
    assert Authenticator.objects.filter(pk=factor.pk).exists()


def test_a_device_without_the_passkey_is_told_so_and_the_code_still_opens(browse, officer):
    page = browse()
    tools, device = virtual_authenticator(page)
    set_up(page, officer)
    code = page.locator(".access-codes li").first.inner_text()
    page.context.clear_cookies()
    tools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device})
    other = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": False}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": other})
    write_password(page, officer)
    page.get_by_role("button", name="Usa la passkey").click()
    page.get_by_text("La conferma non è arrivata").wait_for()
    judged(page)
    page.get_by_label("Codice").fill(code)
    page.get_by_role("button", name="Entra").click()
    page.get_by_role("heading", name="Scrivania dell'ufficio").wait_for()


def test_the_pages_around_the_password(browse, officer):
    page = browse()
    for name in ("account_reset_password", "account_reset_password_done", "account_reset_password_from_key_done"):
        page.goto(reverse(name))
        judged(page)
    page.goto("/personale/password/reset/key/1-abc/")
    page.get_by_role("heading", name="Il collegamento non vale più").wait_for()
    judged(page)
    page.goto(reset_path(officer))
    page.locator("#id_password1").fill("corta")
    page.get_by_role("button", name="Cambia la password").click()
    page.locator(".error-summary").wait_for()
    judged(page)


def test_the_page_of_the_locked_door(browse, officer):
    for _ in range(5):
        services.attempt_wrong(lock_id=services.attempt_begin(name=officer.username), step="password")
    page = browse()
    write_password(page, officer)
    page.get_by_role("heading", name="Accesso bloccato per un po'").wait_for()
    judged(page)
