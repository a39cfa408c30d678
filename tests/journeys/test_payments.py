"""Paying: a fine within and after the five days, a notice without logging in, and something nobody sent a notice for."""

import re
from collections.abc import Callable

import pytest

from tests.journeys import citizen
from tests.journeys.citizen import GIULIA, MARCO
from tests.journeys.pages import PHONE, Inspector, Window, codes_of, text_of

pytestmark = pytest.mark.journey

GIULIA_CODE = "BNCGLI85C52Y999U"
Open = Callable[..., Window]


def open_the_fine(window: Window, plate_words: str) -> None:
    """From the personal area to the page of a fine."""
    window.open("/area/pagamenti/")
    window.look("pagamenti")
    window.follow(re.compile(plate_words))
    window.says("Quanto pagare, entro quando e perché")
    window.look("multa")


def number_at(window: Window, row: int) -> str:
    """The notice number of a row of the ways to pay."""
    return window.page.locator("#modi ~ .table-scroll .mono").nth(row).inner_text().replace(" ", "")


def ask_at_the_counter(window: Window, number: str) -> None:
    """Type the codes at the counter of a payment service provider."""
    window.open(f"{window.demo.sandbox}/psp/")
    window.page.get_by_label("codice avviso").fill(number)
    window.press("Verifica l'avviso")


def test_a_fine_within_five_days_is_paid_with_the_discount(window: Open, inspector: Inspector) -> None:
    phone = window(size=PHONE)
    phone.open("/accedi/?next=/area/")
    citizen.log_in(phone, GIULIA)
    phone.press("Te stess") if phone.page.get_by_text("Per chi vuoi operare?").count() else None
    open_the_fine(phone, "1001")
    phone.says("con lo sconto del 30% sulla sanzione")
    paper = phone.pdf(phone.page.get_by_role("link", name="Scarica l'avviso (PDF)"))
    assert "Importo scontato del 30%" in text_of(paper)
    assert len(codes_of(paper)) >= 2
    citizen.pay_on_line(phone, "45,90")
    phone.reload_until(lambda: phone.page.get_by_text("Hai pagato").count() > 0, seconds=30)
    phone.says("Questa multa risulta pagata", "sostituita da un'altra opzione")
    phone.look("multa pagata")
    inspector.approves()


def test_after_five_days_the_discounted_number_is_refused_and_the_other_is_paid_at_the_counter(
    window: Open, inspector: Inspector
) -> None:
    driver, counter = window(), window()
    driver.open("/accedi/?next=/area/")
    citizen.log_in(driver, MARCO)
    open_the_fine(driver, "1002")
    driver.says("I 5 giorni per avere lo sconto sono finiti")
    discounted, reduced = number_at(driver, 0), number_at(driver, 1)
    ask_at_the_counter(counter, discounted)
    counter.says("PAA_PAGAMENTO_SCADUTO")
    ask_at_the_counter(counter, reduced)
    counter.says("58,50")
    counter.press("Paga")
    driver.reload_until(lambda: driver.page.get_by_text("Hai pagato").count() > 0, seconds=30)
    receipt = driver.pdf(driver.page.get_by_role("link", name=re.compile("Scarica la ricevuta")))
    assert "58,50" in text_of(receipt)
    inspector.approves()


def test_who_has_no_notice_makes_one_and_pays_it_without_logging_in(window: Open, inspector: Inspector) -> None:
    visitor = window(size=PHONE)
    visitor.open("/pagamenti/")
    visitor.look("paga un avviso")
    visitor.open("/pagamenti/spontanei/")
    visitor.look("paga senza avviso")
    visitor.follow("Diritti di segreteria")
    visitor.look("diritti di segreteria")
    inspector.approves()
