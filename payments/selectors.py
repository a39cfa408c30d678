"""Reads of payments that are worth a name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.crypto import constant_time_compare
from django_scopes import scopes_disabled

from payments.domain import outside
from payments.domain.masking import masked
from payments.domain.states import PAYABILITY_LABELS, SETTLED, STATE_LABELS, Payability, State
from payments.models import Instalment, OutsidePayment, PaymentOption, Position, Transfer
from payments.models.positions import UNKNOWN_DEBTOR
from portal.billing.models import Charge, ChargeLine
from portal.billing.socket import Standing
from portal.documents.readers import staff_may_read
from portal.entities.models import Entity, Role, StaffRole
from portal.words import said

BOOK_READERS = frozenset({Role.ACCOUNTANT, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Slip:
    """An instalment as it stands on a day: what it costs then and whether it can be paid."""

    instalment: Instalment
    cents: int
    payability: Payability
    outside: OutsidePayment | None = None  # how it was paid, when not with pagoPA

    @property
    def label(self) -> str:
        """The state as people read it."""
        return said(PAYABILITY_LABELS[self.payability])

    @property
    def can_be_paid(self) -> bool:
        """Whether "Paga adesso" makes sense now."""
        return self.payability is Payability.PAYABLE


@dataclass(frozen=True, slots=True)
class Way:
    """A way to pay: all at once, or by a plan."""

    option: PaymentOption
    slips: tuple[Slip, ...]

    @property
    def is_plan(self) -> bool:
        """Whether it is paid a piece at a time."""
        return self.option.kind == PaymentOption.Kind.PLAN

    @property
    def shown(self) -> tuple[Slip, ...]:
        """What is worth showing: of a way that was withdrawn, what had been paid."""
        if self.option.withdrawn_at is None:
            return self.slips
        return tuple(slip for slip in self.slips if slip.payability is Payability.PAID)


@dataclass(frozen=True, slots=True)
class PositionPage:
    """What a page shows of a position; `slip` is the instalment it is about, the others are in `ways`."""

    slip: Slip
    ways: tuple[Way, ...]
    lines: list[ChargeLine]

    @property
    def instalment(self) -> Instalment:
        """The instalment the page is about."""
        return self.slip.instalment

    @property
    def position(self) -> Position:
        """The position it belongs to."""
        return self.instalment.option.position

    @property
    def payability(self) -> Payability:
        """Whether the instalment the page is about can be paid, and why not."""
        return self.slip.payability

    @property
    def label(self) -> str:
        """The state as people read it: of the position, once money has come."""
        if self.position.state in SETTLED or self.position.state == State.PARTLY_PAID:
            return said(STATE_LABELS[State(self.position.state)])
        return self.slip.label

    @property
    def can_be_paid(self) -> bool:
        """Whether "Paga adesso" makes sense now."""
        return self.slip.can_be_paid

    @property
    def is_settled(self) -> bool:
        """Whether everything is paid."""
        return self.position.state in SETTLED

    @property
    def choices(self) -> tuple[Way, ...]:
        """The ways among which somebody may choose, or the plan they are paying; none for a plain notice."""
        ways = tuple(way for way in self.ways if way.shown)
        return ways if sum(len(way.shown) for way in ways) > 1 else ()

    @property
    def by_instalments(self) -> bool:
        """Whether the page is about one instalment of a plan that was begun, or that is the only way left."""
        others = (way for way in self.ways if not way.is_plan and way.option.withdrawn_at is None)
        begun = self.position.state == State.PARTLY_PAID
        return self.instalment.option.kind == PaymentOption.Kind.PLAN and (begun or not any(others))

    @property
    def only_on_line(self) -> bool:
        """A digital stamp is sold by the checkout alone: no counter takes it, and no notice is printed."""
        return any(row.stamp_hash for row in self.instalment.transfers.all())

    @property
    def has_notice(self) -> bool:
        """A cancelled position's notice must not be paid, and one with an amount that is no longer due would mislead:
        they are not offered any more.
        """
        stale = self.can_be_paid and self.slip.cents != self.instalment.amount_cents
        return State(self.position.state) is not State.CANCELLED and not self.only_on_line and not stale

    @property
    def another(self) -> Slip | None:
        """Another number by which the same debt can be paid at once, if there is one: the two amounts of a fine. Of a
        number that was withdrawn, the first to pay in its place.
        """
        if self.payability is Payability.WITHDRAWN:
            return next((slip for way in self.ways for slip in way.slips if slip.can_be_paid), None)
        if any(way.is_plan and way.option.withdrawn_at is None for way in self.ways):
            return None
        slips = (way.slips[0] for way in self.ways)
        return next((slip for slip in slips if slip.can_be_paid and slip is not self.slip), None)

    def slip_of(self, nav: str) -> Slip | None:
        """The instalment with that number, among those of this position."""
        slips = (slip for way in self.ways for slip in way.slips)
        return next((slip for slip in slips if slip.instalment.nav == nav), None)


@dataclass(frozen=True, slots=True)
class VisitorPage(PositionPage):
    """The same for whoever typed number and tax code: of the debtor, only what the holder of the notice recognises."""

    @property
    def label(self) -> str:
        """The state of the number that was typed."""
        return self.slip.label

    @property
    def debtor(self) -> str:
        """The debtor's name, masked."""
        return masked(self.position.debtor_name)


def reads_source(source: str, entity_id: int, roles: Sequence[StaffRole]) -> bool:
    """Whether roles open the papers of a position: the books' readers, and who works on what it pays for."""
    number = source.removeprefix("position:")
    position = Position.objects.filter(pk=number, entity_id=entity_id).select_related("charge").first()
    if position is None:
        return False
    if any(held.role in BOOK_READERS and held.entity_id == entity_id for held in roles):
        return True
    return staff_may_read(position.charge.source, entity_id=entity_id, roles=roles)


def position_page(charge: Charge, *, on: date) -> PositionPage | None:
    """The position of a charge that the caller may see; None when no position was made."""
    with scopes_disabled():
        rows = list(_instalments().filter(option__position__charge=charge))
        ways = _ways(rows, on=on, outside_of=_paid_outside(rows))
        lines = list(ChargeLine.objects.filter(charge=charge).order_by("seq"))
    return PositionPage(_headline(ways), ways, lines) if ways else None


def _headline(ways: Sequence[Way]) -> Slip:
    """The instalment to speak of first: one to pay, or else one that was paid."""
    slips = [slip for way in ways for slip in way.slips]
    paid = [slip for slip in slips if slip.payability is Payability.PAID]
    open_ = [slip for slip in slips if slip.can_be_paid]
    return (open_ or paid or slips)[0]


def standings(charges: Sequence[Charge], *, on: date) -> dict[int, Standing]:
    """How some charges stand on a day: the amount, the day and the hindrance of the instalment to speak of first."""
    with scopes_disabled():
        stamps = Transfer.objects.filter(instalment=OuterRef("pk")).exclude(stamp_hash="")
        rows = Instalment.objects.select_related("option__position").prefetch_related("dated_amounts")
        rows = rows.annotate(stamp=Exists(stamps))
        found = rows.filter(option__position__charge__in=charges).order_by("option", "number")
        by_charge: dict[int, list[Instalment]] = {}
        for row in found:
            by_charge.setdefault(row.option.position.charge_id, []).append(row)
    return {charge_id: _standing(_headline(_ways(mine, on=on))) for charge_id, mine in by_charge.items()}


def _standing(slip: Slip) -> Standing:
    row: Any = slip.instalment
    hindrance = "" if slip.can_be_paid else slip.label
    return Standing(slip.cents, row.due_on, hindrance, slip.cents == row.amount_cents and not row.stamp, row.nav)


def _instalments() -> QuerySet[Instalment]:
    rows = Instalment.objects.select_related("option__position__charge", "creditor__entity")
    return rows.prefetch_related("dated_amounts", "transfers").order_by("option", "number")


def _paid_outside(rows: Sequence[Instalment]) -> dict[int, OutsidePayment]:
    """How the paid ones were paid, of those that did not pass through pagoPA; nothing is asked while none is paid."""
    paid = [row.pk for row in rows if row.paid_at is not None]
    found = OutsidePayment.objects.filter(instalment__in=paid, state=outside.State.CONFIRMED, reverses=None)
    return {row.instalment_id: row for row in found if row.instalment_id} if paid else {}


def _ways(
    rows: Iterable[Instalment], *, on: date, outside_of: Mapping[int, OutsidePayment] = MappingProxyType({})
) -> tuple[Way, ...]:
    """The ways to pay one position, each with its instalments as they stand on a day."""
    found = list(rows)
    used = {row.option_id for row in found if row.paid_at is not None and row.option.withdrawn_at is None}
    ways: dict[PaymentOption, list[Slip]] = {}
    for row in found:
        verdict = row.payability(on, sibling_used=bool(used - {row.option_id}))
        other = outside_of.get(row.pk)
        cents = other.amount_cents if other else row.cents_shown(on)
        ways.setdefault(row.option, []).append(Slip(row, cents, verdict, other))
    return tuple(Way(option, tuple(slips)) for option, slips in ways.items())


def notice_of_debtor(*, nav: str, fiscal_code: str, entity: Entity | None) -> int | None:
    """The instalment with that number whose debtor has that tax code, of one body (of any, where no body is the
    face of the page).

    One query and one comparison whatever is found, so that the answer's time does not tell a wrong pair from a number
    nobody issued. An anonymous debtor's notice is never found.
    """
    with scopes_disabled():
        rows = Instalment.objects.filter(nav=nav)
        if entity is not None:
            rows = rows.filter(entity=entity)
        pairs = list(rows.order_by("pk").values_list("pk", "option__position__debtor_fiscal_code"))
    found = None
    for key, code in pairs or [(0, UNKNOWN_DEBTOR)]:
        if constant_time_compare(code.upper(), fiscal_code) and code != UNKNOWN_DEBTOR:
            found = key
    return found


def visitor_page(instalment_id: int, *, on: date) -> VisitorPage | None:
    """An instalment as a visitor sees it, read now; None when it is not there."""
    with scopes_disabled():
        rows = list(_instalments().filter(option__position__options__instalments=instalment_id))
        ways = _ways(rows, on=on, outside_of=_paid_outside(rows))
        slips = {slip.instalment.pk: slip for way in ways for slip in way.slips}
        if instalment_id not in slips:
            return None
        slip = slips[instalment_id]
        lines = list(ChargeLine.objects.filter(charge=slip.instalment.option.position.charge).order_by("seq"))
    return VisitorPage(slip, ways, lines)
