"""How much of a credit is still free, how much of a flow is still missing: for the few documents of a decision."""

from collections.abc import Sequence

from django.db.models import Sum

from payments.reconciliation.models import Match, MatchKind, ReportingFlow, TreasuryMovement


def missing_cents(flows: Sequence[ReportingFlow]) -> dict[int, int]:
    """What each flow declares and no standing credit has brought."""
    given = _given("flow", [flow.pk for flow in flows])
    return {flow.pk: flow.declared_cents - given.get(flow.pk, 0) for flow in flows}


def free_cents(movements: Sequence[TreasuryMovement]) -> dict[int, int]:
    """What each credit brought and no match has taken."""
    given = _given("movement", [movement.pk for movement in movements])
    return {movement.pk: movement.cents - given.get(movement.pk, 0) for movement in movements}


def _given(side: str, ids: list[int]) -> dict[int, int]:
    rows = Match.objects.filter(live=True, kind=MatchKind.FLOW_MOVEMENT, **{f"{side}__in": ids})
    standing = rows.exclude(movement__reversals__live=True)
    return dict(standing.order_by().values_list(side).annotate(total=Sum("cents")))
