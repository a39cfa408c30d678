"""The documents of a problem side by side, where no receipt tells them: a flow, a line without receipt, a credit."""

from dataclasses import dataclass, field

from payments.reconciliation.domain.outcomes import Subject
from payments.reconciliation.models import FlowLine, Match, MatchKind, ReportingFlow, TreasuryMovement, Verdict
from payments.reconciliation.selectors.dossier import FlowCard, Mark, add_credits, is_current, mark
from payments.reconciliation.selectors.linking import copies, current_flows

# A credit of more flows than these is told by its own page.
MOST = 5


@dataclass(slots=True)
class PaperCard(FlowCard):
    """A flow with its credits and how many of its lines have their receipt."""

    receipts: int = 0

    @property
    def paired(self) -> Mark:
        """Receipts against lines."""
        return mark(self.receipts == self.flow.computed_count)


@dataclass(slots=True)
class Papers:
    """Flows with their credits; or a movement of the treasury that belongs to none."""

    flows: list[PaperCard] = field(default_factory=list)
    movement: TreasuryMovement | None = None


def papers(verdict: Verdict) -> Papers | None:
    """The documents around the one that a verdict speaks of; None for a journal. A fixed number of queries."""
    match verdict.subject:
        case Subject.LINE if verdict.line is not None:
            return Papers(_cards([verdict.line.flow], [verdict.line]))
        case Subject.FLOW if verdict.flow is not None:
            return Papers(_cards([verdict.flow], []))
        case Subject.MOVEMENT if verdict.movement is not None:
            told = ReportingFlow.objects.filter(matches__movement=verdict.movement, matches__live=True)
            rows = current_flows([verdict.entity_id]).filter(pk__in=copies(told))
            found = list(rows.order_by("pk")[:MOST])
            return Papers(_cards(found, [])) if found else Papers(movement=verdict.movement)
        case _:
            return None


def _cards(flows: list[ReportingFlow], lines: list[FlowLine]) -> list[PaperCard]:
    paired = Match.objects.filter(line__flow__in=flows, kind=MatchKind.LINE_RECEIPT, live=True)
    receipts = list(paired.values_list("line__flow", flat=True))
    cards = {
        flow.pk: PaperCard(flow, is_current(flow), list(lines), receipts=receipts.count(flow.pk)) for flow in flows
    }
    add_credits(cards)
    return list(cards.values())
