"""When the journal names a provisional that a list had brought first: the journal knows more, and counts from then on.

The row of the list stays as it was read; only whether it counts changes. What persons had put together, or recorded as
a payment outside pagoPA, goes on with the movement of the journal.
"""

from collections.abc import Collection

from django.db import connection
from django.utils.translation import gettext as _

from payments.reconciliation.models import Match, MatchKind, OutsideCredit, PullSource, TreasuryMovement
from payments.reconciliation.services.cursors import cursor_locked
from payments.reconciliation.sql import statement
from portal import clock
from portal.entities.models import Entity

_TAKE_OVER = statement("take_over")
_TAKEN_BACK = ("live", "revoked_at", "revoked_by", "revoked_reason")


def journal_takes_over(*, entity: Entity, provisionals: Collection[tuple[int, str]]) -> int:
    """Of these provisionals (year, number) only the journal's movements count; how many of lists no longer do.

    In the caller's transaction.
    """
    if not provisionals:
        return 0
    years, numbers = [year for year, _number in provisionals], [number for _year, number in provisionals]
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OVER, {"entity": entity.pk, "years": years, "numbers": numbers})
        heirs = dict(cursor.fetchall())
    _pass_on(entity, heirs)
    return len(heirs)


def _pass_on(entity: Entity, heirs: dict[int, int]) -> None:
    """What persons decided, from the movement of the list to that of the journal."""
    cursor_locked(entity=entity, source=PullSource.MATCHING)
    kinds = [MatchKind.FLOW_MOVEMENT, MatchKind.SINGLE_MOVEMENT]
    made = Match.objects.select_for_update(of=("self",)).filter(
        entity=entity, movement_id__in=heirs, live=True, made_by__isnull=False, kind__in=kinds
    )
    matches = list(made)
    amounts = dict(TreasuryMovement.objects.filter(pk__in=heirs.values()).values_list("pk", "cents"))
    now, reason = clock.now(), _("Il provvisorio è arrivato nel giornale di cassa: l'abbinamento continua su quello.")
    for match in matches:
        match.live, match.revoked_at, match.revoked_by_id, match.revoked_reason = False, now, match.made_by_id, reason
        match.save(update_fields=_TAKEN_BACK)
    Match.objects.bulk_create(_inherited(match, heirs[match.movement_id or 0], amounts) for match in matches)
    credits_ = list(OutsideCredit.objects.filter(entity=entity, movement_id__in=heirs))
    for row in credits_:
        row.list_movement_id, row.movement_id = row.movement_id, heirs[row.movement_id]
    OutsideCredit.objects.bulk_update(credits_, ["list_movement", "movement"])


def _inherited(match: Match, movement_id: int, amounts: dict[int, int]) -> Match:
    return Match(
        entity_id=match.entity_id, kind=match.kind, flow_id=match.flow_id, line_id=match.line_id,
        receipt_id=match.receipt_id, movement_id=movement_id, rule=match.rule, confidence=match.confidence,
        cents=min(match.cents, amounts[movement_id]), made_by_id=match.made_by_id,
    )  # fmt: skip
