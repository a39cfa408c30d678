"""One form for every row of money, whatever document of the treasury it was read in."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from payments.reconciliation.formats.findings import Finding, Severity


class Suspended(NamedTuple):
    """A provisional credit quoted by a collection order (sospeso): its number and cents."""

    number: str
    cents: int


class Movement(NamedTuple):
    """One movement of an account. Amounts in cents, with the sign of the document; numbers without padding.

    `year` is None where the document has one year for all (esercizio).
    """

    account: str
    direction: str
    document_type: str
    operation: str
    document_number: str
    progressive: str
    movement_number: str
    cents: int
    booked_on: date
    value_on: date | None
    suspended_on: date | None
    execution_type: str
    receipt_number: str
    operation_reference: str
    end_to_end: str
    customer: str
    remittance: str
    suspended: tuple[Suspended, ...] = ()
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """Opening, in, out and closing cents of an account or of a whole document; None where not declared."""

    account: str
    description: str
    opening: int | None
    income: int | None
    expense: int | None
    closing: int | None
    iban: str = ""


@dataclass(slots=True)
class Paper:
    """A document of the treasury as it is loaded: what it is, what it says of accounts, its movements."""

    layout: str
    source: str
    year: int
    day_from: date
    day_to: date
    treasurer_code: str = ""
    journal_id: str = ""
    page: int = 1
    pages: int = 1
    totals: Balance | None = None
    balances: list[Balance] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    # Codes of the bodies that its rows name, where they do.
    owners: frozenset[str] = frozenset()
    # False when its end is missing.
    whole: bool = True

    def note(self, code: str, message: str, severity: Severity = Severity.FAULT) -> None:
        """Remember a remark."""
        self.findings.append(Finding(code, message, severity))
