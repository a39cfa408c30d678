"""What a reporting flow says (flusso di rendicontazione), however it is written: one header, some payments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from payments.reconciliation.formats.findings import Finding, Severity

IUF = re.compile(r"[a-zA-Z0-9\-_]{1,35}")
REVOKED = 3
# Outcome codes of SACI 3.2.1 and their names in the REST API. The schema published with the XML knows only some.
OUTCOMES = {"EXECUTED": 0, "REVOKED": REVOKED, "STAND_IN": 4, "STAND_IN_NO_RPT": 8, "NO_RPT": 9}


@dataclass(frozen=True, slots=True)
class FlowHeader:
    """Header of a flow; amounts in cents. `published` is None for a file of the archive, which does not say either by
    which code the node knows the PSP. `psp_id` is the code of the sender, that all ways of writing a flow have.
    """

    iuf: str
    revision: int
    psp_id: str
    psp_name: str
    receiver: str
    regulation_id: str
    regulation_date: date
    bic: str
    created: datetime
    published: datetime | None
    declared_count: int
    declared_cents: int
    node_psp: str = ""


class FlowPayment(NamedTuple):
    """One payment of a flow: cents are negative when it is revoked."""

    seq: int
    iuv: str
    iur: str
    transfer: int
    cents: int
    outcome: int
    paid_on: date


@dataclass(slots=True)
class FlowReading:
    """A flow being read: once `payments` is exhausted, `count`, `cents` and `findings` are complete."""

    header: FlowHeader
    payments: Iterator[FlowPayment]
    findings: list[Finding] = field(default_factory=list)
    count: int = 0
    cents: int = 0
    # Revoked cents written without a minus; payments made that bring no money.
    revoked_as_paid: int = 0
    worthless: int = 0
    # A part of the document is missing: its end, some of its pages, or lines that cannot be read.
    cut: bool = False

    @property
    def whole(self) -> bool:
        """Nothing that the header declares is missing. Once `payments` is exhausted."""
        declared = (self.header.declared_count, self.header.declared_cents)
        return not self.cut or (self.count, self.cents) == declared

    def note(self, code: str, message: str, severity: Severity = Severity.FAULT) -> None:
        """Remember a remark."""
        self.findings.append(Finding(code, message, severity))

    def not_positive(self, payment: FlowPayment, written: int) -> None:
        """Remember a payment of no cents or less, and with which sign the document writes it."""
        if payment.outcome == REVOKED:
            self.revoked_as_paid += max(written, 0)
        else:
            self.worthless += 1

    def check_totals(self) -> None:
        """Compare what was read with what the header declares.

        Who writes revoked amounts without a minus may declare the sum of the lines as they are written: that is a total
        too, and is the one kept.
        """
        header = self.header
        if self.cents + 2 * self.revoked_as_paid == header.declared_cents:
            self.cents = header.declared_cents
        if self.worthless:
            message = f"{self.worthless} pagamenti eseguiti hanno un importo nullo o negativo."
            self.note("AMOUNT_NOT_POSITIVE", message)
        if self.count != header.declared_count:
            self.note("COUNT_WRONG", f"Il flusso dichiara {header.declared_count} pagamenti, ne contiene {self.count}.")
        if self.cents != header.declared_cents:
            self.note("TOTAL_WRONG", "La somma delle righe è diversa dal totale dichiarato dal flusso.")


def signed(cents: int, outcome: int) -> int:
    """SACI 1.4 wants revoked amounts negative, the schema wants them positive: both signs mean the same."""
    return -abs(cents) if outcome == REVOKED else cents
