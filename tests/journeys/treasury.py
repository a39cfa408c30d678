"""Provider, treasurer and accountant: the day is closed, and the books agree."""

from tests.journeys.pages import Window

ACCOUNTANT = "ragioneria.pisa"
RECEIPTS = "/admin/payments_reconciliation/reconciledreceipt/"
# Flows and journals are fetched every 20 seconds, matched every 30.
AT_MOST_SECONDS = 120


def close_the_day(window: Window, number: str) -> None:
    """The sandbox makes the day pass for providers and treasurer."""
    window.open(f"{window.demo.sandbox}/psp/giornata/")
    window.says(number)
    window.look("giornata")
    window.press("Chiudi la giornata")
    window.says("Giornata chiusa.")
    window.look("giornata chiusa")


def see_it_reconciled(window: Window, number: str) -> None:
    """Receipt, line of the flow and movement of the treasury have met by their IUF."""
    address = f"{RECEIPTS}?q={number}"
    window.open(address)
    chip = window.page.locator("tbody .chip", has_text="Riconciliato")
    window.reload_until(lambda: chip.count() > 0, seconds=AT_MOST_SECONDS)
    window.look("quadratura")
    window.page.locator("tbody a").first.click()
    window.says("Riga del flusso di rendicontazione", "IUF", "coincide")
    window.look("ricevuta riconciliata")
