"""How much of everything: the parameters of a made-up year. Rates are assumptions, not measures. Pure."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from payments.demo import CREDITORS
from payments.reconciliation.synthesis.world import Account, Body, Psp

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
YEAR_NOTICES = 84_000
# Fewer would not have a case of each kind.
LEAST_NOTICES = 450
FINES_SHARE = 76 / 84
FINES_PAID, OTHERS_PAID = 0.68, 0.86
# Of the paid fines: within five days, from the sixth to the sixtieth, later.
RUSH, MIDDLE = 0.62, 0.31
BIG_PSPS = (24, 16, 11, 10, 8, 6, 5, 5)
PSPS, TAIL_WEIGHT = 30, 15
UNRELATED_A_DAY = 30
# The second body is a small one.
SECOND_BODY_SHARE = 0.03

# What goes wrong, by payment and by flow; each kind has a minimum of cases whatever the scale;
# those for which few payments fit come first.
PAYMENT_FAULTS = {
    "paid_late_too_little": 0.0005,
    "executed_without_receipt": 0.0010,
    "stand_in_without_receipt": 0.0005,
    "no_rpt_without_receipt": 0.0020,
    "stand_in_no_rpt_without_receipt": 0.0010,
    "not_reported": 0.0010,
    "amount_differs": 0.0007,
    "duplicate": 0.0008,
    "duplicate_without_receipt": 0.0003,
    "duplicate_not_reported": 0.0003,
    "duplicate_of_unreported": 0.0003,
    "both_options": 0.0005,
    "unknown_notice": 0.0008,
    "unknown_without_receipt": 0.0004,
    "unknown_not_reported": 0.0003,
    "other_intermediary": 0.0010,
    "discount_too_late": 0.0006,
    "a_little_less": 0.0003,
    "after_cancel": 0.0006,
    "after_cancel_amount_differs": 0.0002,
    "revoked": 0.0005,
}
# What looks wrong and is not.
PAYMENT_ODDITIES = {
    "stand_in_with_receipt": 0.0010,
    "no_rpt_with_receipt": 0.0010,
    "share_of_other_body": 0.0015,
    "single_transfer": 0.0010,
}
FLOW_FAULTS = {
    "no_treasury": 0.004,
    "amount_differs": 0.003,
    "count_wrong": 0.001,
    "line_dropped": 0.001,
    "total_wrong": 0.001,
    "total_wrong_no_treasury": 0.0005,
    "revision_drops_line": 0.001,
    "cut_other_amount": 0.001,
    "cut_two_flows_one_credit": 0.0005,
    "reversed_for_good": 0.001,
    "second_transfer_missing": 0.0005,
    "same_iuf_elsewhere": 0.0005,
}
FLOW_ODDITIES = {
    "second_transfer": 0.002,
    "revision": 0.002,
    "cut_with_reference": 0.002,
    "cut_with_prefix": 0.002,
    "cut_in_the_tail": 0.001,
    "reversed_and_repeated": 0.001,
    "same_iuf_in_both": 0.001,
}
TREASURY_WITHOUT_FLOW = 0.004
SINGLE_WITHOUT_RECEIPT = 0.0005
FOREIGN_TRANSFERS = 0.004
OUTSIDE_TAKEN_BACK = 0.0004
REVERSALS_ALONE = 0.0004
# Of each body.
JOURNALS_LOST, JOURNALS_WITHOUT_A_PAGE, JOURNALS_IN_PAGES = 2, 1, 1


def _psps() -> tuple[Psp, ...]:
    tail = [1 / rank for rank in range(1, PSPS - len(BIG_PSPS) + 1)]
    weights = [float(each) for each in BIG_PSPS] + [TAIL_WEIGHT * each / sum(tail) for each in tail]
    return tuple(
        Psp(
            code=f"PROV{number:02d}ITXXX",
            name=f"Prestatore di prova {number:02d}",
            weight=weight,
            json=number % 2 == 1,
            hexadecimal=number in {6, 17},
        )
        for number, weight in enumerate(weights, start=1)
    )


@cache
def bodies_of(seed: int) -> tuple[Body, ...]:
    """Two bodies of the demonstration. Each seed has its own treasurers, so that years can stand beside one another."""
    names = (("PI", "Provincia di Pisa", "1.6+"), ("FI", "Città metropolitana di Firenze", "1.4"))
    return tuple(
        Body(
            fiscal_code=creditor.fiscal_code,
            code=code,
            name=name,
            segregation=creditor.segregation_code,
            treasurer_code=f"{seed % 90_000 + 1:05d}{number:02d}",
            accounts=(
                Account("0000100", "CONTO DI TESORERIA", creditor.iban),
                Account("0000200", "CONTO CORRENTE POSTALE", creditor.postal_iban),
            ),
            layout=layout,
        )
        for number, (creditor, (code, name, layout)) in enumerate(zip(CREDITORS[:2], names, strict=True), start=1)
    )


PSP_LIST = _psps()


@dataclass(frozen=True, slots=True)
class Recipe:
    """Seed, period and size. `scale` 1 is a year of a middle-sized province."""

    seed: int
    scale: float = 1.0
    first: date = FIRST
    last: date = LAST
    minimum: int = 2

    @property
    def bodies(self) -> tuple[Body, ...]:
        """Whose year it is."""
        return bodies_of(self.seed)

    @property
    def part_of_year(self) -> float:
        """How much of a year the period is."""
        return ((self.last - self.first).days + 1) / 365

    @property
    def notices(self) -> int:
        """How many positions, of all bodies."""
        return max(LEAST_NOTICES, round(YEAR_NOTICES * self.scale * self.part_of_year))

    def unrelated_a_day(self, body: Body) -> int:
        """Rows of the treasury of a body a day that are no business of pagoPA."""
        share = 1 - SECOND_BODY_SHARE if body is self.bodies[0] else SECOND_BODY_SHARE
        return max(2, round(UNRELATED_A_DAY * min(1.0, self.scale) * share))

    def psps(self, body: Body) -> tuple[Psp, ...]:
        """Who takes the payments of a body: all PSPs for a large one, the larger PSPs for a small one."""
        return PSP_LIST if self.scale >= 0.2 and body is self.bodies[0] else PSP_LIST[: len(BIG_PSPS)]

    def count(self, rate: float, of: int) -> int:
        """How many cases of a kind."""
        return max(self.minimum, round(rate * of))
