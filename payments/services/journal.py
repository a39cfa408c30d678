"""The journal of the node's calls grows by itself: what is older than the term goes away."""

from datetime import timedelta

from django.db import transaction

from payments import conf, events
from payments.models import NodeCall
from portal import clock

BATCH = 5000


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
