"""What a fine asks for once something took the place of its own two numbers: a plan, what is left of one, a decision.

The option to be written comes from here, and the charge is made to say the same as the position.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypedDict

from django.db.models import QuerySet, Sum

from payments.domain.drafts import OptionDraft
from payments.fines import conf
from payments.fines.domain.amounts import Amounts, amounts
from payments.fines.domain.drafts import LATE_RULE, LEFT, single_option
from payments.fines.domain.plans import Part
from payments.fines.domain.terms import terms
from payments.fines.law import law
from payments.fines.models import Fine
from payments.models import Instalment, PaymentOption, Transfer
from portal.billing.services import charge_asked_otherwise, charge_item_priced
from portal.billing.socket import ChargeLineDraft
from portal.kernel.errors import DomainError

MOST_CENTS: Final = 100_000_000
SANCTION, COSTS, SEND, INTEREST = "sanzione", "spese", "send", "interessi"
COSTS_WORDS, SEND_WORDS = "Spese di procedura e notifica", "Costo di notifica SEND"


class Kinds(TypedDict):
    """The kinds of debt of a fine."""

    sanction_kind: str
    costs_kind: str


KINDS: Final = Kinds(sanction_kind=conf.SANCTION_KIND, costs_kind=conf.COSTS_KIND)


@dataclass(frozen=True, slots=True)
class PlanStanding:
    """A plan on a day: what was paid of it, how much of that was costs, and whether an instalment is overdue."""

    paid_cents: int
    paid_costs: int
    overdue: bool


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a forfeited plan: the option to write, and all that the fine costs in the end."""

    draft: OptionDraft
    whole_cents: int


def plan_rows(fine: Fine) -> QuerySet[Instalment]:
    """The instalments of the plan of a fine that is in force."""
    return Instalment.objects.filter(
        option__position=fine.position_id, option__kind=PaymentOption.Kind.PLAN, option__withdrawn_at=None
    )


def plan_standing(fine: Fine, *, on: date) -> PlanStanding:
    """How the plan of a fine stands on a day. An instalment that was paid counts for what was asked."""
    paid = plan_rows(fine).filter(paid_at__isnull=False)
    costs = Transfer.objects.filter(instalment__in=paid, debt_kind__code=conf.COSTS_KIND)
    return PlanStanding(
        paid_cents=paid.aggregate(cents=Sum("amount_cents"))["cents"] or 0,
        paid_costs=costs.aggregate(cents=Sum("amount_cents"))["cents"] or 0,
        overdue=plan_rows(fine).filter(paid_at=None, due_on__lt=on).exists(),
    )


def left_of(fine: Fine, standing: PlanStanding, *, on: date) -> Left:
    """The reduced amount, or the late one after the sixtieth day, less what was paid. Raises DomainError."""
    assert fine.served_on is not None  # no plan is granted before
    found, due = _amounts(fine), terms(fine.served_on, law=law(), on=fine.violated_on)
    is_late = on > due.reduced_until
    whole = found.late if is_late else found.reduced
    cents = whole - standing.paid_cents
    if cents < 1:
        raise DomainError("nothing_left", "Le rate pagate coprono già tutto quello che la multa costa oggi.")
    later = found.late - standing.paid_cents
    dated = () if is_late or later < cents else ((due.late_from, later, LATE_RULE),)
    costs = max(0, found.costs - standing.paid_costs)
    return Left(single_option(cents, costs, on, LEFT, dated=dated, **KINDS), whole)


def decided(fine: Fine, cents: int, due_on: date, words: str) -> OptionDraft:
    """The sum of a decision as an option: costs first go where costs go, if the sum is enough for them."""
    return single_option(cents, _costs_in(fine, cents), due_on, words, **KINDS)


def charge_planned(fine: Fine, parts: Sequence[Part], rows: Sequence[Instalment]) -> None:
    """The charge grows by the interest and is due with the last instalment."""
    _item(fine, INTEREST, "Interessi della rateazione", sum(part.interest for part in parts), conf.SANCTION_KIND)
    charge_asked_otherwise(charge_id=_charge_id(fine), notice_number=rows[0].nav, due_on=rows[-1].due_on)


def charge_as_before(fine: Fine) -> None:
    """The charge says again what it said when the fine came in."""
    _item(fine, INTEREST, "", 0, conf.SANCTION_KIND)
    own = Instalment.objects.filter(option__position=fine.position_id, option__added_at=None).order_by("option")
    last = own[len(own) - 1]
    charge_asked_otherwise(charge_id=_charge_id(fine), notice_number=last.nav, due_on=last.due_on)


def charge_forfeited(fine: Fine, left: Left, rows: Sequence[Instalment]) -> None:
    """Interest is no more; the sanction is that of the day on which the plan was lost."""
    sanction = left.whole_cents - _amounts(fine).costs
    _item(fine, SANCTION, "Sanzione (rateazione decaduta)", sanction, conf.SANCTION_KIND)
    _item(fine, INTEREST, "", 0, conf.SANCTION_KIND)
    charge_asked_otherwise(charge_id=_charge_id(fine), notice_number=rows[0].nav, due_on=rows[0].due_on)


def charge_decided(fine: Fine, cents: int, rows: Sequence[Instalment]) -> None:
    """The charge asks for the sum of the decision."""
    costs = _costs_in(fine, cents)
    _item(fine, SANCTION, "Sanzione (decisione sul ricorso)", cents - costs, conf.SANCTION_KIND)
    # A decision before this one may have left them out.
    _item(fine, COSTS, COSTS_WORDS, fine.costs_cents if costs else 0, conf.COSTS_KIND)
    _item(fine, SEND, SEND_WORDS, fine.send_fee_cents if costs else 0, conf.COSTS_KIND)
    charge_asked_otherwise(charge_id=_charge_id(fine), notice_number=rows[0].nav, due_on=rows[0].due_on)


def _item(fine: Fine, code: str, words: str, cents: int, kind: str) -> None:
    charge_item_priced(charge_id=_charge_id(fine), item=ChargeLineDraft(code, words, cents, kind))


def _costs_in(fine: Fine, cents: int) -> int:
    costs = fine.sanction.costs_cents
    return costs if cents > costs else 0


def _amounts(fine: Fine) -> Amounts:
    return amounts(fine.sanction, law=law(), on=fine.violated_on)


def _charge_id(fine: Fine) -> int:
    return fine.position.charge_id
