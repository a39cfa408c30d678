"""Documents that a person may put together: what is free of a credit, what a flow misses, and who may fit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Abs

from payments.models import Receipt, ReceiptTransfer
from payments.reconciliation.models import FlowLine, Match, MatchKind, ReportingFlow, TreasuryMovement

FOUND = 20
R = TypeVar("R", ReportingFlow, TreasuryMovement)
# Body, PSP and IUF: the same in every copy of a flow.
FlowKey = tuple[int, str, str]
# Of the copies of a flow, the one that counts comes first: as in every run.
_NEWEST = ("-whole", "-revision", "-created_at", "-computed_count", "-pk")
_NO_CREDITS = ["REVERSALE", "FONDO DI CASSA", "DEFICIT DI CASSA", "ANTICIPAZIONE"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person looks for: numbers as they are written in documents, an amount, days, a PSP."""

    text: str = ""
    cents: int | None = None
    since: date | None = None
    until: date | None = None
    psp: str = ""


def current_flows(entity_ids: Sequence[int]) -> QuerySet[ReportingFlow]:
    """Flows that no revision has replaced."""
    return ReportingFlow.objects.filter(entity_id__in=entity_ids, pk=_current(""))


def _current(path: str) -> Subquery:
    """The copy that counts of the flow at the end of a path."""
    same = ReportingFlow.objects.filter(
        entity=OuterRef(f"{path}entity"), psp_id=OuterRef(f"{path}psp_id"), iuf_key=OuterRef(f"{path}iuf_key")
    )
    return Subquery(same.order_by(*_NEWEST).values("pk")[:1])


def copies(flows: Iterable[ReportingFlow]) -> dict[int, FlowKey]:
    """Every copy of these flows, the replaced ones as well: what was said of one holds for the one that counts."""
    keys = {key_of(flow) for flow in flows}
    entities, names = {key[0] for key in keys}, {key[2] for key in keys}
    rows = ReportingFlow.objects.filter(entity_id__in=entities, iuf_key__in=names)
    found = {pk: (entity, psp, name) for pk, entity, psp, name in rows.values_list("pk", "entity", "psp_id", "iuf_key")}
    return {pk: key for pk, key in found.items() if key in keys}


def key_of(flow: ReportingFlow) -> FlowKey:
    """What all the copies of a flow share."""
    return (flow.entity_id, flow.psp_id, flow.iuf_key)


def told_before(flows: Sequence[ReportingFlow]) -> dict[int, int]:
    """Receipts that a person had given a credit before one of these flows reported them, with their flow."""
    told = Match.objects.filter(
        entity_id__in={flow.entity_id for flow in flows}, live=True, kind=MatchKind.SINGLE_MOVEMENT,
        made_by__isnull=False, receipt__isnull=False,
    )  # fmt: skip
    lines = Match.objects.filter(live=True, kind=MatchKind.LINE_RECEIPT, line__flow__in=[flow.pk for flow in flows])
    rows = lines.filter(receipt__in=told.values("receipt")).order_by("-line__flow")
    return {receipt: flow for receipt, flow in rows.values_list("receipt__pk", "line__flow") if receipt and flow}


def linkable_movements(entity_ids: Sequence[int]) -> QuerySet[TreasuryMovement]:
    """Credits that stand and count."""
    rows = TreasuryMovement.objects.filter(
        entity_id__in=entity_ids, counts=True, direction="ENTRATA", operation="ESEGUITO", cents__gt=0
    )
    return rows.exclude(document_type__in=_NO_CREDITS).exclude(reversals__live=True)


def unreported(entity_ids: Sequence[int]) -> QuerySet[Receipt]:
    """Receipts that no current flow reports."""
    reported = Match.objects.filter(
        receipt=OuterRef("pk"), kind=MatchKind.LINE_RECEIPT, live=True, line__flow=_current("line__flow__")
    )
    rows = Receipt.objects.filter(~Exists(reported), entity_id__in=entity_ids, outcome="OK")
    return rows.defer("raw").select_related("entity")


def own_cents(receipts: Sequence[Receipt]) -> dict[int, int]:
    """The part of each receipt that comes to its body; one that lists no transfer is all of it."""
    transfers = ReceiptTransfer.objects.filter(receipt__in=receipts)
    own = transfers.filter(is_stamp=False, beneficiary_fiscal_code=F("receipt__entity__fiscal_code"))
    cents = dict(own.order_by().values_list("receipt_id").annotate(total=Sum("amount_cents")))
    listed = set(transfers.values_list("receipt_id", flat=True))
    return {row.pk: cents.get(row.pk, 0) if row.pk in listed else row.amount_cents for row in receipts}


def find_flows(entity_id: int, wanted: Wanted, *, near: TreasuryMovement) -> list[ReportingFlow]:
    """Flows that answer to what is looked for; with nothing written, those of the days around a credit."""
    rows = current_flows([entity_id])
    if wanted.text:
        text = wanted.text.upper()
        named = FlowLine.objects.filter(entity=entity_id).filter(Q(iuv=wanted.text) | Q(iur=wanted.text))
        rows = rows.filter(
            Q(iuf_key__contains=text) | Q(regulation_id__iexact=text) | Q(pk__in=named.values("flow"))
        )  # fmt: skip
    if wanted.psp:
        rows = rows.filter(Q(psp_name__icontains=wanted.psp) | Q(psp_id__iexact=wanted.psp))
    if wanted.cents is not None:
        rows = rows.filter(declared_cents=wanted.cents)
    rows = _between(rows, "regulation_date", wanted)
    return list(rows.order_by(Abs(F("declared_cents") - near.cents), "-regulation_date", "-pk")[:FOUND])


def find_movements(entity_id: int, wanted: Wanted, *, near: ReportingFlow) -> list[TreasuryMovement]:
    """Credits that answer to what is looked for; with nothing written, those nearest to the amount of a flow."""
    rows = linkable_movements([entity_id])
    if wanted.text:
        text = wanted.text
        rows = rows.filter(
            Q(document_number=text) | Q(operation_reference__iexact=text) | Q(end_to_end__iexact=text)
            | Q(reference_key__contains=text.upper()) | Q(remittance__icontains=text)
        )  # fmt: skip
    if wanted.psp:
        rows = rows.filter(Q(customer__icontains=wanted.psp) | Q(remittance__icontains=wanted.psp))
    if wanted.cents is not None:
        rows = rows.filter(cents=wanted.cents)
    rows = _between(rows, "booked_on", wanted)
    return list(rows.order_by(Abs(F("cents") - near.declared_cents), "-booked_on", "-pk")[:FOUND])


def find_payments(entity_id: int, wanted: Wanted) -> tuple[list[FlowLine], list[Receipt]]:
    """Lines of current flows, and receipts that no flow reports, with a whole IUV, notice or receipt number."""
    if not wanted.text:
        return [], []
    number = "".join(wanted.text.split())
    iuvs = [number, number[1:]] if len(number) == 18 else [number]
    lines = FlowLine.objects.filter(Q(iuv__in=iuvs) | Q(iur=number), entity=entity_id, cents__gt=0)
    lines = lines.filter(flow__in=current_flows([entity_id])).select_related("flow")
    receipts = unreported([entity_id]).filter(Q(iuv__in=iuvs) | Q(nav=number) | Q(receipt_id=number))
    return list(lines.order_by("pk")[:FOUND]), list(receipts.order_by("pk")[:FOUND])


def standing_matches(document: ReportingFlow | TreasuryMovement) -> list[Match]:
    """The matches of a document that somebody may take back."""
    kinds = [MatchKind.FLOW_MOVEMENT, MatchKind.SINGLE_MOVEMENT]
    about: Mapping[str, int] = {"movement": document.pk}
    chosen = Q(**about)
    if isinstance(document, ReportingFlow):
        same = copies([document])
        chosen = Q(flow__in=same) | Q(line__flow__in=same) | Q(receipt__in=told_before([document]))
    rows = Match.objects.filter(chosen, live=True, kind__in=kinds)
    return list(rows.select_related("flow", "movement", "line", "receipt").defer("receipt__raw").order_by("pk"))


def _between(rows: QuerySet[R], field: str, wanted: Wanted) -> QuerySet[R]:
    if wanted.since is not None:
        rows = rows.filter(**{f"{field}__gte": wanted.since})
    if wanted.until is not None:
        rows = rows.filter(**{f"{field}__lte": wanted.until})
    return rows
