"""Matches made by hand: a person says which credit paid which flow or which payment, and how much of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from payments.models import Receipt
from payments.reconciliation import events
from payments.reconciliation.domain.remittance import Confidence
from payments.reconciliation.domain.rules import MatchRule
from payments.reconciliation.models import (
    FlowLine,
    Match,
    MatchKind,
    PullSource,
    ReportingFlow,
    Suggestion,
    SuggestionState,
    TreasuryMovement,
)
from payments.reconciliation.selectors.desk import suggestion_threshold
from payments.reconciliation.selectors.linking import (
    copies,
    current_flows,
    key_of,
    linkable_movements,
    own_cents,
    unreported,
)
from payments.reconciliation.services.books import reconcile_and_book
from payments.reconciliation.services.cursors import cursor_locked
from payments.reconciliation.services.people import accountant_needed, reason_written
from payments.reconciliation.services.shares import free_cents, missing_cents
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.kernel.money import euro

MOST = 20


class CannotLink(DomainError):
    """The documents, or the amounts, do not allow it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """How much of a credit goes to a flow, or to one payment: a line, or a receipt that no flow reports."""

    movement_id: int
    cents: int
    flow_id: int | None = None
    line_id: int | None = None
    receipt_id: int | None = None

    @property
    def kind(self) -> MatchKind:
        """What match it makes."""
        return MatchKind.FLOW_MOVEMENT if self.flow_id else MatchKind.SINGLE_MOVEMENT


@transaction.atomic
def link_by_hand(*, entity: Entity, pieces: Sequence[Piece], reason: str, user_id: int, actor: Actor) -> Suggestion:
    """Put documents together because a person says so. Beyond the threshold of the body a second person must agree:
    then it waits among the proposals. Raises NotAnAccountant, ReasonNeeded, CannotLink.
    """
    accountant_needed(entity, user_id)
    why = reason_written(reason)
    cursor_locked(entity=entity, source=PullSource.MATCHING)
    check(entity=entity, pieces=pieces)
    cents, now = sum(piece.cents for piece in pieces), clock.now()
    waits = cents > suggestion_threshold(entity.pk, on=clock.today())
    key = _key(pieces)
    if Suggestion.objects.filter(entity=entity, key=key, state=SuggestionState.OPEN).exists():
        raise CannotLink("link_waits", _("Lo stesso collegamento aspetta già la conferma di un'altra persona."))
    decided = Suggestion.objects.create(
        entity=entity, key=key, flows=sorted({piece.flow_id for piece in pieces if piece.flow_id}),
        movements=sorted({piece.movement_id for piece in pieces}), rule=MatchRule.BY_HAND, cents=cents,
        state=SuggestionState.OPEN if waits else SuggestionState.CONFIRMED, proposed_at=now, first_by_id=user_id,
        decided_at=None if waits else now, why=why, shares=[asdict(piece) for piece in pieces],
    )  # fmt: skip
    if not waits:
        Match.objects.bulk_create(matches(entity.pk, pieces, user_id))
    events.suggestion_decided(suggestion=decided, actor=actor)
    if not waits:
        reconcile_and_book(entity=entity, actor=actor, full=alone(pieces))
    return decided


def pieces_of(suggestion: Suggestion) -> list[Piece]:
    """What a person proposed; empty for the proposals of the rules."""
    return [Piece(**share) for share in suggestion.shares]


def alone(pieces: Iterable[Piece]) -> bool:
    """Whether a payment credited by itself is among them: then everything is judged again."""
    return any(piece.kind is MatchKind.SINGLE_MOVEMENT for piece in pieces)


def matches(entity_id: int, pieces: Iterable[Piece], user_id: int) -> list[Match]:
    """The matches that a person makes."""
    return [
        Match(
            entity_id=entity_id, kind=piece.kind, flow_id=piece.flow_id, line_id=piece.line_id,
            receipt_id=piece.receipt_id, movement_id=piece.movement_id, rule=MatchRule.BY_HAND,
            confidence=Confidence.NONE, cents=piece.cents, made_by_id=user_id,
        )
        for piece in pieces
    ]  # fmt: skip


def check(*, entity: Entity, pieces: Sequence[Piece]) -> None:
    """Whether the pieces can be put together now. Needs the runs of the body kept waiting. Raises CannotLink."""
    if not 1 <= len(pieces) <= MOST:
        raise CannotLink("link_count", _("Scegli da uno a venti documenti da collegare."))
    if any(piece.cents < 1 for piece in pieces):
        raise CannotLink("link_cents", _("Scrivi un importo di almeno un centesimo per ogni documento."))
    _check_movements(entity, pieces)
    lines = _lines(entity, pieces)
    _check_flows(entity, pieces, lines)
    _check_payments(entity, pieces, lines)


def _check_movements(entity: Entity, pieces: Sequence[Piece]) -> None:
    wanted = Counter[int]()
    for piece in pieces:
        wanted[piece.movement_id] += piece.cents
    found: list[TreasuryMovement] = list(linkable_movements([entity.pk]).filter(pk__in=wanted))
    if len(found) != len(wanted):
        raise CannotLink("link_movement", _("Un accredito non c'è più: è stornato, o conta un altro documento."))
    free = free_cents(found)
    for movement in found:
        if wanted[movement.pk] > free[movement.pk]:
            text = _("Del provvisorio %(number)s restano %(left)s. Se è abbinato male, annulla prima l'abbinamento.")
            raise CannotLink("link_free", text % _names(movement.document_number, free[movement.pk]))


def _lines(entity: Entity, pieces: Sequence[Piece]) -> dict[int, FlowLine]:
    ids = {piece.line_id for piece in pieces if piece.line_id}
    rows = FlowLine.objects.filter(entity=entity, pk__in=ids, flow__in=current_flows([entity.pk]))
    rows = rows.select_related("flow")
    lines = {line.pk: line for line in rows}
    if len(lines) != len(ids):
        raise CannotLink("link_line", _("Una riga non c'è più: il suo flusso è stato sostituito."))
    return lines


def _check_flows(entity: Entity, pieces: Sequence[Piece], lines: dict[int, FlowLine]) -> None:
    wanted, pairs = Counter[int](), Counter[tuple[int, int]]()
    for piece in pieces:
        flow_id = piece.flow_id or (lines[piece.line_id].flow_id if piece.line_id else None)
        if flow_id:
            wanted[flow_id] += piece.cents
        if piece.flow_id:
            pairs[piece.flow_id, piece.movement_id] += 1
    found: list[ReportingFlow] = list(current_flows([entity.pk]).filter(pk__in=wanted))
    if len(found) != len(wanted):
        raise CannotLink("link_flow", _("Un flusso non c'è più: una revisione lo ha sostituito."))
    missing = missing_cents(found)
    for flow in found:
        if wanted[flow.pk] > missing[flow.pk]:
            text = _("Al flusso %(number)s mancano %(left)s. Se è abbinato male, annulla prima l'abbinamento.")
            raise CannotLink("link_missing", text % _names(flow.iuf, max(0, missing[flow.pk])))
    same, keys = copies(found), {flow.pk: key_of(flow) for flow in found}
    standing = Match.objects.filter(flow__in=same, live=True, kind=MatchKind.FLOW_MOVEMENT)
    had = {(same[flow], movement) for flow, movement in standing.values_list("flow", "movement") if flow}
    if max(pairs.values(), default=0) > 1 or had & {(keys[flow], movement) for flow, movement in pairs}:
        raise CannotLink("link_twice", _("Questo flusso e questo provvisorio sono già abbinati: annulla e ricollega."))


def _check_payments(entity: Entity, pieces: Sequence[Piece], lines: dict[int, FlowLine]) -> None:
    ids = {piece.receipt_id for piece in pieces if piece.receipt_id}
    receipts: dict[int, Receipt] = {row.pk: row for row in unreported([entity.pk]).filter(pk__in=ids)}
    if len(receipts) != len(ids):
        raise CannotLink("link_receipt", _("Un flusso riporta già quella ricevuta: collega la sua riga."))
    singles = [piece for piece in pieces if piece.kind is MatchKind.SINGLE_MOVEMENT]
    own = own_cents(list(receipts.values()))
    for piece in singles:
        whole = lines[piece.line_id].cents if piece.line_id else own[piece.receipt_id or 0]
        if piece.cents > whole:
            raise CannotLink("link_payment", _("Il pagamento è di %(left)s.") % {"left": euro(whole)})
    standing = Match.objects.filter(live=True, kind=MatchKind.SINGLE_MOVEMENT, entity=entity)
    taken = standing.filter(movement__in=[piece.movement_id for piece in singles]) | standing.filter(receipt__in=ids)
    reported = Match.objects.filter(line__in=list(lines), live=True, kind=MatchKind.LINE_RECEIPT)
    taken |= standing.filter(receipt__in=reported.values("receipt"))
    of_lines = standing.filter(line__flow__in=copies(line.flow for line in lines.values()))
    told = set(of_lines.values_list("line__iuv", "line__iur", "line__transfer"))
    again = any((line.iuv, line.iur, line.transfer) in told for line in lines.values())
    if again or taken.exists() or len({piece.movement_id for piece in singles}) != len(singles):
        raise CannotLink("link_alone", _("Un accredito paga da solo un pagamento soltanto: annulla prima l'altro."))


def _names(number: str, cents: int) -> dict[str, str]:
    return {"number": number, "left": euro(cents)}


def _key(pieces: Iterable[Piece]) -> str:
    """The same pieces have the same key, in any order."""
    texts = sorted(f"{p.movement_id}:{p.flow_id or 0}:{p.line_id or 0}:{p.receipt_id or 0}:{p.cents}" for p in pieces)
    return f"by_hand {' '.join(texts)}"[:500]
