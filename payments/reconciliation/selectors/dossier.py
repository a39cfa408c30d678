"""The documents of one receipt side by side, with what agrees, what does not, and how its verdicts changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from django.db.models import BigIntegerField, Q

from payments.models import Receipt
from payments.reconciliation.domain.outcomes import Code, Tone
from payments.reconciliation.models import FlowLine, Match, MatchKind, ReportingFlow, TreasuryMovement, Verdict
from payments.reconciliation.selectors.linking import copies, current_flows, key_of
from payments.reconciliation.selectors.outcomes import VerdictRow
from portal import clock


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

    match: Match
    movement: TreasuryMovement
    rule: str
    cents: int
    reversed: bool
    reference: Mark | None = None
    regulation: Mark | None = None


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
        standing = [card.cents for card in self.credits if not card.reversed]
        return sum(standing) if standing else None

    @property
    def amount(self) -> Mark | None:
        """Credited against declared; None while there is no credit."""
        credited = self.credited_cents
        return None if credited is None else mark(credited == self.flow.declared_cents)


@dataclass(frozen=True, slots=True)
class PastVerdict:
    """A verdict that later evidence closed."""

    row: VerdictRow
    opened_at: datetime
    closed_at: datetime


@dataclass(slots=True)
class Dossier:
    """A receipt and everything that was found about its money."""

    receipt: Receipt
    expected_cents: int
    flows: list[FlowCard]
    singles: list[CreditCard]
    near: list[FlowLine]
    verdicts: list[VerdictRow]
    past: list[PastVerdict]

    @property
    def main(self) -> VerdictRow | None:
        """The verdict that speaks for the receipt: a problem before what waits, what waits before what is in order."""
        order = {Tone.PROBLEM: 0, Tone.WAITING: 1, Tone.DONE: 2}
        return min(self.verdicts, key=lambda row: order[row.tone], default=None)

    @property
    def others(self) -> list[VerdictRow]:
        """The further problems."""
        main = self.main
        return [row for row in self.verdicts if row.tone is Tone.PROBLEM and row is not main]

    @property
    def psp(self) -> str:
        """Who took the payment."""
        return self.receipt.psp_name or self.receipt.psp_id

    @property
    def paid_on(self) -> date:
        """The day of the payment in Italy."""
        return (self.receipt.paid_at or self.receipt.received_at).astimezone(clock.ROME).date()

    @property
    def reported_cents(self) -> int | None:
        """What current flows report of it; None while none does."""
        lines = [line for card in self.flows if card.current for line in card.lines if line.cents > 0]
        return sum(line.cents for line in lines) if lines else None

    @property
    def amount(self) -> Mark | None:
        """Reported against expected; None while no flow reports it."""
        return None if self.reported_cents is None else mark(self.reported_cents == self.expected_cents)


def dossier(*, entity_ids: Sequence[int], receipt_id: int) -> Dossier | None:
    """Gather the documents of a receipt of these bodies, None when it is not theirs; a fixed number of queries."""
    if receipt_id > BigIntegerField.MAX_BIGINT:
        return None
    receipt = (
        Receipt.objects.filter(entity_id__in=entity_ids, pk=receipt_id, outcome="OK")
        .defer("raw")
        .select_related("entity")
        .first()
    )
    if receipt is None:
        return None
    lines = list(
        FlowLine.objects.filter(
            matches__receipt_id=receipt_id, matches__kind=MatchKind.LINE_RECEIPT, matches__live=True
        )
        .select_related("flow", "flow__evidence")
        .defer("flow__evidence__content")
        .order_by("flow__regulation_date", "flow_id", "seq")
    )
    cards = _cards(lines)
    add_credits(cards)
    verdicts, past = _verdicts(receipt_id, cards)
    return Dossier(
        receipt=receipt,
        expected_cents=_expected(receipt),
        flows=list(cards.values()),
        singles=_singles(receipt_id, lines),
        near=[] if lines else _near(receipt),
        verdicts=verdicts,
        past=past,
    )


def _expected(receipt: Receipt) -> int:
    transfers = list(receipt.transfers.all())
    own = [row for row in transfers if row.beneficiary_fiscal_code == receipt.entity.fiscal_code and not row.is_stamp]
    return sum(row.amount_cents for row in own) if transfers else receipt.amount_cents


def _near(receipt: Receipt) -> list[FlowLine]:
    """Lines with the same IUV and another collection id: the usual reason why nothing was found."""
    return list(FlowLine.objects.filter(iuv=receipt.iuv, entity_id=receipt.entity_id).select_related("flow")[:5])


def is_current(flow: ReportingFlow) -> bool:
    """Whether no revision has replaced a flow."""
    return current_flows([flow.entity_id]).filter(pk=flow.pk).exists()


def _cards(lines: Sequence[FlowLine]) -> dict[int, FlowCard]:
    flows, bodies = {line.flow_id for line in lines}, {line.entity_id for line in lines}
    current = set(current_flows(list(bodies)).filter(pk__in=flows).values_list("pk", flat=True))
    cards: dict[int, FlowCard] = {}
    for line in lines:
        cards.setdefault(line.flow_id, FlowCard(line.flow, line.flow_id in current)).lines.append(line)
    return cards


def _credits(chosen: Q) -> list[CreditCard]:
    matches = (
        Match.objects.filter(chosen, live=True)
        .select_related("movement", "movement__journal")
        .prefetch_related("movement__reversals")
        .order_by("movement__booked_on", "movement_id")
    )
    return [
        CreditCard(match, match.movement, match.get_rule_display(), match.cents, _is_reversed(match.movement))
        for match in matches
        if match.movement is not None
    ]


def _is_reversed(movement: TreasuryMovement) -> bool:
    return any(match.live for match in movement.reversals.all())


def _singles(receipt_id: int, lines: Sequence[FlowLine]) -> list[CreditCard]:
    """The credits of this payment alone."""
    return _credits(Q(kind=MatchKind.SINGLE_MOVEMENT) & (Q(receipt_id=receipt_id) | Q(line__in=lines)))


def add_credits(cards: Mapping[int, FlowCard]) -> None:
    """Put beside each flow the credits that were given to it, with what agrees. What was given to a flow that has been
    replaced stands beside the one that took its place, where that is shown.
    """
    same = copies(card.flow for card in cards.values())
    current = {key_of(card.flow): card for card in cards.values() if card.current}
    for credit in _credits(Q(kind=MatchKind.FLOW_MOVEMENT, flow_id__in=same)):
        flow_id, movement = credit.match.flow_id or 0, credit.movement
        card: FlowCard | None = current.get(same[flow_id]) or cards.get(flow_id)
        if card is None:  # given to a copy that is not shown, and neither is the one that took its place
            continue
        references = {movement.operation_reference.upper(), movement.end_to_end.upper()}
        if movement.reference_key:
            credit.reference = mark(movement.reference_key == card.flow.iuf_key)
        credit.regulation = Mark.SAME if card.flow.regulation_id.upper() in references else None
        card.credits.append(credit)


def _verdicts(receipt_id: int, cards: dict[int, FlowCard]) -> tuple[list[VerdictRow], list[PastVerdict]]:
    """What was said of the receipt, of its lines, and of the flows when they are in trouble."""
    lines = [line.pk for card in cards.values() for line in card.lines]
    quiet = [Code.RECONCILED, Code.REPORTED]
    chosen = Q(receipt_id=receipt_id) | Q(line_id__in=lines) | (Q(flow_id__in=list(cards)) & ~Q(code__in=quiet))
    rows = Verdict.objects.filter(chosen).select_related("line", "opened_run", "closed_run")
    current, past = [], []
    for row in rows.order_by("opened_run_id", "pk"):
        shown = VerdictRow(row, receipt_id)
        if row.closed_run is None:
            current.append(shown)
        else:
            past.append(PastVerdict(shown, row.opened_run.at, row.closed_run.at))
    return current, past
