"""What somebody writes on the pages of spontaneous payments, and a way through them."""

import re
from typing import Any

from django_scopes import scopes_disabled

from payments.models import Instalment, SpontaneousPayment
from tests.payments.node_messages import Receipt, post, send

MARIO = "RSSMRA60D20F205C"
GIULIA = "BNCGLI85M41G702G"
COMPANY = "00743110157"
LIST = "/pagamenti/spontanei/"
FEE, COPIES, PENALTY, RENT = (f"{LIST}PI/0000{number}/" for number in range(1, 5))
PAYER = {"chi": "F", "nome": "Mario Rossi", "codice_fiscale": MARIO}
FORMS: dict[str, dict[str, str]] = {
    FEE: {**PAYER, "motivo": "Attestato di idoneità"},
    COPIES: {**PAYER, "quantita": "7", "risposta_1": "1234/2026"},
    PENALTY: {**PAYER, "importo": "120,50", "risposta_1": "45/2026"},
    RENT: {**PAYER, "importo": "1.200", "risposta_1": "45/2024", "motivo": "Canone 2026"},
}


def text(response: Any) -> str:
    return str(response.content.decode())


def kept(response: Any) -> str:
    """What the page that is read again carries to the next step."""
    found = re.search(r'name="dati" value="([^"]+)"', text(response))
    assert found is not None, text(response)
    return found[1]


def review(client: Any, url: str, **changes: str) -> Any:
    return client.post(url, {**FORMS[url], **changes})


def make(client: Any, url: str, **changes: str) -> Any:
    """All the way to the notice."""
    return client.post(f"{url}avviso/", {"dati": kept(review(client, url, **changes))})


def made() -> list[SpontaneousPayment]:
    with scopes_disabled():
        return list(SpontaneousPayment.objects.select_related("charge", "service").order_by("pk"))


def instalment_of(payment: SpontaneousPayment) -> Instalment:
    with scopes_disabled():
        return Instalment.objects.select_related("option__position").get(option__position__charge=payment.charge_id)


def pay(payment: SpontaneousPayment) -> None:
    """At the node, as it is owed."""
    row = instalment_of(payment)
    with scopes_disabled():
        iban = row.transfers.get().iban
    amount = f"{row.amount_cents / 100:.2f}"
    post(send(Receipt(row.nav, amount=amount, transfers=((1, amount, "80000410508", iban),))))
