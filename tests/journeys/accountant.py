"""The accountants: what the rules do not dare to decide, money to give back, and who calls to ask where it is."""

import re

from tests.journeys.office import PASSWORD
from tests.journeys.pages import Window
from tests.journeys.treasury import ACCOUNTANT

SECOND = "tesoreria.pisa"
DESK = "/admin/payments_reconciliation/reconciledreceipt/"
HELP_DESK = "/admin/payments_reconciliation/followedpayment/"
ACCOUNT = "IT60X0542811101000000123456"
TIMELINE = "Dall'avviso alla tesoreria"


def enter(window: Window, username: str = ACCOUNTANT, *, then: str = DESK) -> None:
    """Log in by keyboard, straight to the page that was asked for."""
    window.open(then)
    window.page.locator("[name=login]").fill(username)
    window.page.locator("[name=password]").fill(PASSWORD)
    window.page.keyboard.press("Enter")
    window.at(re.escape(then))


def confirm(window: Window, rule: str, says: str) -> None:
    """Say that a proposal is right."""
    window.open(f"{DESK}proposte/")
    window.look("proposte")
    card = window.page.locator("section.card").filter(has=window.page.get_by_role("heading", name=re.compile(rule)))
    card.get_by_role("button", name="Sì, sono lo stesso denaro").press("Enter")
    window.says(says)
    window.look("proposta confermata")


def take_the_duplicate(window: Window, amount: str) -> None:
    """From the queue to the page of a payment made twice, and into one's hands."""
    window.open(f"{DESK}coda/?esito=duplicate_payment")
    window.look("coda dei doppi")
    row = window.page.locator(".recon-list tbody tr").filter(has_text=amount)
    row.get_by_role("link", name="Pagamento doppio").first.click()
    window.says("Che cosa fare")
    window.press("Me ne occupo io")
    window.says("Ora te ne occupi tu")
    window.look("doppio in carico")


def ask_it_back(window: Window, name: str) -> None:
    """The refund, with who gets it and where."""
    window.follow(re.compile("Segna come doppio"))
    window.says("Chiedi un rimborso")
    window.look("chiedi il rimborso")
    window.write(beneficiary_name=name, iban=ACCOUNT)
    window.press("Chiedi il rimborso")
    window.says("Il rimborso è stato chiesto")


def give_it_back(window: Window, name: str) -> None:
    """Another person decides; then the payment order, then the treasurer's word."""
    window.open("/admin/payments/refund/?state__exact=requested")
    row = window.page.locator("#result_list tbody tr, table tbody tr").filter(has_text=name)
    row.get_by_role("link").first.click()
    for step, reference in (
        ("Approva il rimborso", ""), ("Segna come disposto", "77/2026"), ("Segna come eseguito", "TRN7700001"),
    ):  # fmt: skip
        window.page.get_by_role("link", name=step).click()
        window.page.get_by_role("button", name=step).wait_for()
        if reference:
            window.write(reference=reference)
        window.press(step)
        window.says("Fatto: ora il rimborso è")
    window.look("rimborso eseguito")


def a_reconciled_number(window: Window) -> str:
    """The IUV of a payment that came all the way to the treasury."""
    window.open(f"{DESK}?esito=reconciled")
    row = window.page.locator(".recon-list tbody th").filter(has_text="riga")
    return row.first.locator("a").inner_text()


def answer(window: Window, asked: str, *texts: str) -> None:
    """Somebody calls: what they have in hand is written, and the answer read, without touching the mouse."""
    window.open(HELP_DESK)
    window.page.locator("[name=text]").press_sequentially(asked)
    window.page.keyboard.press("Enter")
    window.says(TIMELINE, *texts)
    window.look("dov'è il mio pagamento")
