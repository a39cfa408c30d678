"""Paying: a fine within and after the five days, without logging in, and what nobody sent a notice for."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.journeys import citizen
from tests.journeys.citizen import GIULIA, MARCO
from tests.journeys.pages import PHONE, Inspector, Window, codes_of, text_of

pytestmark = pytest.mark.journey

MARCO_CODE = "RSSMRC78L04Y998P"
Open = Callable[..., Window]


def open_the_fine(window: Window, plate_words: str) -> None:
    """From the personal area to the page of a fine."""
    window.open("/area/pagamenti/")
    window.look("pagamenti")
    window.follow(re.compile(plate_words))
    window.says("Quanto pagare, entro quando e perché")
    window.look("multa")


def ask_at_the_counter(window: Window, qr: str) -> None:
    """Scan a code at the counter of a payment service provider."""
    window.open(f"{window.demo.sandbox}/psp/")
    window.page.get_by_label("testo del codice QR").fill(qr)
    window.press("Verifica l'avviso")


def pay_at_the_checkout(window: Window, button: str, amount: str) -> None:
    """To the checkout and back."""
    window.press(button)
    window.says("Checkout di prova")
    window.press(re.compile(f"Paga {amount}"))
    window.at("/ritorno/ok/")


def test_a_fine_within_five_days_is_paid_with_the_discount(window: Open, inspector: Inspector) -> None:
    phone = window(size=PHONE)
    phone.open("/accedi/?next=/area/")
    citizen.log_in(phone, replace(GIULIA, company="Per me"))
    open_the_fine(phone, "D1001")
    phone.says("con lo sconto del 30% sulla sanzione")
    paper = phone.pdf(phone.page.get_by_role("link", name="Scarica l'avviso (PDF)"))
    assert "Importo scontato del 30%" in text_of(paper)
    assert len([code for code in codes_of(paper) if code.startswith("PAGOPA")]) == 2
    pay_at_the_checkout(phone, "Paga adesso", "45,90")
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
    open_the_fine(driver, "D1002")
    driver.says("I 5 giorni per avere lo sconto sono finiti")
    paper = driver.pdf(driver.page.get_by_role("link", name="Scarica l'avviso (PDF)"))
    discounted, reduced = sorted(code for code in codes_of(paper) if code.startswith("PAGOPA"))
    ask_at_the_counter(counter, discounted)
    counter.says("PAA_PAGAMENTO_SCADUTO")
    ask_at_the_counter(counter, reduced)
    counter.says("paVerifyPaymentNotice: OK", "58,50")
    counter.press("Paga")
    driver.reload_until(lambda: driver.page.get_by_text("Hai pagato").count() > 0, seconds=30)
    receipt = driver.pdf(driver.page.get_by_role("link", name=re.compile("Scarica la ricevuta")))
    assert "58,50" in text_of(receipt)
    inspector.approves()


def test_what_nobody_sent_a_notice_for_is_paid_without_logging_in(window: Open, inspector: Inspector) -> None:
    visitor = window(size=PHONE)
    visitor.open("/pagamenti/spontanei/")
    visitor.says("Paga senza avviso")
    visitor.look("paga senza avviso")
    visitor.follow("Diritti di segreteria")
    visitor.at("/pagamenti/spontanei/PI/")
    visitor.look("diritti di segreteria")
    visitor.write(motivo="Certificato di prova", nome="Marco Rossi", codice_fiscale=MARCO_CODE)
    visitor.press("Continua e rileggi")
    visitor.says("Rileggi prima di pagare")
    visitor.look("rileggi")
    visitor.press("Prepara l'avviso e paga")
    visitor.at("/pagamenti/aperto/")
    visitor.look("avviso aperto")
    number = visitor.page.locator(".mono").first.inner_text()
    # Who comes back another day has the two codes of the notice.
    again = window()
    again.open("/pagamenti/")
    again.write(avviso=number, codice_fiscale=MARCO_CODE)
    again.press("Trova l'avviso")
    again.at("/pagamenti/aperto/")
    pay_at_the_checkout(again, "Paga on line", "10,00")
    again.reload_until(lambda: again.page.get_by_text("non pagarlo una seconda volta").count() > 0, seconds=30)
    again.look("avviso pagato senza accesso")
    inspector.approves()
