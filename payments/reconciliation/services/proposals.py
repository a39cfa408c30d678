"""Proposals of collection orders: made by difference from what was approved before, approved, exported."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from payments.reconciliation import book_events as events
from payments.reconciliation.domain.proposals import TRANSITIONS, Action, State
from payments.reconciliation.exports.layouts import layout_of
from payments.reconciliation.models import (
    CollectionOrderLine,
    CollectionOrderProposal,
    CollectionOrderVoid,
    ProposalExport,
)
from payments.reconciliation.selectors.proposals import judged_lines, order_rows
from payments.reconciliation.services.looking import Look, books_lock, look_at_movements
from payments.reconciliation.services.people import reason_written
from payments.reconciliation.sql import statement
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.kernel.states import move

_TARGET = statement("proposals_target")
_CHANGED = statement("proposals_changed")
_STEPS = [statement(name) for name in ("proposals_stale", "proposals_open", "proposals_lines", "proposals_empty")]


@dataclass(frozen=True, slots=True)
class Approved:
    """What an approval did: proposals approved, and lines that stay behind with a reason."""

    proposals: int
    cents: int
    left: int


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of an export: the file, unless nothing was left for it, and the proposals that went back."""

    file: ProposalExport | None
    put_back: int


@dataclass(frozen=True, slots=True)
class Voided:
    """What was annulled: collection orders, and their cents."""

    lines: int
    cents: int


def proposals_follow(look: Look) -> int:
    """Bring the drafts in line with the documents looked at; how many rows of proposals changed. Approved and exported
    proposals are not touched: what has changed since makes a draft with the difference.
    """
    look.sql.execute(_TARGET, look.known)
    changed = 0
    for step in _STEPS:
        look.sql.execute(step, look.known | {"now": clock.now()})
        changed += look.sql.rowcount
    return changed


@transaction.atomic
def proposals_approve(*, entity: Entity, proposal_ids: Sequence[int], cents: int, actor: Actor) -> Approved:
    """Approve the lines of these drafts that nothing holds back; the others stay in a draft of their own. `cents` is
    what the person saw. Raises DomainError when it is no longer so, or when there is nothing to approve.
    """
    books_lock(entity.pk)
    wanted = set(proposal_ids)
    chosen = CollectionOrderProposal.objects.select_for_update(of=("self",)).filter(pk__in=wanted, entity=entity)
    drafts = [row for row in chosen if row.state == State.DRAFT]
    lines = [line for line in judged_lines([entity.pk], state=State.DRAFT) if line.proposal_id in wanted]
    good = [line for line in lines if not line.reject]
    if len(drafts) != len(wanted) or sum(line.cents for line in good) != cents:
        raise DomainError("proposals_changed", "Nel frattempo le proposte sono cambiate: ricontrolla gli importi.")
    if not good:
        raise DomainError("nothing_to_approve", "Nessuna riga di queste proposte può andare avanti.")
    ready = {line.proposal_id for line in good}
    left = [line.line_id for line in lines if line.reject and line.proposal_id in ready]
    CollectionOrderLine.objects.filter(pk__in=left).delete()
    CollectionOrderProposal.objects.filter(pk__in=ready).update(
        state=move(TRANSITIONS, State.DRAFT, Action.APPROVE), approved_at=clock.now(), approved_by_id=_person(actor)
    )
    events.proposals_moved(entity=entity, action=Action.APPROVE, proposals=len(ready), cents=cents, actor=actor)
    _follow(entity, drafts)
    return Approved(len(ready), cents, len(lines) - len(good))


@transaction.atomic
def proposal_take_back(*, proposal_id: int, actor: Actor) -> None:
    """Put an approved proposal back among the drafts, before it is exported. Raises MoveNotAllowed."""
    found = CollectionOrderProposal.objects.select_related("entity").get(pk=proposal_id)
    books_lock(found.entity_id)
    row = CollectionOrderProposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
    move(TRANSITIONS, State(row.state), Action.TAKE_BACK)
    _put_back(found.entity, [row], actor=actor)


@transaction.atomic
def proposals_export(*, entity: Entity, layout: str, actor: Actor) -> Exported:
    """Give the approved proposals of a body to the accounting system, in a file that is kept. Each is looked at again:
    what the documents or its assessments no longer allow goes back among the drafts, which say why. Raises DomainError
    when nothing is approved, or for a layout that does not exist.
    """
    books_lock(entity.pk)
    person, which = _person(actor), layout_of(layout)
    approved = CollectionOrderProposal.objects.filter(entity=entity, state=State.APPROVED)
    before = list(approved.select_for_update(of=("self",)).order_by("pk"))
    if not before:
        raise DomainError("nothing_to_export", "Non ci sono proposte approvate da esportare.")
    denied = _denied(entity, before)
    if denied:
        _put_back(entity, denied, actor=actor)
    rows = order_rows(entity)
    if not rows:
        return Exported(None, len(denied))
    now = clock.now()
    export = ProposalExport.objects.create(
        entity=entity,
        layout=which.code,
        name=f"reversali-{entity.code}-{now.astimezone(clock.ROME):%Y%m%d-%H%M%S}.{which.suffix}",
        created_at=now,
        created_by_id=person,
        rows=len(rows),
        cents=sum(row.cents for row in rows),
        content=which.write(rows),
    )
    approved.update(state=move(TRANSITIONS, State.APPROVED, Action.EXPORT), export=export)
    events.proposals_exported(export, actor=actor)
    return Exported(export, len(denied))


@transaction.atomic
def orders_void(*, export: ProposalExport, line_ids: Sequence[int] | None, reason: str, actor: Actor) -> Voided:
    """Say that orders of a file, all that are left without `line_ids`, were annulled or refused by the accounts. What
    their provisionals still ask for is proposed again. Raises ReasonNeeded, and DomainError for lines that are not
    of this file or were annulled before.
    """
    person, why = _person(actor), reason_written(reason)
    books_lock(export.entity_id)
    lines = CollectionOrderLine.objects.filter(proposal__export=export, void=None).select_related("proposal")
    chosen = list(lines if line_ids is None else lines.filter(pk__in=line_ids))
    if not chosen or (line_ids is not None and len(chosen) != len(set(line_ids))):
        text = _("Scegli le reversali da annullare tra quelle del file che non lo sono già.")
        raise DomainError("orders_to_void", text)
    now, cents = clock.now(), sum(line.cents for line in chosen)
    CollectionOrderVoid.objects.bulk_create(
        CollectionOrderVoid(entity_id=export.entity_id, line=line, reason=why, made_at=now, made_by_id=person)
        for line in chosen
    )
    events.orders_voided(export, lines=len(chosen), cents=cents, actor=actor)
    _follow(export.entity, [line.proposal for line in chosen])
    return Voided(len(chosen), cents)


def _denied(entity: Entity, approved: Sequence[CollectionOrderProposal]) -> list[CollectionOrderProposal]:
    """Those that could not be approved any more, as the documents and their assessments are now."""
    with look_at_movements(entity, [proposal.movement_id for proposal in approved]) as look:
        look.sql.execute(_TARGET, look.known)
        look.sql.execute(_CHANGED, look.known)
        keys = {key for (key,) in look.sql.fetchall()}
    keys |= {line.proposal_id for line in judged_lines([entity.pk], state=State.APPROVED) if line.reject}
    return [proposal for proposal in approved if proposal.pk in keys]


def _put_back(entity: Entity, rows: Sequence[CollectionOrderProposal], *, actor: Actor) -> None:
    """In their place the drafts that follow are made of the documents as they are now."""
    lines = CollectionOrderLine.objects.filter(proposal__in=rows)
    cents = sum(lines.values_list("cents", flat=True))
    lines.delete()
    CollectionOrderProposal.objects.filter(pk__in=[row.pk for row in rows]).delete()
    events.proposals_moved(entity=entity, action=Action.TAKE_BACK, proposals=len(rows), cents=cents, actor=actor)
    _follow(entity, rows)


def _follow(entity: Entity, moved: Sequence[CollectionOrderProposal]) -> None:
    """The drafts of the provisionals of these proposals."""
    with look_at_movements(entity, [proposal.movement_id for proposal in moved]) as look:
        proposals_follow(look)


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise DomainError("proposal_nobody", "Una proposta di reversale è approvata da una persona.")
    return actor.user_id
