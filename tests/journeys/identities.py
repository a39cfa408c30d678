"""Ways of coming in other than the haulier's: each system, a higher level, a company, and out again."""

from tests.journeys.citizen import carry_on_by_hand
from tests.journeys.pages import Window

SPID = "Identity provider di prova"


def choose_spid(window: Window) -> None:
    """The list behind the button of SPID, then the test identity provider."""
    window.look("accedi")
    window.page.locator("summary", has_text="Entra con SPID").first.click()
    window.page.get_by_role("link", name=SPID).click()
    carry_on_by_hand(window)
    window.at("/idp/")


def with_spid(window: Window, name: str, *, level: str = "2") -> None:
    """Somebody of the test identity provider, with credentials of a level."""
    choose_spid(window)
    window.page.locator("#level").select_option(level)
    consent(window, name, "spid")


def as_somebody_else(window: Window, name: str) -> None:
    """At level 3, but the answer is about another person."""
    choose_spid(window)
    window.page.locator("#level").select_option("3")
    window.page.get_by_role("button", name=name, exact=True).click()
    window.page.locator("button[value=other-person]").click()
    carry_on_by_hand(window)


def with_cie(window: Window, name: str) -> None:
    """The electronic identity card."""
    window.page.locator("section", has=window.page.locator("#cie-title")).get_by_role("link").first.click()
    carry_on_by_hand(window)
    window.at("/cie/")
    consent(window, name, "cie")


def with_eidas(window: Window, country: str, name: str) -> None:
    """The Italian node, a country, an identity of that country."""
    window.page.locator("section", has=window.page.locator("#eidas-title")).get_by_role("link").first.click()
    carry_on_by_hand(window)
    window.says("Da quale Paese vieni?")
    window.look("eidas paese")
    window.press(country)
    consent(window, name, "eidas")


def with_arpa(window: Window, name: str) -> None:
    """The OpenID Connect provider of the Region."""
    window.page.locator("section", has=window.page.locator("#arpa-title")).get_by_role("link").first.click()
    window.says("Chi sei?")
    consent(window, name, "arpa")


def consent(window: Window, name: str, system: str) -> None:
    window.look(f"{system} persone")
    window.page.get_by_role("button", name=name, exact=True).click()
    window.says("Vuoi inviare questi dati?")
    window.look(f"{system} consenso")
    window.page.get_by_role("button", name="Acconsento").click()
    carry_on_by_hand(window)


def put_off_the_email(window: Window) -> None:
    """The address can be confirmed later."""
    window.at("/benvenuto/email/")
    window.press("Lo faccio un'altra volta")
    window.at("/area/")


def act_for(window: Window, company: str) -> None:
    window.at("/area/agisci-come/")
    window.look("agisci come")
    window.page.get_by_label(company).check()
    window.press("Continua")


def leave(window: Window) -> None:
    """Out, and the personal area is closed."""
    window.open("/area/")
    window.page.locator(".person-menu summary").click()
    window.press("Esci")
    window.says("Sei uscito")
    window.look("uscito")
    window.open("/area/")
    window.at("/accedi/")
