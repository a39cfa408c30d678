"""The two sides of the socket. A service asks with `request_charge`; a biller (payments) answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from portal.billing.models import Charge
from portal.documents.models import Document

# How pagoPA names a debtor whose codice fiscale is not known.
ANONYMOUS = "ANONIMO"


@dataclass(frozen=True, slots=True)
class ChargeLineDraft:
    """An item to be asked for. `debt_kind` names the kind of debt (accounts, taxonomy) the biller knows.

    A digital stamp also carries the SHA-256 (hex) of the document to be stamped and the payer's province (two letters).
    """

    code: str
    description: str
    cents: int
    debt_kind: str
    stamp_digest: str = ""
    stamp_province: str = ""


@dataclass(frozen=True, slots=True)
class PlannedInstalment:
    """One instalment of a plan the payer may choose instead of paying all at once."""

    cents: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Payer:
    """Who owes: kind F (person) or G (company), as on a pagoPA position, and where they live if it is known."""

    kind: str
    fiscal_code: str
    name: str
    email: str = ""
    street: str = ""
    civic: str = ""
    postal_code: str = ""
    city: str = ""
    province: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class ChargeDraft:
    """One of many charges asked for together: see `request_charges_in_bulk`."""

    source: str
    payer: Payer
    description: str
    lines: tuple[ChargeLineDraft, ...]
    due_on: date | None
    handler: str


@dataclass(frozen=True, slots=True)
class OpenedCharge:
    notice_number: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a charge stands on a day: what it costs then and until when. `hindrance` says why nobody can pay it."""

    cents: int
    due_on: date | None
    hindrance: str = ""
    # Whether there is a printed notice that still says what is due.
    printed: bool = True
    # The number to pay, when it is not the one that the charge was asked with.
    notice_number: str = ""


class Biller(Protocol):
    """Who turns charges into positions that can be paid."""

    def open(self, charge: Charge, *, payer: Payer, plan: Sequence[PlannedInstalment]) -> OpenedCharge:
        """Make the position, in the caller's transaction. With a plan it can be paid all at once or by the plan."""

    def cancel(self, charge: Charge) -> None:
        """Take the position back. Raises DomainError when it was paid."""

    def page_url(self, charge: Charge) -> str:
        """The citizen's page of the position (path)."""

    def standings(self, charges: Sequence[Charge], *, on: date) -> Mapping[int, Standing]:
        """How charges stand on a day, by their id; as many queries for one as for many."""

    def public_url(self) -> str:
        """The page where anybody pays a notice without logging in (path)."""

    def unasked_url(self) -> str:
        """The page where anybody pays something they were not asked for (path)."""

    def notice_document(self, charge: Charge) -> Document | None:
        """The printable notice."""

    def receipt_document(self, charge: Charge) -> Document | None:
        """The receipt, once paid."""


_billers: list[Biller] = []


def register_biller(biller: Biller) -> None:
    """Called once, in AppConfig.ready of the package that bills."""
    _billers[:] = [biller]


def biller() -> Biller:
    """The registered biller; without one the installation cannot ask for money, and says so."""
    if not _billers:
        raise LookupError("no biller is registered: is the payments app installed?")
    return _billers[0]


def public_payment_url() -> str:
    """Where anybody pays a notice; empty in an installation that asks for no money."""
    return _billers[0].public_url() if _billers else ""


def unasked_payment_url() -> str:
    """Where anybody pays without an avviso; empty in an installation that asks for no money."""
    return _billers[0].unasked_url() if _billers else ""


def standings(charges: Sequence[Charge], *, on: date) -> Mapping[int, Standing]:
    """How charges stand on a day: what was asked, where the biller does not know better."""
    asked = {row.pk: Standing(row.amount_cents, row.due_on) for row in charges}
    return asked | dict(biller().standings(charges, on=on)) if charges else asked
