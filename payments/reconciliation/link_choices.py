"""What the page of links shows: the document one starts from, those chosen for it, those that may fit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from payments.models import Receipt
from payments.reconciliation.domain.amounts import in_field
from payments.reconciliation.models import FlowLine, Match, ReportingFlow, TreasuryMovement
from payments.reconciliation.selectors.linking import (
    Wanted,
    current_flows,
    find_flows,
    find_movements,
    find_payments,
    linkable_movements,
    own_cents,
    standing_matches,
    unreported,
)
from payments.reconciliation.services.linking import MOST, Piece
from payments.reconciliation.services.shares import free_cents, missing_cents
from payments.services.receipts import paid_on

# A chosen document in the address: a letter for what it is, and its key.
_LETTERS = {"f": "flow", "l": "line", "r": "receipt", "m": "movement"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A document that may be put beside the one of the page; `left` is what can still be given of it or to it."""

    key: str
    name: str
    more: str
    day: date
    cents: int
    left: int
    proposed: int = 0

    @property
    def field(self) -> str:
        """What is proposed, as its field has it."""
        return in_field(self.proposed) if self.proposed else ""


@dataclass(frozen=True, slots=True)
class Base:
    """The document of the page, and what is left of it."""

    document: ReportingFlow | TreasuryMovement
    left: int
    matches: Sequence[Match]

    @property
    def is_flow(self) -> bool:
        """Whether credits are looked for, and not flows."""
        return isinstance(self.document, ReportingFlow)

    @property
    def query(self) -> str:
        """How its address names it."""
        return f"{'flusso' if self.is_flow else 'movimento'}={self.document.pk}"

    def piece(self, key: str, cents: int) -> Piece:
        """The part of it that goes with a chosen document."""
        pk = int(key[1:])
        if isinstance(self.document, ReportingFlow):
            return Piece(movement_id=pk, flow_id=self.document.pk, cents=cents)
        return Piece(movement_id=self.document.pk, cents=cents, **{f"{_LETTERS[key[0]]}_id": pk})


def base_of(entity_ids: Sequence[int], *, flow_id: int, movement_id: int) -> Base | None:
    """The document of these bodies that the page is about; None when it is not there, or counts no more."""
    if flow_id:
        flow = current_flows(entity_ids).select_related("entity").filter(pk=flow_id).first()
        return Base(flow, missing_cents([flow])[flow.pk], standing_matches(flow)) if flow else None
    movement = linkable_movements(entity_ids).select_related("entity").filter(pk=movement_id).first()
    return Base(movement, free_cents([movement])[movement.pk], standing_matches(movement)) if movement else None


def chosen(base: Base, keys: Iterable[str]) -> list[Choice]:
    """The documents already chosen, with what of them is proposed: all that is left on both sides, in their order."""
    wanted = list(dict.fromkeys(key for key in keys if key[1:].isdecimal() and len(key) < 20))[:MOST]
    found = {choice.key: choice for choice in _named(base, wanted)}
    left, rows = max(0, base.left), []
    for key in wanted:
        if key in found:
            choice = found[key]
            give = max(0, min(left, choice.left))
            left -= give
            rows.append(Choice(choice.key, choice.name, choice.more, choice.day, choice.cents, choice.left, give))
    return rows


def possible(base: Base, wanted: Wanted, *, without: Iterable[str]) -> list[Choice]:
    """Those that may fit and of which something is left."""
    document, entity = base.document, base.document.entity_id
    if isinstance(document, ReportingFlow):
        rows = _movements(find_movements(entity, wanted, near=document))
    else:
        lines, receipts = find_payments(entity, wanted)
        rows = [*_flows(find_flows(entity, wanted, near=document)), *_lines(lines), *_receipts(receipts)]
    taken = set(without)
    return [row for row in rows if row.left > 0 and row.key not in taken]


def _named(base: Base, keys: Sequence[str]) -> list[Choice]:
    ids = {letter: [int(key[1:]) for key in keys if key[0] == letter] for letter in _LETTERS}
    ours = [base.document.entity_id]
    if base.is_flow:
        return _movements(list(linkable_movements(ours).filter(pk__in=ids["m"])))
    lines = FlowLine.objects.filter(pk__in=ids["l"], flow__in=current_flows(ours)).select_related("flow")
    return [
        *_flows(list(current_flows(ours).filter(pk__in=ids["f"]))),
        *_lines(list(lines)),
        *_receipts(list(unreported(ours).filter(pk__in=ids["r"]))),
    ]


def _movements(rows: Sequence[TreasuryMovement]) -> list[Choice]:
    free = free_cents(rows)
    return [
        Choice(
            f"m{row.pk}", f"{row.document_number}/{row.year}", f"{row.customer} · {row.remittance[:140]}",
            row.booked_on, row.cents, free[row.pk],
        )
        for row in rows
    ]  # fmt: skip


def _flows(rows: Sequence[ReportingFlow]) -> list[Choice]:
    missing = missing_cents(rows)
    return [
        Choice(
            f"f{row.pk}", row.iuf, f"{row.psp_name or row.psp_id} · {row.regulation_id}", row.regulation_date,
            row.declared_cents, missing[row.pk],
        )
        for row in rows
    ]  # fmt: skip


def _lines(rows: Sequence[FlowLine]) -> list[Choice]:
    """One payment of a flow; no more than the flow still misses."""
    missing = missing_cents([row.flow for row in rows])
    return [
        Choice(
            f"l{row.pk}", f"IUV {row.iuv}", f"{row.iur} · {row.flow.iuf}", row.paid_on, row.cents,
            min(row.cents, missing[row.flow_id]),
        )
        for row in rows
    ]  # fmt: skip


def _receipts(rows: Sequence[Receipt]) -> list[Choice]:
    """A payment that no flow reports."""
    own = own_cents(rows)
    return [
        Choice(f"r{row.pk}", f"IUV {row.iuv}", row.receipt_id, paid_on(row), row.amount_cents, own[row.pk])
        for row in rows
    ]
