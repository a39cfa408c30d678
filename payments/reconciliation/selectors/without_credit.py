"""Transfers recorded as payments outside pagoPA without saying which credit of the treasury brought them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from django.db.models import F, Q, QuerySet

from payments.domain.outside import How
from payments.fines.models import Fine
from payments.models import OutsidePayment
from payments.reconciliation.models import TreasuryMovement
from payments.reconciliation.selectors.linking import linkable_movements
from payments.reconciliation.services.shares import HELD, free_cents

MOST = 50
CANDIDATES = 5
# The bank may book the credit some days before or after the day that was written.
BEFORE, AFTER = timedelta(days=5), timedelta(days=10)


@dataclass(slots=True)
class WithoutCredit:
    """A payment whose money the books do not have, and the credits that may have brought it, the likeliest first."""

    paid: OutsidePayment
    fine: Fine | None
    credits: list[TreasuryMovement] = field(default_factory=list)


def without_credit(entity_ids: Sequence[int]) -> list[WithoutCredit]:
    """Transfers that wait for their credit, the oldest first; a fixed number of statements."""
    rows = waiting(entity_ids).select_related("entity", "position", "requested_by").order_by("credited_on", "pk")
    found = list(rows[:MOST])
    fines = {row.position_id: row for row in Fine.objects.filter(position__in=[row.position_id for row in found])}
    cards = [WithoutCredit(row, fines.get(row.position_id)) for row in found]
    movements = _near(found)
    free = free_cents(movements)
    for card in cards:
        fitting = [row for row in movements if _fits(card, row, free[row.pk])]
        card.credits = sorted(fitting, key=partial(_unlikely, card))[:CANDIDATES]
    return cards


def waiting(entity_ids: Sequence[int]) -> QuerySet[OutsidePayment]:
    """Recorded, or confirmed, with no credit named."""
    rows = OutsidePayment.objects.filter(entity_id__in=entity_ids, how=How.TRANSFER, state__in=HELD, reverses=None)
    return rows.filter(credit=None)


def credit_named(entity_id: int, number: str) -> int:
    """The credit whose provisional a person wrote as number/year; 0 when there is not exactly one."""
    name, _slash, year = number.partition("/")
    name, year = name.strip().lstrip("0"), year.strip()
    if not (name.isdecimal() and year.isdecimal() and len(year) == 4):
        return 0
    rows = linkable_movements([entity_id]).filter(year=int(year), document_number__regex=f"^0*{int(name)}$")
    found = list(rows.values_list("pk", flat=True)[:2])
    return found[0] if len(found) == 1 else 0


def _near(found: Sequence[OutsidePayment]) -> list[TreasuryMovement]:
    """Credits of the days of these payments that no flow explains by its identifier."""
    days = Q(pk=None)
    for row in found:
        days |= Q(
            entity=row.entity_id, cents__gte=row.amount_cents,
            booked_on__range=(row.credited_on - BEFORE, row.credited_on + AFTER),
        )  # fmt: skip
    rows = linkable_movements(list({row.entity_id for row in found})).filter(days)
    return list(rows.exclude(remittance_kind="flow").order_by(F("booked_on"), "pk")[: MOST * 4])


def _fits(card: WithoutCredit, credit: TreasuryMovement, free: int) -> bool:
    """Of the same days and with enough left: all of it, unless it names the payment."""
    paid = card.paid
    near = paid.credited_on - BEFORE <= credit.booked_on <= paid.credited_on + AFTER
    enough = free == paid.amount_cents or (free > paid.amount_cents and _names(card, credit))
    return credit.entity_id == paid.entity_id and near and enough


def _names(card: WithoutCredit, credit: TreasuryMovement) -> bool:
    """Whether a credit has the reference of the transfer, or that of the act in its text."""
    text = "".join(credit.remittance.split()).upper()
    told = {credit.operation_reference.upper(), credit.end_to_end.upper()}
    return card.paid.reference.upper() in told or bool(
        card.fine and card.fine.reference and card.fine.reference in text
    )


def _unlikely(card: WithoutCredit, credit: TreasuryMovement) -> tuple[bool, int, int]:
    """How far a credit is from the payment: its references, its day."""
    return not _names(card, credit), abs((credit.booked_on - card.paid.credited_on).days), credit.pk
