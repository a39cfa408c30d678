"""A morning of the accountants, on what the night left on the desk."""

from collections.abc import Callable

import pytest

from payments.showcase.books import FIRST_TENANT
from payments.showcase.people import Invented
from tests.journeys import accountant
from tests.journeys.pages import Inspector, Window

pytestmark = pytest.mark.journey

Open = Callable[..., Window]
FINE = "D1003"


def test_a_proposal_is_confirmed_by_one_person_and_a_large_one_by_two(window: Open, inspector: Inspector) -> None:
    first, second = window(), window(javascript=False)
    accountant.enter(first)
    accountant.confirm(first, "nome del PSP", "Proposta confermata.")
    accountant.confirm(first, "somma degli importi", "Prima conferma registrata: ne serve un'altra.")
    first.says("serve la conferma di un'altra persona")
    accountant.enter(second, accountant.SECOND)
    accountant.confirm(second, "somma degli importi", "Proposta confermata.")
    accountant.confirm(second, "collegamento fatto a mano", "Proposta confermata.")
    second.says("Nessuna proposta da decidere")
    second.open(f"{accountant.DESK}?esito=flow_without_treasury")
    # Only the flow whose money never came is left.
    assert second.page.locator(".recon-list tbody tr").count() == 1
    inspector.approves()


def test_a_payment_made_twice_is_given_back(window: Open, inspector: Inspector) -> None:
    asks, decides, name = window(), window(javascript=False), "Chi ha pagato due volte"
    accountant.enter(asks)
    accountant.take_the_duplicate(asks, "120,00")
    accountant.ask_it_back(asks, name)
    accountant.enter(decides, accountant.SECOND, then="/admin/payments/refund/")
    accountant.give_it_back(decides, name)
    asks.open(f"{accountant.DESK}rapporti/")
    asks.says("rimborsato", "Incassi per accertamento e mese")
    asks.look("rapporti")
    inspector.approves()


def test_who_calls_is_told_where_the_payment_is_whatever_they_have_in_hand(window: Open, inspector: Inspector) -> None:
    desk = window()
    accountant.enter(desk)
    number = accountant.a_reconciled_number(desk)
    tenant = Invented(FIRST_TENANT).payer
    accountant.answer(desk, number, "Tesoreria")
    accountant.answer(desk, f"3{number}", "Tesoreria")
    accountant.answer(desk, tenant.fiscal_code.lower(), tenant.name)
    accountant.answer(desk, FINE)
    inspector.approves()
