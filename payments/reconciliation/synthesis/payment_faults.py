"""What goes wrong, or only looks wrong, with single payments. Pure.

Each payment takes part in one case at most, so that what has to be found on it is certain.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from payments.reconciliation.synthesis.debts import (
    FOREIGN,
    OTHER_BENEFICIARY,
    OTHER_IBAN,
    UNKNOWN,
    first_number,
    nav_of,
)
from payments.reconciliation.synthesis.payments import Till, parts_of
from payments.reconciliation.synthesis.recipe import PAYMENT_FAULTS, PAYMENT_ODDITIES, Recipe
from payments.reconciliation.synthesis.world import Debt, Notice, Part, Payment, Year

OTHERS_SEGREGATION, ELSEWHERE_SEGREGATION = 44, 33
DIFFERENCES = (-1000, -250, -1, 1, 90, 1000)
Fits = Callable[[Payment], bool]


class Spoiler:
    """Picks payments and spoils them."""

    def __init__(self, recipe: Recipe, year: Year, till: Till) -> None:
        self.recipe, self.year, self.till = recipe, year, till
        self.dice: Random = till.dice
        owners = Counter(payment.debt.number for payment in year.payments if payment.debt)
        self.free = [
            payment
            for payment in year.payments
            if payment.debt
            and owners[payment.debt.number] == 1
            and payment.debt.family in {"fine", "flat", "stamp"}
            and len(payment.own) == 1
        ]
        self.dice.shuffle(self.free)
        self.unknown = 0

    def spoil(self) -> None:
        """Every kind of case, as many times as the recipe wants it."""
        volume = len(self.year.payments)
        for rates in (PAYMENT_FAULTS, PAYMENT_ODDITIES):
            for name, rate in rates.items():
                case = CASES[name]
                for _ in range(self.recipe.count(rate, volume)):
                    case.play(self, self.take(name, case.fits) if case.fits else None)

    def take(self, name: str, fits: Fits) -> Payment:
        """A payment nobody has touched yet. Raises ValueError when the year is too small for all the cases."""
        for place in range(len(self.free) - 1, -1, -1):
            if fits(self.free[place]):
                chosen = self.free.pop(place)
                chosen.spoilt = True
                return chosen
        raise ValueError(f"no room for the case «{name}»")

    def stranger(self, segregation: int, offset: int) -> Payment:
        """A payment of a notice that is no position of the body."""
        self.unknown += 1
        body = self.dice.choice(self.recipe.bodies)
        nav = nav_of(segregation or body.segregation, first_number(self.recipe.seed) + offset + self.unknown)
        day = self.dice.choice(self.year.payments).day
        part = Part(1, body.fiscal_code, body.accounts[0].iban, self.dice.randrange(1000, 20000))
        made = self.till.strange(body, nav, day, (part,), body.fiscal_code)
        made.spoilt = True
        self.year.payments.append(made)
        return made


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of case: the payments it can be played on (none: it makes its own) and what it does to one."""

    fits: Fits | None
    play: Callable[[Spoiler, Payment | None], None]


def _debt(payment: Payment) -> Debt:
    assert payment.debt is not None
    return payment.debt


def _notice(payment: Payment) -> Notice:
    return next(each for option in _debt(payment).options for each in option.notices if each.nav == payment.nav)


def _outcome(code: str | None, outcome: int, *, receipt: bool) -> Case:
    def play(spoiler: Spoiler, payment: Payment | None) -> None:
        assert payment is not None
        payment.outcome, payment.has_receipt = outcome, receipt
        if code:
            spoiler.year.plant(code, payment)

    return Case(_any, play)


def _any(payment: Payment) -> bool:
    return True


def _flat(payment: Payment) -> bool:
    return _debt(payment).family != "fine"


def _not_reported(spoiler: Spoiler, payment: Payment | None) -> None:
    assert payment is not None
    payment.reported = False
    spoiler.year.plant("receipt_without_flow", payment)


def _amount_differs(spoiler: Spoiler, payment: Payment | None) -> None:
    assert payment is not None
    payment.line_delta = spoiler.dice.choice(DIFFERENCES)
    spoiler.year.plant("receipt_amount_differs", payment)


def _duplicate(first_reported: bool, receipt: bool, reported: bool) -> Case:
    """The same notice paid twice, on two days; which of the documents arrived is said by the arguments."""

    def play(spoiler: Spoiler, first: Payment | None) -> None:
        assert first is not None
        second = _again(spoiler, first, _notice(first), spoiler.dice.randrange(2, 12))
        first.reported, second.has_receipt, second.reported = first_reported, receipt, reported
        second.outcome = 0 if receipt else 9
        plant = spoiler.year.plant
        if not first_reported:
            plant("receipt_without_flow", first)
        if not receipt:
            plant("paid_without_receipt", second)
        if not reported:
            plant("receipt_without_flow", second)
        plant("duplicate_payment", second)

    return Case(_flat, play)


def _again(spoiler: Spoiler, first: Payment, notice: Notice, days: int) -> Payment:
    second = spoiler.till.pay(_debt(first), notice, first.day + timedelta(days=days), fee=first.fee)
    second.spoilt = True
    spoiler.year.payments.append(second)
    return second


def _is_discounted(payment: Payment) -> bool:
    debt = _debt(payment)
    return debt.family == "fine" and payment.nav == debt.options[0].notices[0].nav


def _both_options(spoiler: Spoiler, first: Payment | None) -> None:
    assert first is not None
    second = _again(spoiler, first, _debt(first).options[1].notices[0], spoiler.dice.randrange(4, 30))
    spoiler.year.plant("duplicate_on_act", second)


def _unknown(receipt: bool, reported: bool) -> Case:
    def play(spoiler: Spoiler, _payment: Payment | None) -> None:
        made = spoiler.stranger(0, UNKNOWN)
        made.has_receipt, made.reported, made.outcome = receipt, reported, 0 if receipt else 9
        spoiler.year.plant("no_position", made)
        if not receipt:
            spoiler.year.plant("paid_without_receipt", made)
        if not reported:
            spoiler.year.plant("receipt_without_flow", made)

    return Case(None, play)


def _other_intermediary(spoiler: Spoiler, _payment: Payment | None) -> None:
    made = spoiler.stranger(OTHERS_SEGREGATION, UNKNOWN)
    made.has_receipt = False
    spoiler.year.plant("other_intermediary", made)


def _share_of_other_body(spoiler: Spoiler, _payment: Payment | None) -> None:
    """Our share of somebody else's notice; the number of one in two looks like one of ours."""
    made = spoiler.stranger(spoiler.dice.choice((0, ELSEWHERE_SEGREGATION)), FOREIGN)
    theirs = Part(1, OTHER_BENEFICIARY, OTHER_IBAN, made.cents * 19)
    made.parts = (theirs, Part(2, made.parts[0].beneficiary, made.parts[0].iban, made.parts[0].cents))
    made.issuer = OTHER_BENEFICIARY


def _is_late(payment: Payment) -> bool:
    return _debt(payment).family == "fine" and _notice(payment).cents_on(payment.day) > _notice(payment).cents


def _late_too_little(spoiler: Spoiler, payment: Payment | None) -> None:
    assert payment is not None
    notice = _notice(payment)
    payment.parts = parts_of(notice.shares, payment.fee)
    spoiler.year.plant("paid_less_than_due", payment, notice.cents_on(payment.day) - notice.cents)


def _is_reduced(payment: Payment) -> bool:
    debt = _debt(payment)
    if debt.family != "fine" or _is_discounted(payment) or _is_late(payment):
        return False
    due = debt.options[0].notices[0].due_on
    # One transfer alone, whichever of the two notices is paid.
    return due is not None and payment.day > due and len(debt.options[0].notices[0].shares) == 1


def _discount_too_late(spoiler: Spoiler, payment: Payment | None) -> None:
    """The discounted notice paid after its days. With the fee of SEND it may be more than the other one asks."""
    assert payment is not None
    discounted, reduced = (option.notices[0] for option in _debt(payment).options)
    payment.fee = spoiler.dice.choice((0, 1500))
    payment.nav, payment.parts = discounted.nav, parts_of(discounted.shares, payment.fee)
    spoiler.year.plant("paid_less_than_due", payment, reduced.cents - discounted.cents)


def _a_little_less(spoiler: Spoiler, payment: Payment | None) -> None:
    assert payment is not None
    less = spoiler.dice.choice((1, 50, 300))
    payment.parts = parts_of(_notice(payment).shares, -less)
    spoiler.year.plant("paid_less_than_due", payment, less)


def _waited(payment: Payment) -> bool:
    return (payment.day - _debt(payment).created_on).days >= 4


def _after_cancel(spoiler: Spoiler, payment: Payment | None) -> None:
    assert payment is not None
    _debt(payment).cancelled_on = payment.day - timedelta(days=spoiler.dice.randrange(1, 4))
    spoiler.year.plant("paid_after_cancel", payment)


def _after_cancel_amount_differs(spoiler: Spoiler, payment: Payment | None) -> None:
    _after_cancel(spoiler, payment)
    _amount_differs(spoiler, payment)


def _single_transfer(spoiler: Spoiler, payment: Payment | None) -> None:
    assert payment is not None
    payment.alone = True


def _revoked(spoiler: Spoiler, payment: Payment | None) -> None:
    """The flow that revokes it is chosen later: see flows.py."""
    assert payment is not None
    payment.revoked = True


CASES = {
    "executed_without_receipt": _outcome("flow_without_receipt", 0, receipt=False),
    "stand_in_without_receipt": _outcome("flow_without_receipt", 4, receipt=False),
    "no_rpt_without_receipt": _outcome("paid_without_receipt", 9, receipt=False),
    "stand_in_no_rpt_without_receipt": _outcome("paid_without_receipt", 8, receipt=False),
    "stand_in_with_receipt": _outcome(None, 4, receipt=True),
    "no_rpt_with_receipt": _outcome(None, 9, receipt=True),
    "not_reported": Case(_any, _not_reported),
    "amount_differs": Case(_any, _amount_differs),
    "duplicate": _duplicate(first_reported=True, receipt=True, reported=True),
    "duplicate_without_receipt": _duplicate(first_reported=True, receipt=False, reported=True),
    "duplicate_not_reported": _duplicate(first_reported=True, receipt=True, reported=False),
    "duplicate_of_unreported": _duplicate(first_reported=False, receipt=True, reported=True),
    "both_options": Case(_is_discounted, _both_options),
    "unknown_notice": _unknown(receipt=True, reported=True),
    "unknown_without_receipt": _unknown(receipt=False, reported=True),
    "unknown_not_reported": _unknown(receipt=True, reported=False),
    "other_intermediary": Case(None, _other_intermediary),
    "share_of_other_body": Case(None, _share_of_other_body),
    "paid_late_too_little": Case(_is_late, _late_too_little),
    "discount_too_late": Case(_is_reduced, _discount_too_late),
    "a_little_less": Case(_flat, _a_little_less),
    "after_cancel": Case(_waited, _after_cancel),
    "after_cancel_amount_differs": Case(_waited, _after_cancel_amount_differs),
    "single_transfer": Case(_any, _single_transfer),
    "revoked": Case(_any, _revoked),
}
