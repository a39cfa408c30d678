"""What a permit costs: dated rates, and the wear indemnity when the mass limits are exceeded. Pure.

Amounts are integer cents; unit rates are Decimal. Each item is rounded once, half up, to the cent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from exceptional_transport.domain.terms import PermitKind
from portal.kernel.errors import DomainError

# (code, words on the notice, kind of debt the accounts know)
BASE_ITEMS = (
    ("stamp_duty_application", "Imposta di bollo sulla domanda", "TE_BOLLO"),
    ("stamp_duty_permit", "Imposta di bollo sull'autorizzazione", "TE_BOLLO"),
    ("processing_fee", "Oneri di istruttoria trasporti eccezionali", "TE_ISTRUTTORIA"),
)
WEAR_CODE = "wear_indemnity"
WEAR_DEBT = "TE_USURA"


@dataclass(frozen=True, slots=True)
class Rate:
    """A fixed amount in force between two dates."""

    code: str
    cents: int
    valid_from: date
    valid_to: date | None
    source: str
    confirmed_by: str


@dataclass(frozen=True, slots=True)
class Item:
    code: str
    description: str
    cents: int
    debt_kind: str


@dataclass(frozen=True, slots=True)
class WearTable:
    """An approved table: unit amounts by total mass (`brackets`: up to kg -> euro), revalued by `multiplier`.

    Unit amounts are euro per km for single and multiple permits, euro per year for periodic ones.
    """

    name: str
    multiplier: Decimal
    brackets: Mapping[int, Decimal]

    def unit(self, mass_kg: int) -> Decimal:
        """Unit amount of the first bracket that holds the mass. Raises DomainError beyond the last one."""
        for up_to in sorted(self.brackets):
            if mass_kg <= up_to:
                return self.brackets[up_to]
        text = "La tabella «%(table)s» non prevede una massa di %(mass)s kg."
        raise DomainError("wear_mass_uncovered", text, table=self.name, mass=mass_kg)


def to_cents(euro: Decimal) -> int:
    """Cents, rounded half up."""
    return int((euro * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def analytic_cents(*, unit: Decimal, metres: int, trips: int, multiplier: Decimal) -> int:
    """I = U x L for every trip (art. 18 DPR 495/1992), revalued. `unit` is euro per km."""
    return to_cents(unit * metres / 1000 * trips * multiplier)


def conventional_cents(*, base: Decimal, multiplier: Decimal) -> int:
    """The yearly amount of a periodic permit, revalued."""
    return to_cents(base * multiplier)


def split_cents(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Share a sum among bodies by weight: largest remainder, ties to the lower code. The parts sum to the total."""
    whole = sum(weights.values())
    if whole <= 0:
        raise ValueError("nothing to share by")
    shares = {code: total * weight // whole for code, weight in weights.items()}
    order = sorted(weights, key=lambda code: (-(total * weights[code] % whole), code))
    for code in order[: total - sum(shares.values())]:
        shares[code] += 1
    return shares


def rate_on(rates: Iterable[Rate], code: str, *, on: date) -> Rate:
    """The confirmed rate of a day. Raises DomainError: rate_missing, rate_unconfirmed."""
    found = [r for r in rates if r.code == code and r.valid_from <= on and (r.valid_to is None or on <= r.valid_to)]
    if not found:
        text = "Manca la tariffa «%(rate)s» in vigore il %(day)s."
        raise DomainError("rate_missing", text, rate=code, day=f"{on:%d/%m/%Y}")
    rate = max(found, key=lambda each: each.valid_from)
    if not rate.confirmed_by:
        raise DomainError("rate_unconfirmed", "La tariffa «%(rate)s» attende la conferma dell'ufficio.", rate=code)
    return rate


def base_items(rates: Sequence[Rate], *, on: date) -> list[Item]:
    """Stamp duty and processing fee, due on every permit. Raises DomainError when a rate is missing."""
    return [Item(code, words, rate_on(rates, code, on=on).cents, debt) for code, words, debt in BASE_ITEMS]


def wear_item(*, kind: PermitKind, mass_kg: int, metres: int, trips: int | None, table: WearTable | None) -> Item:
    """The wear indemnity of a convoy over the limits of art. 62. Raises DomainError wear_table_missing."""
    if table is None:
        raise DomainError(
            "wear_table_missing",
            "Il complesso supera le masse dell'art. 62 del codice della strada e l'indennizzo per la maggiore usura "
            "non si può calcolare: manca una tabella approvata per la data di oggi.",
        )
    unit = table.unit(mass_kg)
    if kind is PermitKind.PERIODIC:
        cents = conventional_cents(base=unit, multiplier=table.multiplier)
    else:
        cents = analytic_cents(unit=unit, metres=metres, trips=trips or 1, multiplier=table.multiplier)
    return Item(WEAR_CODE, "Indennizzo per la maggiore usura della strada", cents, WEAR_DEBT)
