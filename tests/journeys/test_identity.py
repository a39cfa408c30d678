"""Coming in with every system, coming back stronger, acting for a company until the mandate ends, leaving."""

from collections.abc import Callable

import pytest

from tests.journeys import identities, office
from tests.journeys.pages import PHONE, Inspector, Window

pytestmark = pytest.mark.journey

Open = Callable[..., Window]
COMPANY = "Autotrasporti Bianchi"


def test_with_spid_and_out_again(window: Open, inspector: Inspector) -> None:
    somebody = window()
    somebody.open("/area/")
    identities.with_spid(somebody, "Elena Conti")
    identities.put_off_the_email(somebody)
    somebody.says("Elena Conti")
    identities.leave(somebody)
    inspector.approves()


def test_the_same_person_with_cie_finds_their_own_area(window: Open, inspector: Inspector) -> None:
    phone = window(size=PHONE)
    phone.open("/area/impostazioni/")
    identities.with_cie(phone, "Marco Rossi")
    phone.at("/(benvenuto|area)/")
    if "/benvenuto/" in phone.page.url:
        identities.put_off_the_email(phone)
    phone.open("/area/impostazioni/")
    phone.says("RSSMRC78L04Y998P", "CIE")
    phone.look("profilo")
    identities.leave(phone)
    inspector.approves()


def test_a_european_without_codice_fiscale_comes_in_and_declares_one(window: Open, inspector: Inspector) -> None:
    anna = window()
    anna.open("/area/")
    identities.with_eidas(anna, "Germania", "Anna Schmidt")
    identities.put_off_the_email(anna)
    anna.open("/area/impostazioni/")
    anna.says("Anna Schmidt", "codice fiscale italiano")
    anna.look("profilo senza codice fiscale")
    inspector.approves()


def test_with_the_regional_login(window: Open, inspector: Inspector) -> None:
    somebody = window()
    somebody.open("/area/")
    identities.with_arpa(somebody, "Elena Conti")
    somebody.at("/(benvenuto|area)/")
    somebody.says("Elena Conti")
    inspector.approves()


def test_stronger_for_one_page_and_still_for_the_company(window: Open, inspector: Inspector) -> None:
    giulia = window(expected="status of 403")
    giulia.open("/area/")
    identities.with_spid(giulia, "Giulia Bianchi")
    identities.act_for(giulia, COMPANY)
    giulia.open("/accedi/?livello=3&next=/area/impostazioni/")
    giulia.says("Per questa pagina serve un accesso di livello 3")
    identities.as_somebody_else(giulia, "Giulia Bianchi")
    giulia.says("Hai usato l'identità di un'altra persona")
    giulia.look("un'altra persona")
    giulia.open("/area/")
    giulia.says(COMPANY)
    giulia.open("/accedi/?livello=3&next=/area/impostazioni/")
    identities.with_spid(giulia, "Giulia Bianchi", level="3")
    giulia.at("/area/impostazioni/")
    giulia.says(COMPANY)
    inspector.approves()


def test_the_mandate_of_an_agency_revoked_by_the_office_ends_at_the_next_page(
    window: Open, inspector: Inspector
) -> None:
    lucia, head = window(), window()
    lucia.open("/area/")
    identities.with_spid(lucia, "Lucia Ferri")
    identities.act_for(lucia, "Edil Tirreno")
    lucia.open("/area/")
    lucia.says("Edil Tirreno", "Pratiche Auto Arno")
    lucia.look("area per il cliente di un'agenzia")
    office.enter(head, "responsabile.pisa")
    head.open("/admin/portal_people/mandate/?stato=attive&q=Edil+Tirreno")
    head.look("deleghe in ufficio")
    head.page.locator("#result_list").get_by_role("link", name="Pratiche Auto Arno").first.click()
    head.look("delega in ufficio")
    head.page.get_by_label("Revoca").check()
    head.page.get_by_label("Motivo").fill("L'impresa ha comunicato la fine dell'incarico.")
    head.press("Conferma")
    head.says("Revocata")
    lucia.open("/area/")
    lucia.says("delega")
    assert "Edil Tirreno" not in lucia.page.locator("header").inner_text()
    lucia.look("delega finita")
    inspector.approves()
