"""What the treasurer sees: credits of the flows, transfers of single payments, and everything else. Pure."""

from datetime import date, timedelta
from random import Random

from payments.reconciliation.synthesis import remittances as texts
from payments.reconciliation.synthesis.days import plus, settled_on, working_days
from payments.reconciliation.synthesis.debts import UNKNOWN, first_number, nav_of
from payments.reconciliation.synthesis.flows import Press
from payments.reconciliation.synthesis.recipe import (
    FOREIGN_TRANSFERS,
    OUTSIDE_TAKEN_BACK,
    REVERSALS_ALONE,
    SINGLE_WITHOUT_RECEIPT,
    TREASURY_WITHOUT_FLOW,
    Recipe,
)
from payments.reconciliation.synthesis.world import Account, Body, Flow, Movement, Outside, Payment, Psp, Year

LATE_CREDIT = 0.08
TIME_TO_ARRIVE = timedelta(days=40)
KNOWN_REFERENCE, KNOWN_END_TO_END = 0.55, 0.25
NOT_PROVIDED = "NOTPROVIDED"
NOT_PAGOPA, WITHOUT_FLOW = "treasury_not_pagopa", "treasury_without_flow"


class Bank:
    """Makes the rows of the treasury journals."""

    def __init__(self, recipe: Recipe, year: Year, dice: Random) -> None:
        self.recipe, self.year, self.dice = recipe, year, dice
        self.operations = 0

    def reference(self) -> str:
        """A reference of the bank's own, which says nothing to anybody else."""
        self.operations += 1
        return f"0306900000{self.operations:012d}IT"

    def credit(self, flow: Flow, *, cents: int | None = None, text: str | None = None, days: int = 0) -> Movement:
        """The transfer of a flow. With a text of its own, no other reference names the flow."""
        known = text is None
        by_reference = known and self.dice.random() < KNOWN_REFERENCE
        by_end_to_end = known and not by_reference and self.dice.random() < KNOWN_END_TO_END
        movement = Movement(
            body=flow.body,
            account=account_of(flow.body, flow.iban),
            day=plus(flow.day, days),
            cents=flow.declared_cents if cents is None else cents,
            text=texts.remittance(flow, self.dice) if text is None else text,
            reference=flow.regulation_id if by_reference else self.reference(),
            end_to_end=flow.regulation_id if by_end_to_end else NOT_PROVIDED,
            customer=flow.psp.name.upper(),
            flow=flow,
            special=bool(flow.special),
        )
        flow.credits.append(movement)
        self.year.movements.append(movement)
        return movement

    def reverse(self, movement: Movement) -> Movement:
        """The bank takes a movement back on the next day."""
        storno = Movement(
            body=movement.body, account=movement.account, day=plus(movement.day, 1), cents=movement.cents,
            text=f"STORNO {movement.text}", reference=self.reference(), end_to_end=NOT_PROVIDED,
            customer=movement.customer, operation="STORNATO", origin=movement, special=True,
        )  # fmt: skip
        movement.special = True
        if movement.flow is not None:
            movement.flow.credits.remove(movement)
        self.year.movements.append(storno)
        return storno

    def plain(self, body: Body, account: Account, day: date, cents: int, text: str, customer: str) -> Movement:
        """A provisional credit that no flow announces."""
        movement = Movement(body, account, day, cents, text, self.reference(), NOT_PROVIDED, customer)
        self.year.movements.append(movement)
        return movement


def account_of(body: Body, iban: str) -> Account:
    """The treasurer's account behind an IBAN."""
    return next(account for account in body.accounts if account.iban == iban)


def make_ordinary_credits(bank: Bank) -> None:
    """One transfer for each flow that has none of its own making."""
    for flow in bank.year.flows:
        if flow.current and not flow.special.startswith("own:"):
            bank.credit(flow, days=1 if bank.dice.random() < LATE_CREDIT else 0)


def make_other_movements(bank: Bank, press: Press) -> None:
    """Transfers of single payments, transfers nobody announces, and what is no business of pagoPA."""
    for payment in bank.year.payments:
        if payment.alone:
            _single(bank, payment.body, payment.psp, payment.nav[1:], payment.own_cents, payment)
    _unannounced(bank, press)
    _foreign(bank)
    _taken_back(bank)
    _reversals_alone(bank)
    for body in bank.recipe.bodies:
        for day in working_days(bank.recipe.first, plus(bank.recipe.last, 6)):
            _unrelated(bank, body, day)


def _single(bank: Bank, body: Body, psp: Psp, iuv: str, cents: int, payment: Payment | None) -> None:
    day = settled_on(payment.paid_at) if payment else _some_day(bank)
    text = texts.single_remittance(iuv, cents, bank.dice)
    movement = bank.plain(body, body.accounts[0], day, cents, text, psp.name.upper())
    movement.payment, movement.special = payment, True
    if payment is None:
        movement.code = WITHOUT_FLOW


def _some_day(bank: Bank) -> date:
    return bank.dice.choice(bank.year.flows).day


def _unannounced(bank: Bank, press: Press) -> None:
    """The reference of a flow, or of a payment, that never arrives."""
    for _ in range(bank.recipe.count(TREASURY_WITHOUT_FLOW, len(bank.year.flows))):
        model = bank.dice.choice(bank.year.flows)
        ghost = press.flow(model.body, model.psp, model.iban, model.day, [])
        text = texts.remittance(ghost, bank.dice)
        cents = bank.dice.randrange(2000, 90000)
        movement = bank.plain(
            model.body, account_of(model.body, model.iban), model.day, cents, text, model.psp.name.upper()
        )
        movement.code = WITHOUT_FLOW
    first = first_number(bank.recipe.seed) + UNKNOWN + 40_000_000
    for place in range(bank.recipe.count(SINGLE_WITHOUT_RECEIPT, len(bank.year.flows))):
        body = bank.dice.choice(bank.recipe.bodies)
        iuv = nav_of(body.segregation, first + place)[1:]
        _single(bank, body, bank.dice.choice(bank.recipe.psps(body)), iuv, bank.dice.randrange(2000, 20000), None)


def _foreign(bank: Bank) -> None:
    for place in range(bank.recipe.count(FOREIGN_TRANSFERS, len(bank.year.flows))):
        body = bank.dice.choice(bank.recipe.bodies)
        text = texts.foreign_remittance(f"{place + 1:012d}", bank.dice)
        movement = bank.plain(body, body.accounts[0], _some_day(bank), 5850, text, "SCHMIDT HANS")
        movement.code = NOT_PAGOPA


def _taken_back(bank: Bank) -> None:
    """Transfers from abroad that the office records as payments of a fine, and that the bank then takes back."""
    recipe, dice = bank.recipe, bank.dice
    paid = {payment.debt.number for payment in bank.year.payments if payment.debt is not None}
    until = recipe.last - TIME_TO_ARRIVE
    for place in range(recipe.count(OUTSIDE_TAKEN_BACK, len(bank.year.flows))):
        body = recipe.bodies[place % len(recipe.bodies)]
        free = [
            debt
            for debt in bank.year.debts
            if debt.body is body and debt.family == "fine" and debt.number not in paid
            and debt.cancelled_on is None and debt.created_on < until
        ]  # fmt: skip
        if not free:
            raise ValueError("no room for a payment outside pagoPA")
        debt = dice.choice(free)
        paid.add(debt.number)
        notice, day = debt.options[-1].notices[0], plus(debt.created_on, dice.randrange(6, 20))
        text = texts.foreign_remittance(notice.iuv, dice)
        credit = bank.plain(body, body.accounts[0], day, notice.cents_on(day), text, "WEBER ANNA")
        bank.reverse(credit)
        bank.year.outside.append(Outside(body, debt, notice.nav, f"M{debt.number:07d}", credit))
        bank.year.plant("outside_taken_back", credit)


def _reversals_alone(bank: Bank) -> None:
    """Reversals whose movement no journal has."""
    for place in range(bank.recipe.count(REVERSALS_ALONE, len(bank.year.flows))):
        body = bank.recipe.bodies[place % len(bank.recipe.bodies)]
        text, customer = bank.dice.choice(texts.UNRELATED_IN)
        storno = bank.plain(
            body, body.accounts[0], _some_day(bank), bank.dice.randrange(2000, 90_000), f"STORNO {text}", customer
        )
        storno.operation, storno.special = "STORNATO", True
        bank.year.plant("reversal_alone", storno)


def _unrelated(bank: Bank, body: Body, day: date) -> None:
    """Two rows in three are provisional credits, the others are payments or collection orders already issued."""
    for place in range(bank.recipe.unrelated_a_day(body)):
        account = bank.dice.choices(body.accounts, (8, 2))[0]
        cents = bank.dice.randrange(100, 900_000)
        kind = 0 if place == 0 else bank.dice.random()
        if kind < 0.66:
            text, customer = bank.dice.choice(texts.UNRELATED_IN)
            bank.plain(body, account, day, cents, text, customer).code = NOT_PAGOPA
        elif kind < 0.9:
            text, customer = bank.dice.choice(texts.UNRELATED_OUT)
            movement = bank.plain(body, account, day, cents, text, customer)
            movement.direction, movement.kind = "USCITA", "MANDATO"
        else:
            text, customer = bank.dice.choice(texts.UNRELATED_IN)
            bank.plain(body, account, day, cents, text, customer).kind = "REVERSALE"
