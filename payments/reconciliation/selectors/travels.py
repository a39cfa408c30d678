"""The way of the money of some payments: current flows that report them, credits that came and stayed, their orders."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from payments.reconciliation.domain.story import Cover, CreditFacts, FlowFacts
from payments.reconciliation.models import FlowLine, Match, MatchKind, ReportingFlow, TreasuryMovement
from payments.reconciliation.selectors.linking import FlowKey, copies, current_flows, key_of
from payments.reconciliation.sql import statement

_COVER = statement("provisional_cover")
_REVOKED = 3
# A receipt; or, where there is none, the IUV and the collection id (IUR) under which flows report the payment.
Key = int | tuple[str, str]


@dataclass(slots=True)
class Travel:
    """What the books know of the money of one payment. `lines` are those of current flows."""

    lines: list[FlowLine] = field(default_factory=list)
    flows: tuple[FlowFacts, ...] = ()
    credits: tuple[CreditFacts, ...] = ()


@dataclass(slots=True)
class _Money:
    """What reached the treasury for some flows, and for some payments alone."""

    of_flow: dict[FlowKey, list[CreditFacts]] = field(default_factory=lambda: defaultdict(list))
    of_line: dict[int, list[CreditFacts]] = field(default_factory=lambda: defaultdict(list))
    of_receipt: dict[int, list[CreditFacts]] = field(default_factory=lambda: defaultdict(list))


def lines_alone(entity_ids: Iterable[int], chosen: Q) -> QuerySet[FlowLine]:
    """Lines of these bodies that no receipt explains, those of replaced flows too."""
    paired = Match.objects.filter(line=OuterRef("pk"), kind=MatchKind.LINE_RECEIPT, live=True)
    rows = FlowLine.objects.filter(~Exists(paired), chosen, entity_id__in=list(entity_ids))
    return rows.select_related("flow").order_by("pk")


def travels(receipt_ids: Sequence[int], alone: Sequence[FlowLine]) -> dict[Key, Travel]:
    """The way of each receipt, and of each payment that only lines of current flows report."""
    lines: dict[Key, list[FlowLine]] = {key: [] for key in receipt_ids}
    reported = Match.objects.filter(kind=MatchKind.LINE_RECEIPT, live=True, receipt_id__in=receipt_ids)
    for match in reported.select_related("line__flow").order_by("line_id"):
        if match.line is not None:
            lines[match.receipt_id or 0].append(match.line)
    for line in alone:
        lines.setdefault((line.iuv, line.iur), []).append(line)
    flows = {line.flow_id: line.flow for rows in lines.values() for line in rows}
    bodies = {flow.entity_id for flow in flows.values()}
    current = set(current_flows(list(bodies)).filter(pk__in=flows).values_list("pk", flat=True))
    money = _money(flows.values(), [line for rows in lines.values() for line in rows], receipt_ids)
    found = {key: _travel(key, rows, current, money) for key, rows in lines.items()}
    return {key: travel for key, travel in found.items() if isinstance(key, int) or travel.lines}


def _travel(key: Key, lines: Sequence[FlowLine], current: set[int], money: _Money) -> Travel:
    travel = Travel([line for line in lines if line.flow_id in current])
    # What was said of a line holds for the one that takes its place.
    alone: dict[FlowKey, list[CreditFacts]] = defaultdict(list)
    for line in lines:
        alone[key_of(line.flow)] += money.of_line.get(line.pk, [])
    given = list(money.of_receipt.get(key, ())) if isinstance(key, int) else []
    flows: dict[tuple[int, bool], FlowFacts] = {}
    for line in sorted(travel.lines, key=lambda line: (line.outcome == _REVOKED, line.flow.regulation_date, line.pk)):
        name, revoked = key_of(line.flow), line.outcome == _REVOKED
        if (line.flow_id, revoked) in flows:
            continue
        credits_ = [] if revoked else [*money.of_flow.get(name, ()), *alone.pop(name, ()), *given]
        # A credit given to the receipt before a flow reported it is money of that flow, and of no other.
        given = given if revoked else []
        facts = FlowFacts(line.flow.iuf, line.flow.regulation_date, tuple(credits_), revoked)
        flows[line.flow_id, revoked] = facts
    travel.flows = tuple(flows.values())
    travel.credits = (*given, *(credit for rows in alone.values() for credit in rows))
    return travel


def _money(flows: Iterable[ReportingFlow], lines: Sequence[FlowLine], receipt_ids: Sequence[int]) -> _Money:
    """The credits that stand, the oldest first; of a flow, also those that were given to its other copies."""
    same = copies(flows)
    chosen = Q(kind=MatchKind.FLOW_MOVEMENT, flow_id__in=same) | Q(
        Q(line__in=lines) | Q(receipt_id__in=receipt_ids), kind=MatchKind.SINGLE_MOVEMENT
    )
    reversals = Match.objects.filter(kind=MatchKind.REVERSAL, live=True, reverses=OuterRef("movement"))
    rows = Match.objects.filter(~Exists(reversals), chosen, live=True).select_related("movement")
    matches = list(rows.order_by("movement__booked_on", "movement_id"))
    facts = _credits([match.movement for match in matches if match.movement is not None])
    money = _Money()
    for match in matches:
        credit = facts[match.movement_id or 0]
        if match.flow_id is not None:
            money.of_flow[same[match.flow_id]].append(credit)
        elif match.line_id is not None:
            money.of_line[match.line_id].append(credit)
        elif match.receipt_id is not None:
            money.of_receipt[match.receipt_id].append(credit)
    return money


def _credits(movements: Sequence[TreasuryMovement]) -> Mapping[int, CreditFacts]:
    """Each credit with what the treasurer says of its collection order."""
    covers: dict[tuple[int, str, int, str], tuple[int, int, list[str], date | None]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COVER, {"movements": [row.pk for row in movements]})
        for entity, treasurer, year, number, *rest in cursor.fetchall():
            covers[entity, treasurer, year, number] = tuple(rest)
    found: dict[int, CreditFacts] = {}
    for row in movements:
        key = (row.entity_id, row.treasurer_code, row.year, row.document_number.lstrip("0"))
        held, covered, orders, day = covers[key]
        cover = Cover.NONE if covered <= 0 else Cover.PART if covered < held else Cover.WHOLE
        found[row.pk] = CreditFacts(
            number=row.document_number,
            year=row.year,
            booked_on=row.booked_on,
            cover=cover,
            orders=tuple(orders) if covered > 0 else (),
            covered_on=day if covered > 0 else None,
        )
    return found
