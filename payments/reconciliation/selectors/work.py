"""The accountant's queue: problems counted by who acts on them, listed, and shown one by one with what can be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Abs, Coalesce

from payments.domain.refunds import COMMITTED
from payments.domain.refunds import State as RefundState
from payments.models import ReceiptCase, Refund
from payments.reconciliation.domain.letters import Letter, Recipient, letter, recipient
from payments.reconciliation.domain.outcomes import CODES, OWNER_LABELS, PROBLEMS, Code, Owner
from payments.reconciliation.domain.work import WORK_LABELS, WorkAction, WorkState, possible
from payments.reconciliation.models import (
    Correspondent,
    Match,
    MatchKind,
    ReceiptRequest,
    Suggestion,
    SuggestionState,
    Verdict,
    WorkItem,
    WorkStep,
)
from payments.reconciliation.selectors.linking import standing_matches
from payments.reconciliation.selectors.outcomes import VerdictRow, shown, standing
from portal import clock

# Address by body, role and code of the PSP.
Addresses = Mapping[tuple[int, str, str], str]
_IGNORED = Q(work__state=WorkState.IGNORED)
# The codes that end with money given back.
DOUBLE = frozenset({Code.DUPLICATE_PAYMENT, Code.DUPLICATE_ON_ACT})
WITHOUT_RECEIPT = frozenset({Code.FLOW_WITHOUT_RECEIPT, Code.PAID_WITHOUT_RECEIPT})
GIVEN_BACK = frozenset({Code.DUPLICATE_PAYMENT, Code.DUPLICATE_ON_ACT, Code.PAID_AFTER_CANCEL})


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of the queue is looked at. What is ignored shows only when it is asked for."""

    owner: Owner | None = None
    code: Code | None = None
    mine: bool = False
    ignored: bool = False

    def takes(self, code: Code) -> bool:
        """Whether the problems of this code are among them."""
        return self.code in {None, code} and self.owner in {None, CODES[code].owner}


@dataclass(frozen=True, slots=True)
class CodeQueue:
    """The problems of a code: those to work on, those in the hands of who asks, those ignored."""

    code: Code
    count: int
    cents: int
    oldest: date | None
    mine: int
    ignored: int

    @property
    def label(self) -> str:
        """The Italian name of the code."""
        return CODES[self.code].title

    @property
    def owner(self) -> Owner:
        """Who acts on it."""
        return CODES[self.code].owner

    @property
    def owner_label(self) -> str:
        """The Italian name of who acts on it."""
        return OWNER_LABELS[self.owner]

    @property
    def days(self) -> int | None:
        """The age of the oldest, in days."""
        return None if self.oldest is None else (clock.today() - self.oldest).days


@dataclass(slots=True)
class OwnerQueue:
    """What one of those who can act has to do."""

    owner: Owner
    codes: list[CodeQueue] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The Italian name."""
        return OWNER_LABELS[self.owner]

    @property
    def count(self) -> int:
        """How many problems."""
        return sum(row.count for row in self.codes)

    @property
    def cents(self) -> int:
        """The money they are about."""
        return sum(row.cents for row in self.codes)

    @property
    def days(self) -> int | None:
        """The age of the oldest, in days."""
        return max((row.days for row in self.codes if row.days is not None), default=None)


def _to_do(entity_ids: Sequence[int]) -> QuerySet[Verdict]:
    """The current problems but those whose money has all gone back to who paid: nothing is left to do about them."""
    paid_by = Match.objects.filter(line_id=OuterRef("line_id"), kind=MatchKind.LINE_RECEIPT, live=True)
    refunds = Refund.objects.filter(case__receipt=OuterRef("paid_with"), state=RefundState.DONE).order_by()
    done = refunds.values("case__receipt").annotate(cents=Sum("amount_cents")).values("cents")
    return (
        standing(entity_ids)
        .filter(code__in=PROBLEMS)
        .alias(paid_with=Coalesce("receipt_id", Subquery(paid_by.values("receipt_id")[:1])))
        .alias(refunded=Coalesce(Subquery(done), -1))
        # In this order: the database looks for refunds only of the codes that end with one.
        .exclude(code__in=GIVEN_BACK | {Code.NO_POSITION}, refunded__gte=Abs("cents"))
    )


def code_queues(*, entity_ids: Sequence[int], user_id: int) -> list[CodeQueue]:
    """The codes that somebody has, in their order; one statement."""
    working = ~_IGNORED
    rows = (
        _to_do(entity_ids)
        .order_by()
        .values("code")
        .annotate(
            count=Count("pk", filter=working),
            total=Sum(Abs("cents"), filter=working),
            oldest=Min("since", filter=working),
            mine=Count("pk", filter=working & Q(work__assignee=user_id)),
            ignored=Count("pk", filter=_IGNORED),
        )
    )
    found = {row["code"]: row for row in rows}
    return [
        CodeQueue(code, row["count"], row["total"] or 0, row["oldest"], row["mine"], row["ignored"])
        for code in Code
        if (row := found.get(code)) is not None
    ]


def owner_queues(codes: Sequence[CodeQueue]) -> list[OwnerQueue]:
    """The same by who acts, everybody named: an empty box says that all is well there."""
    queues = {owner: OwnerQueue(owner) for owner in Owner}
    for row in codes:
        queues[row.owner].codes.append(row)
    return list(queues.values())


def how_many(codes: Sequence[CodeQueue], chosen: Chosen) -> int:
    """How many rows the list has, known from the counts."""
    rows = [row for row in codes if chosen.takes(row.code)]
    return sum(row.ignored if chosen.ignored else row.mine if chosen.mine else row.count for row in rows)


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A problem with the person that has it, if anybody."""

    row: VerdictRow

    @property
    def item(self) -> WorkItem | None:
        """What was decided; None while nobody touched it."""
        return getattr(self.row.verdict, "work", None)

    @property
    def state(self) -> WorkState:
        """Where it stands."""
        return WorkState(self.item.state) if self.item else WorkState.OPEN

    @property
    def state_label(self) -> str:
        """The same in words."""
        return WORK_LABELS[self.state]

    @property
    def days(self) -> int:
        """Its age in days."""
        return (clock.today() - self.row.since).days

    @property
    def late(self) -> bool:
        """Whether the answer that was waited for has not come in time."""
        due = self.item.due_on if self.item else None
        return due is not None and due < clock.today()


def work_rows(
    *, entity_ids: Sequence[int], chosen: Chosen, user_id: int, limit: int = 50, offset: int = 0
) -> list[WorkRow]:
    """The problems that were chosen, the oldest first; one statement."""
    rows = _with_people(_to_do(entity_ids)).filter(code__in=[code for code in PROBLEMS if chosen.takes(code)])
    rows = rows.filter(_IGNORED) if chosen.ignored else rows.exclude(_IGNORED)
    if chosen.mine:
        rows = rows.filter(work__assignee=user_id)
    return [WorkRow(row) for row in shown(rows.order_by("since", "pk"), limit=limit, offset=offset)]


def _with_people(rows: QuerySet[Verdict]) -> QuerySet[Verdict]:
    return rows.select_related("entity", "line", "work__assignee")


@dataclass(slots=True)
class WorkCard:
    """A problem and everything that can be done about it by who asks."""

    work: WorkRow
    actions: frozenset[WorkAction]
    in_other_hands: bool
    letter: Letter | None
    case_id: int | None = None
    refund_asked: bool = False
    credits: Sequence[Match] = ()
    suggested: bool = False
    history: Sequence[WorkStep] = ()
    psp_id: str = ""
    asked: ReceiptRequest | None = None

    @property
    def row(self) -> VerdictRow:
        """The verdict."""
        return self.work.row

    @property
    def given_back(self) -> bool:
        """Whether the money of such a problem goes back to who paid."""
        return self.row.code in GIVEN_BACK

    @property
    def lacks_receipt(self) -> bool:
        """Whether pagoPA may be asked for its receipt; without it there is no refund."""
        double = self.duplicate and self.row.verdict.line_id is not None and self.row.receipt_id is None
        return double or self.row.code in WITHOUT_RECEIPT

    @property
    def duplicate(self) -> bool:
        """Whether it was paid twice."""
        return self.row.code in DOUBLE


def work_card(*, entity_ids: Sequence[int], verdict_id: int, user_id: int) -> WorkCard | None:
    """One problem of these bodies, also when later evidence closed it; a fixed number of statements."""
    rows = Verdict.objects.filter(pk=verdict_id, entity_id__in=entity_ids, code__in=PROBLEMS)
    cards = _cards(rows, user_id=user_id)
    if not cards:
        return None
    card = cards[0]
    card.credits = _credits(card.row.verdict)
    card.suggested = _suggested(card.row.verdict)
    card.asked = ReceiptRequest.objects.filter(line=card.row.verdict.line_id).first() if card.lacks_receipt else None
    card.history = _history(card.row.verdict)
    return card


def said_again(verdict: Verdict) -> int | None:
    """The current verdict that says the same of the same document, in other words; None when it is over."""
    document = {verdict.subject: getattr(verdict, f"{verdict.subject}_id")}
    rows = standing([verdict.entity_id]).filter(code=verdict.code, **document)
    return rows.order_by().values_list("pk", flat=True).first()


def work_cards(*, entity_ids: Sequence[int], verdicts: Sequence[int], user_id: int) -> list[WorkCard]:
    """The current problems among these verdicts, for a page that shows their documents already."""
    return _cards(standing(entity_ids).filter(pk__in=verdicts, code__in=PROBLEMS).order_by("pk"), user_id=user_id)


def _cards(rows: QuerySet[Verdict], *, user_id: int) -> list[WorkCard]:
    related = ("closed_run", "line__flow", "flow", "receipt", "movement", "journal")
    found = shown(_with_people(rows).select_related(*related).defer("receipt__raw"))
    receipts = {row.receipt_id for row in found if row.code in GIVEN_BACK and row.receipt_id is not None}
    cases = dict(ReceiptCase.objects.filter(receipt__in=receipts).values_list("receipt_id", "pk"))
    asked = set(Refund.objects.filter(case__in=cases.values(), state__in=COMMITTED).values_list("case_id", flat=True))
    addresses = _addresses({row.verdict.entity_id for row in found})
    cards = [_card(WorkRow(row), user_id, addresses) for row in found]
    for card in cards:
        card.case_id = cases.get(card.row.receipt_id or 0)
        card.refund_asked = card.case_id in asked
    return cards


def _card(work: WorkRow, user_id: int, addresses: Addresses) -> WorkCard:
    verdict, item = work.row.verdict, work.item
    others = item is not None and item.assignee_id not in {None, user_id}
    actions = frozenset() if verdict.closed_run_id else possible(work.state)
    entity, psps = verdict.entity, _psps(verdict)
    to = next(filter(None, (_address(work.row.code, verdict.entity_id, psp, addresses) for psp in psps)), "")
    return WorkCard(
        work=work,
        actions=actions & {WorkAction.REOPEN} if others else actions,
        in_other_hands=others,
        letter=letter(work.row.code, _facts(verdict), body=entity.name, fiscal_code=entity.fiscal_code, to=to),
        psp_id=psps[0],
    )


def _addresses(entity_ids: set[int]) -> Addresses:
    """Whom the bodies write to, in one statement."""
    rows = Correspondent.objects.filter(entity__in=entity_ids)
    return {(row.entity_id, row.role, row.psp_id): row.email for row in rows}


def _address(code: Code, entity_id: int, psp_id: str, addresses: Addresses) -> str:
    who = recipient(code)
    return addresses.get((entity_id, who, psp_id if who is Recipient.PSP else ""), "") if who else ""


def _psps(verdict: Verdict) -> tuple[str, ...]:
    """The codes of the PSP that the document names, first the one that receipts have too."""
    flow = verdict.line.flow if verdict.line else verdict.flow
    if flow is not None:
        return tuple(filter(None, (flow.node_psp, flow.psp_id)))
    return (verdict.receipt.psp_id if verdict.receipt else "",)


def _facts(verdict: Verdict) -> dict[str, Any]:
    """What the documents say, the references of the transfer among them."""
    flow = verdict.line.flow if verdict.line else verdict.flow
    more: dict[str, Any] = {}
    if verdict.line:
        more["paid_on"] = verdict.line.paid_on.isoformat()
    if flow:
        more |= {"trn": flow.regulation_id, "regulation_date": flow.regulation_date.isoformat()}
    elif verdict.movement:
        more["trn"] = verdict.movement.operation_reference
    return {**verdict.facts, **more}


def _credits(verdict: Verdict) -> list[Match]:
    """The matches of the flow, made with whatever revision, or of the movement, that somebody may find wrong."""
    document = verdict.flow or verdict.movement
    return standing_matches(document) if document else []


def _suggested(verdict: Verdict) -> bool:
    """Whether a proposal about the flow or the movement waits for a person."""
    if verdict.flow_id is None and verdict.movement_id is None:
        return False
    about = Q(flows__contains=[verdict.flow_id]) if verdict.flow_id else Q(movements__contains=[verdict.movement_id])
    rows = Suggestion.objects.filter(entity_id=verdict.entity_id, state=SuggestionState.OPEN)
    return rows.filter(about).exists()


def _history(verdict: Verdict) -> list[WorkStep]:
    """Everything that was done about the same problem of the same document, also before it came back."""
    document = {f"item__verdict__{verdict.subject}": getattr(verdict, f"{verdict.subject}_id")}
    rows = WorkStep.objects.filter(item__verdict__code=verdict.code, entity_id=verdict.entity_id, **document)
    return list(rows.select_related("by", "assignee").order_by("pk"))
