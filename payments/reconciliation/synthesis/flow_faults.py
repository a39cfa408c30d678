"""What goes wrong, or only looks wrong, with flows and their transfers. Pure.

Each flow takes part in one case at most. Cases that make the transfers themselves mark the flow with "own:".
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from payments.reconciliation.synthesis import remittances as texts
from payments.reconciliation.synthesis.flows import Press, settle
from payments.reconciliation.synthesis.recipe import FLOW_FAULTS, FLOW_ODDITIES
from payments.reconciliation.synthesis.treasury import WITHOUT_FLOW, Bank
from payments.reconciliation.synthesis.world import Flow, Line, Payment

DIFFERENCES = (-500, -1, 1, 250)
WINDOW = timedelta(days=12)
WITHOUT_TREASURY, TREASURY_DIFFERS, TOTALS = "flow_without_treasury", "treasury_amount_differs", "flow_totals_mismatch"
UNREADABLE = "remittance_unreadable"
Fits = Callable[["Mangler", Flow], bool]


class Mangler:
    """Picks flows and spoils them."""

    def __init__(self, bank: Bank, press: Press) -> None:
        self.bank, self.press = bank, press
        self.year, self.dice, self.recipe = bank.year, bank.dice, bank.recipe
        self.free = list(self.year.flows)
        self.dice.shuffle(self.free)
        self.by_cents: defaultdict[tuple[str, int], list[Flow]] = defaultdict(list)

    def spoil(self) -> None:
        """Every kind of case, as many times as the recipe wants it."""
        rates, volume = FLOW_FAULTS | FLOW_ODDITIES, len(self.year.flows)
        # Whether an amount is one of a kind in its days is known when no amount changes any more.
        unique = [name for name in rates if CASES[name].fits is _unique]
        for name in [name for name in rates if name not in unique]:
            self.play(name, self.recipe.count(rates[name], volume))
        for flow in self.year.flows:
            self.by_cents[flow.body.fiscal_code, flow.declared_cents].append(flow)
        for name in unique:
            self.play(name, self.recipe.count(rates[name], volume))

    def play(self, name: str, times: int) -> None:
        """Play a kind of case some times."""
        case = CASES[name]
        for _ in range(times):
            flow = self.take(name, case.fits)
            flow.special = f"own:{name}" if case.own_credits else name
            case.play(self, flow)

    def take(self, name: str, fits: Fits) -> Flow:
        """A flow nobody has touched yet. Raises ValueError when the period is too small for all the cases."""
        for place in range(len(self.free) - 1, -1, -1):
            if fits(self, self.free[place]):
                return self.free.pop(place)
        raise ValueError(f"no room for the case «{name}»")

    def flows_of(self, flow: Flow, cents: int) -> int:
        """How many flows of the body declare an amount around the day of another."""
        return sum(abs(each.day - flow.day) <= WINDOW for each in self.by_cents[flow.body.fiscal_code, cents])

    def plant(self, code: str, flow: Flow, cents: int | None = None) -> None:
        """Remember what has to be found on a flow."""
        self.year.plant(code, flow, cents)


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of case: the flows it can be played on, what it does to one, whether it makes the transfers itself."""

    fits: Fits
    play: Callable[[Mangler, Flow], None]
    own_credits: bool = True


def _any(mangler: Mangler, flow: Flow) -> bool:
    return True


def _large(mangler: Mangler, flow: Flow) -> bool:
    return flow.declared_cents > 2000


def _unique(mangler: Mangler, flow: Flow) -> bool:
    """Nothing else could be meant by the amount and the day."""
    return not flow.psp.hexadecimal and mangler.flows_of(flow, flow.declared_cents) == 1


def _droppable(mangler: Mangler, flow: Flow) -> bool:
    return len(flow.lines) >= 2 and any(_is_plain(line) for line in flow.lines)


def _is_plain(line: Line) -> bool:
    return not line.payment.spoilt and len(line.payment.own) == 1 and line.cents > 0


def _several(mangler: Mangler, flow: Flow) -> bool:
    return len(flow.lines) >= 2 and all(line.cents > 0 for line in flow.lines)


def _twin(mangler: Mangler, flow: Flow) -> Flow | None:
    """A flow of the other body by the same PSP in the same year."""
    for other in mangler.free:
        same = other.psp is flow.psp and other.day.year == flow.day.year
        if same and other.body is not flow.body:
            return other
    return None


def _no_treasury(mangler: Mangler, flow: Flow) -> None:
    mangler.plant(WITHOUT_TREASURY, flow)


def _amount_differs(mangler: Mangler, flow: Flow) -> None:
    difference = mangler.dice.choice(DIFFERENCES)
    mangler.bank.credit(flow, cents=flow.declared_cents + difference)
    mangler.plant(TREASURY_DIFFERS, flow, difference)


def _count_wrong(mangler: Mangler, flow: Flow) -> None:
    flow.declared_count += 1
    mangler.plant(TOTALS, flow)


def _drop(mangler: Mangler, flow: Flow) -> Payment:
    line = mangler.dice.choice([each for each in flow.lines if _is_plain(each)])
    payment = line.payment
    flow.lines.remove(line)
    payment.lines.remove(line)
    payment.spoilt = True
    mangler.year.plant("receipt_without_flow", payment)
    return payment


def _line_dropped(mangler: Mangler, flow: Flow) -> None:
    """The transfer is whole, the flow has lost a line: its receipt is in no flow."""
    _drop(mangler, flow)
    for seq, line in enumerate(flow.lines, start=1):
        line.seq = seq
    mangler.plant(TOTALS, flow)


def _total_wrong(mangler: Mangler, flow: Flow) -> None:
    """The header says something else than the lines; the transfer is what the lines say."""
    right = flow.declared_cents
    difference = mangler.dice.choice(DIFFERENCES)
    flow.declared_cents += difference
    mangler.bank.credit(flow, cents=right)
    mangler.plant(TOTALS, flow)
    mangler.plant(TREASURY_DIFFERS, flow, -difference)


def _total_wrong_no_treasury(mangler: Mangler, flow: Flow) -> None:
    flow.declared_cents += mangler.dice.choice(DIFFERENCES)
    mangler.plant(TOTALS, flow)
    mangler.plant(WITHOUT_TREASURY, flow)


def _superseded(mangler: Mangler, flow: Flow) -> Flow:
    """The flow becomes a second revision; what it was until now is left behind as the first.

    The files of the archive carry no revision: there the later one is the one that counts.
    """
    copies = [Line(line.payment, line.transfer, line.cents, line.outcome, line.iban) for line in flow.lines]
    first = Flow(
        body=flow.body, psp=flow.psp, iban=flow.iban, iuf=flow.iuf, day=flow.day, progressive=flow.progressive,
        regulation_id=flow.regulation_id, lines=copies, json=flow.json, current=False, published_on=flow.published_on,
        special="superseded",
    )  # fmt: skip
    settle(first)
    flow.revision, flow.published_on = 2 if flow.json else 1, flow.published_on + timedelta(days=1)
    mangler.year.flows.append(first)
    return first


def _revision(mangler: Mangler, flow: Flow) -> None:
    """The first revision was wrong in every way; the second is right."""
    first = _superseded(mangler, flow)
    first.lines.pop()
    first.lines[0].cents += 777
    first.declared_count += 3


def _revision_drops_line(mangler: Mangler, flow: Flow) -> None:
    """The second revision does not have one of the payments any more: its receipt is in no flow that counts."""
    _superseded(mangler, flow)
    _drop(mangler, flow)
    settle(flow)


def _second_transfer(mangler: Mangler, flow: Flow) -> None:
    part = mangler.dice.randrange(1, flow.declared_cents)
    mangler.bank.credit(flow, cents=part)
    mangler.bank.credit(flow, cents=flow.declared_cents - part, days=mangler.dice.randrange(2))


def _second_transfer_missing(mangler: Mangler, flow: Flow) -> None:
    part = mangler.dice.randrange(1, flow.declared_cents)
    mangler.bank.credit(flow, cents=flow.declared_cents - part)
    mangler.plant(TREASURY_DIFFERS, flow, -part)


def _cut_with_reference(mangler: Mangler, flow: Flow) -> None:
    movement = mangler.bank.credit(flow, text=texts.cut_remittance(flow, mangler.dice))
    movement.reference = flow.regulation_id


def _cut_with_prefix(mangler: Mangler, flow: Flow) -> None:
    mangler.bank.credit(flow, text=texts.cut_remittance(flow, mangler.dice))


def _cut_in_the_tail(mangler: Mangler, flow: Flow) -> None:
    mangler.bank.credit(flow, text=texts.shortened_remittance(flow))


def _cut_other_amount(mangler: Mangler, flow: Flow) -> None:
    """Neither the text nor the amount says whose money it is."""
    cents = flow.declared_cents + 13
    while mangler.flows_of(flow, cents):
        cents += 1
    _unreadable(mangler, flow, cents)
    mangler.plant(WITHOUT_TREASURY, flow)


def _unreadable(mangler: Mangler, flow: Flow, cents: int) -> None:
    movement = mangler.bank.credit(flow, cents=cents, text=texts.cut_remittance(flow, mangler.dice))
    movement.code, movement.flow = UNREADABLE, None
    flow.credits.clear()


def _cut_two_flows_one_credit(mangler: Mangler, flow: Flow) -> None:
    """One transfer for two flows of the same PSP and day: only a person can say so."""
    total, half = flow.declared_cents, len(flow.lines) // 2
    other = mangler.press.flow(
        flow.body, flow.psp, flow.iban, flow.day, flow.lines[half:], progressive=min(9, flow.progressive + 1)
    )
    other.special = "own:half"
    flow.lines = flow.lines[:half]
    settle(flow)
    mangler.year.flows.append(other)
    _unreadable(mangler, flow, total)
    mangler.plant(WITHOUT_TREASURY, flow)
    mangler.plant(WITHOUT_TREASURY, other)


def _reversed_for_good(mangler: Mangler, flow: Flow) -> None:
    mangler.bank.reverse(mangler.bank.credit(flow))
    mangler.plant(WITHOUT_TREASURY, flow)


def _reversed_and_repeated(mangler: Mangler, flow: Flow) -> None:
    mangler.bank.reverse(mangler.bank.credit(flow))
    mangler.bank.credit(flow, days=2)


def _same_iuf_elsewhere(mangler: Mangler, flow: Flow) -> None:
    """The money of a body went, by its text, to the treasurer of another."""
    other = next(body for body in mangler.recipe.bodies if body is not flow.body)
    movement = mangler.bank.plain(
        other, other.accounts[0], flow.day, flow.declared_cents, texts.remittance(flow, mangler.dice),
        flow.psp.name.upper(),
    )  # fmt: skip
    movement.code, movement.special = WITHOUT_FLOW, True
    mangler.plant(WITHOUT_TREASURY, flow)


def _same_iuf_in_both(mangler: Mangler, flow: Flow) -> None:
    """A PSP gives two bodies flows of the same name: each with its own transfer."""
    twin = _twin(mangler, flow)
    assert twin is not None
    mangler.free.remove(twin)
    twin.special, twin.iuf = "same_iuf_in_both", flow.iuf


CASES = {
    "no_treasury": Case(_any, _no_treasury),
    "amount_differs": Case(_large, _amount_differs),
    "count_wrong": Case(_any, _count_wrong, own_credits=False),
    "line_dropped": Case(_droppable, _line_dropped, own_credits=False),
    "total_wrong": Case(_large, _total_wrong),
    "total_wrong_no_treasury": Case(_large, _total_wrong_no_treasury),
    "revision_drops_line": Case(_droppable, _revision_drops_line, own_credits=False),
    "revision": Case(_droppable, _revision, own_credits=False),
    "cut_other_amount": Case(_unique, _cut_other_amount),
    "cut_two_flows_one_credit": Case(_several, _cut_two_flows_one_credit),
    "reversed_for_good": Case(_any, _reversed_for_good),
    "reversed_and_repeated": Case(_any, _reversed_and_repeated),
    "second_transfer": Case(_large, _second_transfer),
    "second_transfer_missing": Case(_large, _second_transfer_missing),
    "same_iuf_elsewhere": Case(_any, _same_iuf_elsewhere),
    "same_iuf_in_both": Case(
        lambda mangler, flow: _twin(mangler, flow) is not None, _same_iuf_in_both, own_credits=False
    ),
    "cut_with_reference": Case(_any, _cut_with_reference),
    "cut_with_prefix": Case(_unique, _cut_with_prefix),
    "cut_in_the_tail": Case(_unique, _cut_in_the_tail),
}
