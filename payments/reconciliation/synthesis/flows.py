"""The flows: one for each PSP, account and day of settlement, some of them in several pieces. Pure."""

from collections import defaultdict
from datetime import date
from random import Random

from payments.reconciliation.synthesis.days import plus, settled_on
from payments.reconciliation.synthesis.world import Body, Flow, Line, Payment, Psp, Year

SPLIT_SHARE = 0.03
REVOKED = 3
Group = tuple[str, str, str, date]


class Press:
    """Numbers the flows of a year."""

    def __init__(self, seed: int, dice: Random) -> None:
        self.dice, self.number = dice, seed % 900 * 100_000

    def flow(self, body: Body, psp: Psp, iban: str, day: date, lines: list[Line], progressive: int = 0) -> Flow:
        """A flow of these lines, with its own identifiers; totals as they are."""
        self.number += 1
        made = Flow(
            body=body, psp=psp, iban=iban, iuf=self.iuf(psp, day), day=day, progressive=progressive,
            regulation_id=f"TRN{day:%Y%m%d}{self.number:012d}", lines=lines, json=psp.json, published_on=plus(day, 1),
        )  # fmt: skip
        settle(made)
        return made

    def iuf(self, psp: Psp, day: date) -> str:
        """An identifier in the manner of the PSP."""
        if psp.hexadecimal:
            return f"{self.dice.getrandbits(128):032x}"
        if psp.code[4:6] in {"05", "10", "15"}:
            hour, minute, second = self.dice.randrange(24), self.dice.randrange(60), self.number % 60
            return f"{day}{psp.code}-{hour:02d}_{minute:02d}_{second:02d}_{self.number % 1000:03d}"
        return f"{day}{psp.code}-{self.number:08d}"


def settle(flow: Flow) -> None:
    """Number the lines and declare their totals."""
    for seq, line in enumerate(flow.lines, start=1):
        line.flow, line.seq = flow, seq
    flow.declared_count, flow.declared_cents = len(flow.lines), flow.computed_cents


def make_flows(year: Year, press: Press) -> None:
    """Every payment that was reported, in the flow of its PSP, account and day; then the revocations."""
    groups: defaultdict[Group, list[Line]] = defaultdict(list)
    for payment in sorted(year.payments, key=lambda each: (each.paid_at, each.receipt_id)):
        if payment.reported and not payment.alone:
            for line in _lines(payment):
                payment.lines.append(line)
                key = (payment.body.fiscal_code, payment.psp.code, line.iban, settled_on(payment.paid_at))
                groups[key].append(line)
    for key in sorted(groups, key=lambda each: (each[3], each[:3])):
        lines = groups[key]
        first = lines[0].payment
        for progressive, some in enumerate(_pieces(lines, press.dice)):
            year.flows.append(press.flow(first.body, first.psp, key[2], key[3], some, progressive))
    _revoke(year, press.dice)


def _lines(payment: Payment) -> list[Line]:
    return [
        Line(payment, part.seq, part.cents + payment.line_delta, payment.outcome, part.iban) for part in payment.own
    ]


def _pieces(lines: list[Line], dice: Random) -> list[list[Line]]:
    """Now and then the transfers of a day are more than one: an ordinary flow and some more, numbered from 1 to 9."""
    if len(lines) < 2 or dice.random() >= SPLIT_SHARE:
        return [lines]
    count = min(len(lines), dice.choice((2, 2, 2, 3, 4, 10)))
    return [lines[place::count] for place in range(count)]


def _revoke(year: Year, dice: Random) -> None:
    """A payment is taken back in a later flow of its PSP, large enough to bear it."""
    by_psp: defaultdict[tuple[str, str, str], list[Flow]] = defaultdict(list)
    for flow in year.flows:
        by_psp[flow.body.fiscal_code, flow.psp.code, flow.iban].append(flow)
    taken: set[int] = set()
    for payment in [each for each in year.payments if each.revoked]:
        chosen = _revocable(payment, by_psp, taken) or _another(year, by_psp, taken, dice)
        line, later = chosen
        taken.add(id(later))
        revocation = Line(line.payment, line.transfer, -line.cents, REVOKED, line.iban)
        later.lines.append(revocation)
        settle(later)
        year.plant("revoked", revocation)


def _another(
    year: Year, by_psp: dict[tuple[str, str, str], list[Flow]], taken: set[int], dice: Random
) -> tuple[Line, Flow]:
    """When nothing follows a payment, another one is revoked in its place."""
    flows = [flow for flow in year.flows if len(by_psp[flow.body.fiscal_code, flow.psp.code, flow.iban]) > 3]
    for _ in range(10_000):
        payment = dice.choice(dice.choice(flows).lines).payment
        if payment.spoilt or len(payment.lines) != 1:
            continue
        found = _revocable(payment, by_psp, taken)
        if found:
            payment.spoilt = True
            return found
    raise ValueError("no room for a revocation")


def _revocable(
    payment: Payment, by_psp: dict[tuple[str, str, str], list[Flow]], taken: set[int]
) -> tuple[Line, Flow] | None:
    line = payment.lines[0]
    assert line.flow is not None
    for flow in by_psp[payment.body.fiscal_code, payment.psp.code, line.iban]:
        if flow.day > line.flow.day and flow.computed_cents > line.cents and id(flow) not in taken:
            return line, flow
    return None
