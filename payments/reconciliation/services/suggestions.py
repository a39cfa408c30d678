"""What persons decide: confirm or discard a proposal, take a match back. Each is followed by a run."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from payments.reconciliation import events
from payments.reconciliation.domain.remittance import Confidence
from payments.reconciliation.models import (
    Match,
    MatchKind,
    PullSource,
    Suggestion,
    SuggestionState,
)
from payments.reconciliation.selectors.desk import suggestion_threshold
from payments.reconciliation.selectors.linking import current_flows, linkable_movements
from payments.reconciliation.services.books import reconcile_and_book
from payments.reconciliation.services.cursors import cursor_locked
from payments.reconciliation.services.linking import CannotLink, alone, check, matches, pieces_of
from payments.reconciliation.services.people import reason_written
from payments.reconciliation.services.shares import missing_cents, spare_cents
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import DomainError


class AlreadyDecided(DomainError):
    """The page was stale: the proposal is no longer open, the match no longer valid."""


class SecondPersonNeeded(DomainError):
    """Who confirmed first cannot confirm again."""


@transaction.atomic
def suggestion_confirm(*, entity: Entity, suggestion_id: int, user_id: int, actor: Actor) -> Suggestion:
    """Confirm a proposal; beyond the threshold of the body the first confirmation waits for a second person.

    Raises AlreadyDecided, SecondPersonNeeded, CannotLink.
    """
    suggestion = _open(entity, suggestion_id)
    if suggestion.first_by_id is None:
        suggestion.first_by_id = user_id
        if suggestion.cents > suggestion_threshold(entity.pk, on=clock.today()):
            suggestion.save(update_fields=["first_by"])
            events.suggestion_decided(suggestion=suggestion, actor=actor)
            return suggestion
    elif suggestion.first_by_id == user_id:
        raise SecondPersonNeeded("suggestion_second_person", _("La seconda conferma spetta a un'altra persona."))
    else:
        suggestion.second_by_id = user_id
    pieces = pieces_of(suggestion)
    if pieces:
        check(entity=entity, pieces=pieces)
    made = matches(entity.pk, pieces, user_id) if pieces else _matches(suggestion, user_id)
    suggestion.state, suggestion.decided_at = SuggestionState.CONFIRMED, clock.now()
    suggestion.save(update_fields=["first_by", "second_by", "state", "decided_at"])
    Match.objects.bulk_create(made)
    events.suggestion_decided(suggestion=suggestion, actor=actor)
    reconcile_and_book(entity=entity, actor=actor, full=alone(pieces))
    return suggestion


@transaction.atomic
def suggestion_discard(*, entity: Entity, suggestion_id: int, user_id: int, reason: str, actor: Actor) -> Suggestion:
    """Say that a proposal is wrong: it leaves the list, and does not come back for the same documents, nor for those
    that take their place. Raises AlreadyDecided, ReasonNeeded.
    """
    suggestion = _open(entity, suggestion_id)
    suggestion.reason = reason_written(reason)
    suggestion.discarded_by_id = user_id
    suggestion.state, suggestion.decided_at = SuggestionState.DISCARDED, clock.now()
    suggestion.save(update_fields=["reason", "discarded_by", "state", "decided_at"])
    events.suggestion_decided(suggestion=suggestion, actor=actor)
    return suggestion


@transaction.atomic
def match_revoke(*, entity: Entity, match_id: int, user_id: int, reason: str, actor: Actor) -> Match:
    """Take back the match of a credit, made by a rule or by a person. The rules do not make it again.

    Raises AlreadyDecided, ReasonNeeded.
    """
    cursor_locked(entity=entity, source=PullSource.MATCHING)
    kinds = [MatchKind.FLOW_MOVEMENT, MatchKind.SINGLE_MOVEMENT]
    match = Match.objects.select_for_update(of=("self",)).filter(entity=entity, kind__in=kinds, pk=match_id).first()
    if match is None or not match.live:
        raise AlreadyDecided("match_already_revoked", _("L'abbinamento era già stato annullato."))
    match.live, match.revoked_at, match.revoked_by_id = False, clock.now(), user_id
    match.revoked_reason = reason_written(reason)
    match.save(update_fields=["live", "revoked_at", "revoked_by", "revoked_reason"])
    events.match_revoked(match=match, actor=actor)
    reconcile_and_book(entity=entity, actor=actor, full=match.kind == MatchKind.SINGLE_MOVEMENT)
    return match


def _whole(cents: Mapping[int, int], proposed: int) -> bool:
    """Whether each has something, and all together what was proposed."""
    return min(cents.values()) > 0 and sum(cents.values()) == proposed


def _open(entity: Entity, suggestion_id: int) -> Suggestion:
    """The proposal, with every run of the body kept waiting."""
    cursor_locked(entity=entity, source=PullSource.MATCHING)
    suggestion = Suggestion.objects.filter(entity=entity, pk=suggestion_id, state=SuggestionState.OPEN).first()
    if suggestion is None:
        raise AlreadyDecided("suggestion_decided", _("La proposta era già stata decisa o non vale più."))
    return suggestion


def _matches(suggestion: Suggestion, user_id: int) -> list[Match]:
    """A flow takes what is free of each credit; a credit gives each flow what it misses. Raises CannotLink when that
    is no longer what was proposed.
    """
    body = [suggestion.entity_id]
    missing = missing_cents(list(current_flows(body).filter(pk__in=suggestion.flows)))
    free = spare_cents(list(linkable_movements(body).filter(pk__in=suggestion.movements)))
    there = len(missing) == len(suggestion.flows) and len(free) == len(suggestion.movements)
    if not (there and all(_whole(cents, suggestion.cents) for cents in (missing, free))):
        raise CannotLink(
            "suggestion_spent",
            _("Una parte di questo denaro è stata attribuita ad altro: scarta la proposta, o collega a mano."),
        )
    return [
        Match(
            entity_id=suggestion.entity_id,
            kind=MatchKind.FLOW_MOVEMENT,
            flow_id=flow,
            movement_id=movement,
            rule=suggestion.rule,
            confidence=Confidence.NONE,
            cents=min(missing[flow], free[movement]),
            made_by_id=user_id,
        )
        for flow in suggestion.flows
        for movement in suggestion.movements
    ]
