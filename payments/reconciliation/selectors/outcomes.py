"""Current verdicts: counted, listed, explained. A fixed number of statements, however many the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from payments.models import Receipt
from payments.reconciliation.domain.explanations import explain
from payments.reconciliation.domain.outcomes import CODES, OWNER_LABELS, Code, Subject, Tone, tone
from payments.reconciliation.models import FlowLine, Match, MatchKind, ReportingFlow, TreasuryMovement, Verdict

_PAGE = "admin:payments_reconciliation_{}_change"
_PAGES = {
    Subject.LINE: "reportingflow",
    Subject.RECEIPT: "reconciledreceipt",
    Subject.FLOW: "reportingflow",
    Subject.MOVEMENT: "treasurymovement",
    Subject.JOURNAL: "treasuryjournal",
}


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How many documents have a code now, and their cents."""

    code: Code
    count: int
    cents: int

    @property
    def label(self) -> str:
        """The Italian name of the code."""
        return CODES[self.code].title

    @property
    def tone(self) -> Tone:
        """Whether it is settled, on its way, or in trouble."""
        return tone(self.code)

    @property
    def owner(self) -> str:
        """Who acts on it."""
        return OWNER_LABELS[CODES[self.code].owner]


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """A verdict as lists and pages show it. `receipt_id` is the receipt of the payment, when there is one."""

    verdict: Verdict
    receipt_id: int | None = None

    @property
    def code(self) -> Code:
        """What became of the money."""
        return Code(self.verdict.code)

    @property
    def label(self) -> str:
        """The Italian name of the code."""
        return CODES[self.code].title

    @property
    def tone(self) -> Tone:
        """Whether it is settled, on its way, or in trouble."""
        return tone(self.code)

    @property
    def owner(self) -> str:
        """Who acts on it."""
        return OWNER_LABELS[CODES[self.code].owner]

    @property
    def reason(self) -> str:
        """The sentence that names the documents."""
        return explain(self.code, self.verdict.facts)

    @property
    def name(self) -> str:
        """How people call the document: the notice, the flow, the provisional, the journal."""
        facts = self.verdict.facts
        if self.verdict.subject in {Subject.LINE, Subject.RECEIPT}:
            return str(facts["iuv"])
        named = {Subject.FLOW: "iuf", Subject.MOVEMENT: "movement", Subject.JOURNAL: "journal"}
        return str(facts[named[Subject(self.verdict.subject)]])

    @property
    def since(self) -> date:
        """The day of the document."""
        return self.verdict.since

    @property
    def cents(self) -> int:
        """The money it is about."""
        return self.verdict.cents

    @property
    def page(self) -> str:
        """Name of the address of the document's page."""
        by_receipt = self.receipt_id is not None
        return _PAGE.format("reconciledreceipt" if by_receipt else _PAGES[Subject(self.verdict.subject)])

    @property
    def page_id(self) -> int | None:
        """Which document."""
        verdict = self.verdict
        if self.receipt_id is not None:
            return self.receipt_id
        flow_id = verdict.line.flow_id if verdict.line else verdict.flow_id
        return verdict.receipt_id or flow_id or verdict.movement_id or verdict.journal_id


def standing(entity_ids: Sequence[int]) -> QuerySet[Verdict]:
    """The current verdicts of these bodies."""
    return Verdict.objects.filter(entity_id__in=entity_ids, closed_run=None)


def _of_the_desk(entity_ids: Sequence[int]) -> QuerySet[Verdict]:
    """What the desk counts: payments, and what is wrong with any document. Flows and credits in order only confirm."""
    confirming = Q(subject__in=[Subject.FLOW, Subject.MOVEMENT], code__in=[Code.RECONCILED, Code.REPORTED])
    return standing(entity_ids).exclude(confirming)


def code_counts(*, entity_ids: Sequence[int]) -> list[CodeCount]:
    """Every code in order, also those nobody has."""
    rows = _of_the_desk(entity_ids).order_by().values("code").annotate(count=Count("pk"), total=Sum("cents"))
    found = {row["code"]: row for row in rows}
    return [
        CodeCount(code, found[code]["count"], found[code]["total"]) if code in found else CodeCount(code, 0, 0)
        for code in Code
    ]


def verdict_rows(
    *,
    entity_ids: Sequence[int],
    codes: Sequence[Code] = (),
    search: str = "",
    limit: int = 50,
    offset: int = 0,
) -> list[VerdictRow]:
    """Verdicts, latest document first. `search` is a whole IUV, notice, receipt, flow or provisional number."""
    rows = _chosen(entity_ids, codes, search)
    return shown(rows.order_by("-since", "-pk"), limit=limit, offset=offset)


def found_count(*, entity_ids: Sequence[int], codes: Sequence[Code], search: str) -> int:
    """How many verdicts a search finds."""
    return _chosen(entity_ids, codes, search).order_by().count()


def _chosen(entity_ids: Sequence[int], codes: Sequence[Code], search: str) -> QuerySet[Verdict]:
    rows = _of_the_desk(entity_ids)
    if codes:
        rows = rows.filter(code__in=codes)
    return rows.filter(_about(entity_ids, search)) if search else rows


def shown(rows: QuerySet[Verdict], *, limit: int = 50, offset: int = 0) -> list[VerdictRow]:
    """A page of verdicts, each with the receipt of its payment, in one statement."""
    receipt = Match.objects.filter(line_id=OuterRef("line_id"), kind=MatchKind.LINE_RECEIPT, live=True)
    known = rows.annotate(paid_by=Subquery(receipt.values("receipt_id")[:1])).select_related("line")
    return [VerdictRow(row, row.receipt_id or row.paid_by) for row in known[offset : offset + limit]]


def _about(entity_ids: Sequence[int], number: str) -> Q:
    """Verdicts on any document with this number."""
    ours = Q(entity_id__in=entity_ids)
    iuvs = [number, number[1:]] if len(number) == 18 else [number]
    name = number.upper()
    flows = ReportingFlow.objects.filter(ours, Q(iuf_key=name) | Q(iuf_key__startswith=f"{name}@"))
    lines = FlowLine.objects.filter(ours, Q(iuv__in=iuvs) | Q(iur=number) | Q(flow__in=flows))
    receipts = Receipt.objects.filter(ours, Q(iuv__in=iuvs) | Q(nav=number) | Q(receipt_id=number))
    movements = TreasuryMovement.objects.filter(ours, document_number=number)
    return (
        Q(line__in=lines.values("pk"))
        | Q(receipt__in=receipts.values("pk"))
        | Q(flow__in=flows.values("pk"))
        | Q(movement__in=movements.values("pk"))
    )
