"""Who pays what, when and where. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from payments.reconciliation.synthesis.days import at
from payments.reconciliation.synthesis.recipe import FINES_PAID, MIDDLE, OTHERS_PAID, RUSH, Recipe
from payments.reconciliation.synthesis.world import Body, Debt, Notice, Part, Payment, Psp, Share

SEND_FEES = (200, 950, 1240, 1500)
SEND_SHARE = 0.25


class Till:
    """Makes payments: picks a PSP, an hour, an identifier."""

    def __init__(self, recipe: Recipe, dice: Random) -> None:
        self.recipe, self.dice = recipe, dice

    def identifier(self) -> str:
        """A receipt identifier, as the node makes them."""
        return f"{self.dice.getrandbits(128):032x}"

    def psp(self, body: Body) -> Psp:
        """Somebody who takes payments of a body."""
        psps = self.recipe.psps(body)
        return self.dice.choices(psps, [psp.weight for psp in psps])[0]

    def pay(self, debt: Debt, notice: Notice, day: date, *, cents: int | None = None, fee: int = 0) -> Payment:
        """A payment of a notice: what is due on that day, or as much as is said; the first transfer makes up for it."""
        due = notice.cents_on(day) if cents is None else cents
        difference = due + fee - notice.cents
        parts = parts_of(notice.shares, difference)
        return self._payment(debt.body, debt, notice.nav, day, parts, fee)

    def strange(self, body: Body, nav: str, day: date, parts: tuple[Part, ...], issuer: str) -> Payment:
        """A payment of a notice that the body never issued."""
        made = self._payment(body, None, nav, day, parts, 0)
        made.issuer = issuer
        return made

    def _payment(
        self, body: Body, debt: Debt | None, nav: str, day: date, parts: tuple[Part, ...], fee: int
    ) -> Payment:
        dice = self.dice
        paid_at = at(day, dice.choices((9, 11, 14, 18, 21), (25, 25, 20, 20, 10))[0], dice.randrange(60))
        return Payment(
            body=body, debt=debt, nav=nav, psp=self.psp(body), receipt_id=self.identifier(), paid_at=paid_at,
            parts=parts, issuer=body.fiscal_code, fee=fee,
        )  # fmt: skip


def parts_of(shares: tuple[Share, ...], difference: int = 0) -> tuple[Part, ...]:
    """The transfers of a payment; what changed since the notice was printed falls on the first."""
    return tuple(
        Part(seq, share.beneficiary, share.iban, share.cents + (difference if seq == 1 else 0))
        for seq, share in enumerate(shares, start=1)
    )


def make_payments(recipe: Recipe, debts: list[Debt], till: Till) -> list[Payment]:
    """What was paid in the period, as it was owed."""
    found = []
    for debt in debts:
        for notice, day in _choices(debt, till.dice):
            if day <= recipe.last:
                fee = till.dice.choice(SEND_FEES) if debt.family == "fine" and till.dice.random() < SEND_SHARE else 0
                found.append(till.pay(debt, notice, day, fee=fee))
    return found


def _choices(debt: Debt, dice: Random) -> Iterator[tuple[Notice, date]]:
    """Which notices of a debt are paid, and when."""
    if debt.family == "fine":
        yield from _fine_choices(debt, dice)
    elif dice.random() < OTHERS_PAID:
        wait = min(45, 1 + int(dice.expovariate(1 / 9)))
        if debt.family == "plan" and dice.random() < 0.6:
            for place, notice in enumerate(debt.options[1].notices):
                yield notice, debt.created_on + timedelta(days=wait + 30 * place)
        else:
            yield debt.options[0].notices[0], debt.created_on + timedelta(days=wait)


def _fine_choices(debt: Debt, dice: Random) -> Iterator[tuple[Notice, date]]:
    if dice.random() >= FINES_PAID:
        return
    when, served = dice.random(), debt.created_on
    discounted, reduced = (option.notices[0] for option in debt.options)
    if when < RUSH:
        yield discounted, served + timedelta(days=min(5, 1 + int(5 * dice.betavariate(3, 1.4))))
    elif when < RUSH + MIDDLE:
        yield reduced, served + timedelta(days=dice.randrange(8, 59))
    else:
        yield reduced, served + timedelta(days=dice.randrange(66, 150))
