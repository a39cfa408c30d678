"""Reads of fines that are worth a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django_scopes import scopes_disabled

from payments.domain.judgement import Anomaly
from payments.domain.states import SETTLED
from payments.fines.access import reads_fines
from payments.fines.domain.amounts import Amounts, amounts
from payments.fines.domain.phases import Phase, phase
from payments.fines.domain.stages import DriverState, Stage
from payments.fines.domain.terms import Terms, terms
from payments.fines.law import law
from payments.fines.models import DriverData, Fine
from payments.models import Instalment, ReceiptCase
from payments.models.receipts import CaseState
from payments.selectors import PositionPage
from portal.billing.models import Charge
from portal.entities.models import StaffRole


@dataclass(frozen=True, slots=True)
class Part:
    """A row of the breakdown: what it is, and what it is worth in each of the three amounts."""

    label: str
    discounted: int | None
    reduced: int
    late: int


@dataclass(frozen=True, slots=True)
class FineSection:
    """A fine as its debtor sees it on a day."""

    fine: Fine
    phase: Phase
    terms: Terms | None
    amounts: Amounts
    parts: tuple[Part, ...]
    account: str
    today_cents: int
    in_doubt: bool

    @property
    def discounted_until(self) -> date | None:
        """The last day of the discount, once the day of service is known."""
        return self.terms.discounted_until if self.terms else None

    @property
    def reduced_until(self) -> date | None:
        """The last day of the reduced amount, once the day of service is known."""
        return self.terms.reduced_until if self.terms else None

    @property
    def asks_driver(self) -> bool:
        """Whether the owner still has to say who was driving."""
        return self.fine.driver == DriverState.MISSING and self.fine.stage == Stage.OPEN

    @property
    def can_be_transferred(self) -> bool:
        """Whether a bank transfer is offered: for foreign plates, while there is something to pay."""
        open_ = self.phase in {Phase.UNKNOWN, Phase.DISCOUNT, Phase.REDUCED, Phase.LATE}
        return bool(self.fine.reference) and open_


def terms_of(fine: Fine) -> Terms | None:
    """The terms of a fine; None while nobody knows when it was served."""
    return terms(fine.served_on, law=law(), on=fine.violated_on) if fine.served_on else None


def amounts_of(fine: Fine) -> Amounts:
    """The three sums of a fine."""
    return amounts(fine.sanction, law=law(), on=fine.violated_on)


def fine_section(page: PositionPage, on: date) -> FineSection:
    """The fine of a position's page."""
    with scopes_disabled():
        fine = Fine.objects.get(position=page.position)
    due, found = terms_of(fine), amounts_of(fine)
    paid = page.position.state in SETTLED
    now = phase(stage=Stage(fine.stage), paid=paid, due=due, discountable=fine.discountable, on=on)
    first = min(page.instalment.transfers.all(), key=lambda row: row.seq)
    payable = [slip.cents for way in page.ways for slip in way.slips if slip.can_be_paid]
    today = min(payable, default=page.slip.cents)
    return FineSection(fine, now, due, found, _parts(fine, found), first.iban, today, paid and in_doubt(fine))


def in_doubt(fine: Fine) -> bool:
    """Whether the office still has to say if a payment after the term was enough."""
    with scopes_disabled():
        cases = ReceiptCase.objects.filter(instalment__option__position=fine.position_id, settles=True)
        return cases.filter(state=CaseState.TO_REVIEW, anomalies__contains=[Anomaly.LATE.value]).exists()


def _parts(fine: Fine, found: Amounts) -> tuple[Part, ...]:
    off = found.discounted
    sanction = Part(
        "Sanzione", None if off is None else off - found.costs, found.reduced - found.costs, found.late - found.costs
    )
    rows = [sanction]
    for label, cents in (
        ("Spese di procedura e notifica", fine.costs_cents),
        ("Costo di notifica SEND", fine.send_fee_cents),
    ):
        if cents:
            rows.append(Part(label, None if off is None else cents, cents, cents))
    return tuple(rows)


def fine_of_charge(charge: Charge) -> Fine | None:
    """The fine a charge the caller may see asks for; None for other charges."""
    with scopes_disabled():
        rows = Fine.objects.select_related("position__charge", "entity")
        return rows.filter(position__charge=charge).first()


def driver_data_of(fine: Fine) -> DriverData | None:
    """What was declared about the driver."""
    with scopes_disabled():
        return DriverData.objects.filter(fine=fine).first()


def foreign_notice(*, nav: str, plate: str) -> int | None:
    """The instalment with that number of a fine to that foreign plate: who has no codice fiscale knows these two."""
    with scopes_disabled():
        rows = Instalment.objects.filter(nav=nav, option__position__fine__plate=plate)
        return rows.exclude(option__position__fine__reference="").values_list("pk", flat=True).first()


def reads_fine_source(source: str, entity_id: int, roles: Sequence[StaffRole]) -> bool:
    """Whether roles open the papers of a fine."""
    return reads_fines(roles, entity_id=entity_id)
