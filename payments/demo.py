"""Invented codes of the demonstration: the seeds write them, the node of the sandbox routes by them."""

from dataclasses import dataclass
from typing import Final

CONFIRMED_BY: Final = "dimostrativo"
SOURCE: Final = "dimostrativo"
# The segregation code of the body that also publishes through GPD.
GPD_CODE: Final = 12


@dataclass(frozen=True, slots=True)
class DemoCreditor:
    """A body of the demonstration on its own station. Accounts and CBILL are invented; tax codes are public."""

    fiscal_code: str
    cbill: str
    segregation_code: int
    iban: str
    postal_iban: str
    postal_account: str
    second_code: int | None = None

    @property
    def station(self) -> str:
        """The body is its own broker."""
        return f"{self.fiscal_code}_01"

    @property
    def second_station(self) -> str:
        """The one of the numbers with the second segregation code."""
        return f"{self.fiscal_code}_02"

    def station_of(self, nav: str) -> str:
        """Where the node looks for a number: its segregation code says so."""
        second = self.second_code is not None and nav[1:3] == f"{self.second_code:02d}"
        return self.second_station if second else self.station


CREDITORS: Final = (
    DemoCreditor("80000410508", "DEMO1", 1, "IT60X0542811101000000123456", "IT46Y0760114000000000111111", "111111"),
    DemoCreditor(
        "80016450480", "DEMO2", 2, "IT07X0542811101000000654321", "IT93Y0760102800000000222222", "222222", GPD_CODE
    ),
    DemoCreditor("80011010495", "DEMO3", 3, "IT64X0542811101000000987654", "IT60Y0760113900000000333333", "333333"),
)


def creditor(fiscal_code: str) -> DemoCreditor | None:
    """The body with that tax code, None for a body outside the demonstration."""
    return next((row for row in CREDITORS if row.fiscal_code == fiscal_code), None)


@dataclass(frozen=True, slots=True)
class DemoKind:
    """A kind of debt of the demonstration; the taxonomy code is invented and says so."""

    code: str
    description: str
    taxonomy_code: str


KINDS: Final = (
    DemoKind("TE_ISTRUTTORIA", "Trasporti eccezionali - oneri di istruttoria", "DEMO01TS"),
    DemoKind("TE_BOLLO", "Imposta di bollo assolta in modo virtuale", "DEMO02TS"),
    DemoKind("TE_USURA", "Trasporti eccezionali - indennizzo per maggiore usura", "DEMO03TS"),
)
