"""Reads of fines that are worth a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django_scopes import scopes_disabled

from payments.domain import outside
from payments.domain.codes import grouped
from payments.domain.judgement import Anomaly
from payments.domain.states import SETTLED, Payability
from payments.domain.states import State as PositionState
from payments.fines.access import reads_fines
from payments.fines.domain.amounts import Amounts, amounts
from payments.fines.domain.phases import Phase, phase
from payments.fines.domain.rests import Decision, Shortfall, shortfall
from payments.fines.domain.stages import OWN_NUMBERS, SUSPENDED, DriverState, Stage
from payments.fines.domain.terms import Terms, terms
from payments.fines.law import law
from payments.fines.models import DriverData, Fine, FineRest
from payments.models import Instalment, OutsidePayment, Position, ReceiptCase
from payments.models.receipts import CaseState
from payments.selectors import PositionPage, Slip
from payments.services.receipts import paid_on
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
class PlanSection:
    """A plan as its debtor sees it: what was paid of it, and what is left to pay."""

    count: int
    paid_count: int
    paid_cents: int
    left_cents: int
    interest_cents: int


@dataclass(frozen=True, slots=True)
class FineSection:
    """A fine as its debtor sees it on a day."""

    fine: Fine
    phase: Phase
    terms: Terms | None
    amounts: Amounts
    parts: tuple[Part, ...]
    account: str
    today: Slip
    in_doubt: bool
    rest: FineRest | None
    plan: PlanSection | None = None

    @property
    def rest_open(self) -> bool:
        """Whether the difference that was asked for is still to be paid."""
        return bool(self.rest and self.rest.position and self.rest.position.state not in SETTLED)

    @property
    def today_cents(self) -> int:
        """The least that can be paid today."""
        return self.today.cents

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
        """Whether the owner still has to say who was driving: the way of paying makes no difference."""
        silent = SUSPENDED | {Stage.CANCELLED}
        return self.fine.driver == DriverState.MISSING and Stage(self.fine.stage) not in silent

    @property
    def shows_amounts(self) -> bool:
        """Whether the amounts of the act are those to pay: a plan, or a decision, takes their place."""
        return Stage(self.fine.stage) in OWN_NUMBERS

    @property
    def can_be_transferred(self) -> bool:
        """Whether a bank transfer is offered: for foreign plates, while there is something to pay."""
        open_ = self.phase not in {Phase.PAID, Phase.CANCELLED, Phase.APPEALED}
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
    payable = [slip for way in page.ways for slip in way.slips if slip.can_be_paid]
    today = min(payable, key=lambda slip: slip.cents, default=page.slip)
    doubt = paid and in_doubt(fine)
    rest = rest_of(fine) if paid else None
    asked = rest if rest and rest.decision == Decision.ASKED else None
    return FineSection(fine, now, due, found, _parts(fine, found), first.iban, today, doubt, asked, _plan(page, fine))


def _plan(page: PositionPage, fine: Fine) -> PlanSection | None:
    """The plan that was granted, or lost; what was paid of a lost one counts, its other instalments do not."""
    way = next((way for way in page.ways if way.is_plan and way.shown), None)
    if way is None:
        return None
    paid = [slip for slip in way.slips if slip.payability is Payability.PAID]
    open_ = [slip.cents for each in page.ways if each.option.withdrawn_at is None for slip in each.slips]
    still = sum(open_) - (sum(slip.cents for slip in paid) if way.option.withdrawn_at is None else 0)
    interest = sum(slip.instalment.amount_cents for slip in way.slips) - fine.min_cents - fine.sanction.costs_cents
    return PlanSection(len(way.slips), len(paid), sum(slip.cents for slip in paid), max(0, still), interest)


def in_doubt(fine: Fine) -> bool:
    """Whether the office still has to say if a payment after the term was enough."""
    with scopes_disabled():
        if late_cases(fine).filter(state=CaseState.TO_REVIEW).exists():
            return True
        return _paid_outside(fine) is not None and missing(fine) is not None


def late_cases(fine: Fine) -> QuerySet[ReceiptCase]:
    """Receipts that settled a fine after the term of its amount."""
    cases = ReceiptCase.objects.filter(instalment__option__position=fine.position_id, settles=True)
    return cases.filter(anomalies__contains=[Anomaly.LATE.value]).select_related("receipt").defer("receipt__raw")


def rest_of(fine: Fine) -> FineRest | None:
    """What was decided about a fine paid too little, last and still holding: a difference whose position was cancelled
    does not, nor that a payment taken back since then was enough.
    """
    with scopes_disabled():
        reversals = OutsidePayment.objects.filter(position=fine.position_id, reverses__isnull=False)
        taken_back = reversals.filter(state=outside.State.CONFIRMED, decided_at__gt=OuterRef("decided_at"))
        rows = FineRest.objects.filter(fine=fine).select_related("position__charge")
        rows = rows.exclude(Q(decision=Decision.ACCEPTED) & Exists(taken_back))
        return rows.exclude(position__state=PositionState.CANCELLED).first()


def rest_keeps(position: Position) -> str:
    """Why a payment of a fine is not taken back: the difference that is asked for counts on it. Empty when none is."""
    fine = Fine.objects.filter(position=position).first()
    rest = rest_of(fine) if fine else None
    if rest is None or rest.position is None:
        return ""
    words = f"La differenza di questa multa, avviso {grouped(rest.position.charge.notice_number)}, "
    if rest.position.state in SETTLED:
        return words + "è stata pagata contando su questo pagamento: storna prima quella, se non è passata da pagoPA."
    return words + "è stata chiesta contando su questo pagamento: annulla prima quella."


def missing(fine: Fine) -> Shortfall | None:
    """What is missing of a paid fine, while nobody has decided about it; None when it was enough, nobody knows the
    day of service, or a plan or a decision took the place of the fine's amounts.
    """
    due = terms_of(fine)
    with scopes_disabled():
        if due is None or Stage(fine.stage) not in OWN_NUMBERS or rest_of(fine) is not None:
            return None
        case = late_cases(fine).first()
        other = None if case else _paid_outside(fine)
        if case is not None:
            on, paid = paid_on(case.receipt), case.receipt.amount_cents
        elif other is not None:
            on, paid = other.credited_on, other.amount_cents
        else:
            return None
        if case is not None and case.state != CaseState.TO_REVIEW and not _was_asked(fine):
            return None  # somebody has already said that it was enough
    return shortfall(amounts_of(fine), due, paid_on=on, paid=paid)


def _was_asked(fine: Fine) -> bool:
    return FineRest.objects.filter(fine=fine, decision=Decision.ASKED).exists()


def _paid_outside(fine: Fine) -> OutsidePayment | None:
    """What settled a fine outside pagoPA to the cent of its day, as that was known then."""
    rows = OutsidePayment.objects.filter(position=fine.position_id, state=outside.State.CONFIRMED, reverses=None)
    return rows.filter(as_balance=False).first()


@dataclass(frozen=True, slots=True)
class RestSection:
    """The difference of a fine as its debtor sees it."""

    rest: FineRest
    fine: Fine
    account: str
    can_be_transferred: bool


def rest_section(page: PositionPage, on: date) -> RestSection:
    """The difference of a position's page."""
    with scopes_disabled():
        rest = FineRest.objects.select_related("fine__position__charge").get(position=page.position)
    account = next(iter(page.instalment.transfers.all())).iban
    return RestSection(rest, rest.fine, account, bool(rest.fine.reference) and page.can_be_paid)


@dataclass(frozen=True, slots=True)
class FineOfCase:
    """A fine beside the odd receipt that paid it."""

    fine: Fine
    missing: Shortfall | None
    rest: FineRest | None


def fine_of_case(position: Position) -> FineOfCase | None:
    """The fine of a receipt's position, with what is missing and what was decided."""
    fine = Fine.objects.filter(position=position).first()
    return FineOfCase(fine, missing(fine), rest_of(fine)) if fine else None


def _parts(fine: Fine, found: Amounts) -> tuple[Part, ...]:
    off = found.discounted
    sanction = Part(
        _("Sanzione"), None if off is None else off - found.costs, found.reduced - found.costs, found.late - found.costs
    )
    rows = [sanction]
    for label, cents in (
        (_("Spese di procedura e notifica"), fine.costs_cents),
        (_("Costo di notifica SEND"), fine.send_fee_cents),
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
        own = Q(option__position__fine__plate=plate) & ~Q(option__position__fine__reference="")
        rest = Q(option__position__fine_rest__fine__plate=plate)
        rest &= ~Q(option__position__fine_rest__fine__reference="")
        return Instalment.objects.filter(own | rest, nav=nav).values_list("pk", flat=True).first()


def reads_fine_source(source: str, entity_id: int, roles: Sequence[StaffRole]) -> bool:
    """Whether roles open the papers of a fine."""
    return reads_fines(roles, entity_id=entity_id)
