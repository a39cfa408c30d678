"""The office in Chromium: no complaint of the browser or of axe, nothing wider than 320 px, hands on the keyboard."""

from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse
from django_scopes import scope

from portal.accounts.models import Kind, User
from portal.audit.actor import Actor
from portal.cases.models import Case
from portal.cases.services import desk
from tests.browsing import barriers
from tests.factories import platform as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def judged(page):
    """What axe finds, and whether the page fits a small phone."""
    assert barriers(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.fixture
def officer(pisa):
    return make.make_staff(pisa)


@pytest.fixture
def taken(pisa, officer):
    """A case in the officer's hands, with a message and a note."""
    case = make.make_case(pisa)
    actor = Actor(label=str(officer), user_id=officer.pk)
    with scope(entity=pisa):
        desk.case_take(case_id=case.pk, user=officer, actor=actor)
        desk.note_add(case_id=case.pk, user=officer, text="Sentire il Comune.", actor=actor)
    return case


def case_page(case):
    return reverse("admin:portal_cases_page", args=[case.code])


def test_the_way_in_works_from_the_keyboard_and_without_scripts(browse, officer):
    officer.set_password("una-frase-di-prova")
    officer.save()
    page = browse(javascript=False, width=320)
    page.goto("/admin/")
    page.get_by_label("Nome utente").fill(officer.username)
    page.keyboard.press("Tab")
    page.keyboard.type("sbagliata")
    page.keyboard.press("Enter")
    assert "non sono giusti" in page.locator(".error-summary").inner_text()
    page.get_by_label("Nome utente").fill(officer.username)
    page.get_by_label("Password").fill("una-frase-di-prova")
    page.get_by_role("button", name="Entra").click()
    page.get_by_role("heading", name="Scrivania dell'ufficio").wait_for()
    page.get_by_text("Paolo Conti").click()
    page.get_by_role("button", name="Esci").click()
    page.get_by_role("heading", name="Accesso del personale").wait_for()


def test_login_and_security_pages(browse, officer):
    officer.set_password("una-frase-di-prova")
    officer.save()
    page = browse(officer)
    page.goto(reverse("mfa_index"))
    judged(page)
    page.get_by_role("link", name="Attiva il secondo passaggio").click()
    page.get_by_label("Password").fill("una-frase-di-prova")
    page.get_by_role("button", name="Conferma").click()
    page.get_by_role("heading", name="Attiva il secondo passaggio").wait_for()
    assert page.locator("img.access-qr").evaluate("image => image.complete && image.naturalWidth > 0")
    page.get_by_label("Codice (").fill("000000")
    page.get_by_role("button", name="Attiva").click()
    assert "Codice errato" in page.locator(".error-summary").inner_text()
    judged(page)
    TOTP.activate(officer, generate_totp_secret())
    stranger = browse()
    stranger.goto(reverse("account_login"))
    judged(stranger)
    stranger.get_by_label("Nome utente").fill(officer.username)
    stranger.get_by_label("Password").fill("una-frase-di-prova")
    stranger.get_by_role("button", name="Entra").click()
    stranger.get_by_role("heading", name="Secondo passaggio").wait_for()
    judged(stranger)


def test_the_first_page_and_the_queue(browse, pisa, officer, taken):
    late = make.make_case(pisa)
    with scope(entity=pisa):
        Case.objects.filter(pk=late.pk).update(due_on=late.due_on - timedelta(days=30))
    page = browse(officer)
    page.goto("/admin/")
    judged(page)
    page.get_by_role("link", name="1 In scadenza").click()
    page.locator("tbody tr").first.wait_for()
    assert page.locator("tbody tr").count() == 1
    judged(page)
    page.get_by_role("link", name="Concluse").click()
    page.get_by_text("Nessuna pratica in questa coda.").wait_for()
    judged(page)


def test_the_page_of_a_case(browse, taken, officer):
    page = browse(officer)
    page.goto(case_page(taken))
    judged(page)
    page.get_by_text("Approva con prescrizioni").first.focus()
    page.keyboard.press("Enter")
    assert page.get_by_label("Fermarsi con la neve.").is_checked()
    page.get_by_text("Chiedi integrazione").first.click()
    judged(page)
    page.get_by_role("button", name="Chiedi integrazione").click()
    assert page.url.endswith(case_page(taken))
    assert page.locator("textarea:invalid").count() > 0  # the browser itself stops an empty text
    page.get_by_label("Che cosa manca").fill("Il libretto del rimorchio.")
    page.get_by_role("button", name="Chiedi integrazione").click()
    page.get_by_text("Richiesta inviata: il termine è sospeso.").wait_for()
    judged(page)


def test_a_case_to_take_and_one_that_is_over(browse, pisa, taken, officer):
    actor = Actor(label=str(officer), user_id=officer.pk)
    with scope(entity=pisa):
        desk.case_approve(case_id=taken.pk, prescriptions=["Fermarsi con la neve."], due_on=None, actor=actor)
        desk.case_issue(case_id=taken.pk, actor=actor)
    page = browse(officer)
    page.goto(case_page(taken))
    page.get_by_text("non c'è altro da fare").wait_for()
    judged(page)
    page.goto(case_page(make.make_case(pisa)))
    page.get_by_role("button", name="Prendi in carico").focus()
    judged(page)
    page.keyboard.press("Enter")
    page.get_by_text("La pratica è in carico a te.").wait_for()


def test_an_action_without_scripts_on_a_phone(browse, taken, officer):
    page = browse(officer, javascript=False, width=390)
    page.goto(case_page(taken))
    page.get_by_text("Approva con prescrizioni").first.click()
    page.get_by_label("Solo di notte.").check()
    page.get_by_role("button", name="Approva con prescrizioni").click()
    page.get_by_text("Domanda accolta").wait_for()
    page.get_by_text("Solo di notte.").wait_for()


def test_lists_and_forms_of_the_admin(browse, db):
    make.confirm_terms()
    keeper = User.objects.create(
        username="custode", first_name="Ada", kind=Kind.STAFF, is_staff=True, is_superuser=True
    )
    page = browse(keeper)
    page.goto(reverse("admin:portal_cases_legalterm_changelist"))
    judged(page)
    page.goto(reverse("admin:portal_cases_legalterm_add"))
    page.get_by_role("link", name="Oggi").first.click()
    assert page.locator("input.vDateField").first.input_value()
    page.locator("a[id^=calendarlink]").first.click()
    page.locator(".calendarbox").first.wait_for()
    page.keyboard.press("Escape")
    page.locator("input[name=_save]").click()
    page.locator(".errornote").wait_for()
    judged(page)
