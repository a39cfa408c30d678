"""The documents of one receipt side by side, with what agrees and what does not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from payments.models import Receipt
from payments.reconciliation.models import FlowLine, Match, MatchKind, ReportingFlow, TreasuryMovement
from payments.reconciliation.selectors.outcomes import JudgedReceipt


class Mark(StrEnum):
    """How a value compares with the document beside it; the word is what people read."""

    SAME = "coincide"
    DIFFERENT = "diverso"


def mark(same: bool) -> Mark:
    """The word for a comparison."""
    return Mark.SAME if same else Mark.DIFFERENT


@dataclass(slots=True)
class CreditCard:
    """A treasury credit of the flow. Banks may put their own reference: that it is not the PSP's means nothing."""

    movement: TreasuryMovement
    rule: str
    reversed: bool
    reference: Mark | None
    regulation: Mark | None


@dataclass(slots=True)
class FlowCard:
    """A flow that reports the receipt: its lines about it, and the credits that paid it."""

    flow: ReportingFlow
    current: bool
    lines: list[FlowLine] = field(default_factory=list)
    credits: list[CreditCard] = field(default_factory=list)

    @property
    def totals(self) -> Mark:
        """Declared against computed."""
        flow = self.flow
        return mark((flow.declared_count, flow.declared_cents) == (flow.computed_count, flow.computed_cents))

    @property
    def credited_cents(self) -> int | None:
        """What reached the treasury and stayed; None when nothing did."""
        standing = [card.movement.cents for card in self.credits if not card.reversed]
        return sum(standing) if standing else None

    @property
    def amount(self) -> Mark | None:
        """Credited against declared; None while there is no credit."""
        credited = self.credited_cents
        return None if credited is None else mark(credited == self.flow.declared_cents)


@dataclass(slots=True)
class Dossier:
    """A receipt and everything that was found about its money."""

    judged: JudgedReceipt
    receipt: Receipt
    flows: list[FlowCard]
    near: list[FlowLine]

    @property
    def amount(self) -> Mark | None:
        """Reported against expected; None while no flow reports it."""
        facts = self.judged.facts
        return None if facts.reported_cents is None else mark(facts.reported_cents == facts.expected_cents)


def dossier(judged: JudgedReceipt) -> Dossier:
    """Gather the documents; a fixed number of queries."""
    receipt = Receipt.objects.defer("raw").get(pk=judged.id)
    lines = list(
        FlowLine.objects.filter(matches__receipt_id=judged.id)
        .select_related("flow", "flow__evidence")
        .defer("flow__evidence__content")
        .order_by("flow__regulation_date", "flow_id", "seq")
    )
    near = (
        []
        if lines
        else list(FlowLine.objects.filter(iuv=receipt.iuv, entity_id=receipt.entity_id).select_related("flow")[:5])
    )
    cards: dict[int, FlowCard] = {}
    latest = _latest_revisions(lines)
    for line in lines:
        key = (line.flow.psp_id, line.flow.iuf_key)
        card = cards.setdefault(line.flow_id, FlowCard(line.flow, line.flow.revision == latest[key]))
        card.lines.append(line)
    _add_credits(cards)
    return Dossier(judged, receipt, list(cards.values()), near)


def _latest_revisions(lines: Sequence[FlowLine]) -> dict[tuple[str, str], int]:
    keys = {(line.flow.psp_id, line.flow.iuf_key) for line in lines}
    rows = ReportingFlow.objects.filter(
        iuf_key__in={iuf for _psp, iuf in keys}, entity__in={x.entity_id for x in lines}
    )
    latest: dict[tuple[str, str], int] = {}
    for psp_id, iuf_key, revision in rows.values_list("psp_id", "iuf_key", "revision"):
        latest[psp_id, iuf_key] = max(revision, latest.get((psp_id, iuf_key), 0))
    return latest


def _add_credits(cards: dict[int, FlowCard]) -> None:
    matches = (
        Match.objects.filter(kind=MatchKind.FLOW_MOVEMENT, flow_id__in=cards)
        .select_related("movement", "movement__journal")
        .prefetch_related("movement__reversals")
        .order_by("movement__booked_on", "movement_id")
    )
    for match in matches:
        movement, card = match.movement, cards[match.flow_id or 0]
        if movement is None:
            continue
        regulation = card.flow.regulation_id.upper()
        references = {movement.operation_reference.upper(), movement.end_to_end.upper()}
        card.credits.append(
            CreditCard(
                movement=movement,
                rule=match.get_rule_display(),
                reversed=bool(movement.reversals.all()),
                reference=mark(movement.reference_key == card.flow.iuf_key) if movement.reference_key else None,
                regulation=Mark.SAME if regulation in references else None,
            )
        )
