"""How much of a credit is still free, how much of a flow is still missing: for the few documents of a decision."""

from collections import Counter
from collections.abc import Sequence

from django.db.models import Sum
from django.db.models.functions import Coalesce

from payments.domain.outside import State as OutsideState
from payments.reconciliation.models import Match, MatchKind, OutsideCredit, ReportingFlow, TreasuryMovement
from payments.reconciliation.selectors.linking import FlowKey, copies, key_of, told_before

_CREDITS = [MatchKind.FLOW_MOVEMENT, MatchKind.SINGLE_MOVEMENT]
# A payment that waits for its second person holds its money already.
HELD = [OutsideState.REQUESTED, OutsideState.CONFIRMED]


def missing_cents(flows: Sequence[ReportingFlow]) -> dict[int, int]:
    """What each flow declares and no standing credit has brought, to a copy of it or to one of its lines."""
    standing = Match.objects.filter(live=True, kind__in=_CREDITS).exclude(movement__reversals__live=True)
    same = copies(flows)
    rows = standing.annotate(paid=Coalesce("flow", "line__flow")).filter(paid__in=same)
    given = Counter[FlowKey]()
    for paid, cents in rows.order_by().values_list("paid").annotate(total=Sum("cents")):
        given[same[paid]] += cents
    before = told_before(flows)
    for receipt, cents in standing.filter(receipt__in=before).values_list("receipt__pk", "cents"):
        given[same[before[receipt]]] += cents
    return {flow.pk: flow.declared_cents - given[key_of(flow)] for flow in flows}


def free_cents(movements: Sequence[TreasuryMovement]) -> dict[int, int]:
    """What each credit brought, and neither a match nor a payment outside pagoPA has taken."""
    ids = [movement.pk for movement in movements]
    matches = Match.objects.filter(live=True, kind__in=_CREDITS, movement__in=ids)
    given = dict(matches.order_by().values_list("movement").annotate(total=Sum("cents")))
    others = OutsideCredit.objects.filter(movement__in=ids, outside__state__in=HELD)
    held = dict(others.order_by().values_list("movement").annotate(total=Sum("outside__amount_cents")))
    return {row.pk: row.cents - given.get(row.pk, 0) - held.get(row.pk, 0) for row in movements}


def spare_cents(movements: Sequence[TreasuryMovement]) -> dict[int, int]:
    """What is free of each credit, and what a rule gave a flow beyond all that it declares."""
    spare, ids = free_cents(movements), [movement.pk for movement in movements]
    given = Match.objects.filter(live=True, kind=MatchKind.FLOW_MOVEMENT, made_by=None, movement__in=ids)
    rows = list(given.select_related("flow"))
    missing = missing_cents([row.flow for row in rows if row.flow])
    for row in rows:
        if row.flow_id and row.movement_id:
            spare[row.movement_id] += min(row.cents, max(0, -missing[row.flow_id]))
    return spare
