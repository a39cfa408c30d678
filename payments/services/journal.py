"""What the station keeps grows by itself: calls of the node and messages in quarantine go away after their term."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from payments import conf, events
from payments.models import NodeCall, QuarantinedMessage
from portal import clock

BATCH = 5000
# Messages are large: five megabytes each, at worst.
MESSAGES = 200


def journal_purge(*, days: int | None = None, batch: int = BATCH) -> int:
    """Delete calls older than the term, `batch` at a time so that no lock lasts. How many went; one audit event."""
    before = clock.now() - timedelta(days=conf.journal_days() if days is None else days)
    gone = last = 0
    while oldest := list(NodeCall.objects.filter(at__lt=before).order_by("pk").values_list("pk", flat=True)[:batch]):
        NodeCall.objects.filter(pk__in=oldest).delete()
        gone, last = gone + len(oldest), oldest[-1]
    if gone:
        with transaction.atomic():
            events.journal_purged(NodeCall(pk=last), before=before, rows=gone)
    return gone


def quarantine_purge(*, days: int | None = None, batch: int = MESSAGES) -> int:
    """Delete messages in quarantine older than the term, `batch` at a time. How many went.

    They are evidence: each batch goes in a transaction of its own, with the audit event that says so.
    """
    before = clock.now() - timedelta(days=conf.quarantine_days() if days is None else days)
    gone = 0
    while rows := _quarantine_batch(before, batch=batch):
        gone += rows
    return gone


@transaction.atomic
def _quarantine_batch(before: datetime, *, batch: int) -> int:
    old = QuarantinedMessage.objects.filter(received_at__lt=before)
    oldest = list(old.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True)[:batch])
    if not oldest:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.purge', 'on', true)")
        QuarantinedMessage.objects.filter(pk__in=oldest).delete()
        cursor.execute("SELECT set_config('portal.purge', '', true)")
    events.quarantine_purged(QuarantinedMessage(pk=oldest[-1]), before=before, rows=len(oldest))
    return len(oldest)
