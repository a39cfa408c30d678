"""What has been kept long enough goes away: requests of login with their messages and tickets.

Evidence refuses to be deleted except under the database's `portal.purge` switch, which is set here for one batch at a
time. Each batch is a transaction that also counts itself on the row of the run: a purge that is cut off has left its
count, and the next one goes on with it. Two at once wait for each other batch by batch.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest, Least

from portal import clock
from spid_auth import events
from spid_auth.models import AuthnTransaction, RegisterPurge, SamlMessage
from spid_auth.register import retention

BATCH = 500

# The order of foreign keys does not matter inside a transaction: they are checked at its end.
_DELETES = (
    "DELETE FROM spid_auth_responseticket USING spid_auth_samlmessage"
    " WHERE message_id = spid_auth_samlmessage.id AND transaction_id = ANY(%s)",
    "DELETE FROM spid_auth_samlmessage WHERE transaction_id = ANY(%s)",
    "DELETE FROM spid_auth_authntransaction WHERE id = ANY(%s)",
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a purge would delete, and what it would leave only because somebody holds it."""

    cutoff: datetime
    transactions: int
    messages: int
    held: int


def register_purge_preview(*, today: date) -> Found:
    """Count what a purge would delete. Raises NoTerm."""
    cutoff = retention.cutoff(today)
    due = _due(cutoff)
    messages = SamlMessage.objects.filter(transaction__in=due.values("pk")).count()
    return Found(cutoff, due.count(), messages, _held(cutoff).count())


def register_purge(*, today: date, batch: int = BATCH) -> RegisterPurge:
    """Delete what is older than the term and not held. One audit event for the run. Raises NoTerm."""
    cutoff = retention.cutoff(today)
    run = _open_run(cutoff)
    while _purge_batch(run, cutoff, batch):
        pass
    return _close(run, cutoff)


def _due(cutoff: datetime) -> QuerySet[AuthnTransaction]:
    """Older than the term with all their messages (a logout may come later than the login), and held by nobody."""
    later = SamlMessage.objects.filter(transaction=OuterRef("pk"), at__gte=cutoff)
    old = AuthnTransaction.objects.filter(created_at__lt=cutoff).exclude(Exists(later))
    return old.filter(_NOT_HELD).order_by("pk")


_NOT_HELD = Q(hold_reason="") & (Q(identity__isnull=True) | Q(identity__hold_reason=""))


def _held(cutoff: datetime) -> QuerySet[AuthnTransaction]:
    return AuthnTransaction.objects.filter(created_at__lt=cutoff).exclude(_NOT_HELD)


def _open_run(cutoff: datetime) -> RegisterPurge:
    run, _created = RegisterPurge.objects.get_or_create(
        finished_at=None, defaults={"started_at": clock.now(), "cutoff": cutoff}
    )
    return run


@transaction.atomic
def _purge_batch(run: RegisterPurge, cutoff: datetime, size: int) -> bool:
    """Delete the oldest `size` and count them. False when there is nothing left, or another process closed the run."""
    open_run = RegisterPurge.objects.select_for_update().filter(pk=run.pk, finished_at__isnull=True)
    if not open_run.exists():
        return False
    chosen = list(_due(cutoff).select_for_update(of=("self",)).values_list("pk", "created_at")[:size])
    if not chosen:
        return False
    keys, moments = [pk for pk, _at in chosen], [at for _pk, at in chosen]
    messages, transactions = _delete(keys)[1:]
    RegisterPurge.objects.filter(pk=run.pk).update(
        cutoff=cutoff,
        transactions=F("transactions") + transactions,
        messages=F("messages") + messages,
        oldest_at=Least(F("oldest_at"), min(moments)),
        newest_at=Greatest(F("newest_at"), max(moments)),
    )
    return True


def _delete(keys: list[int]) -> list[int]:
    """How many rows of each table went away."""
    counts = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.purge', 'on', true)")
        for statement in _DELETES:
            cursor.execute(statement, [keys])
            counts.append(cursor.rowcount)
        cursor.execute("SELECT set_config('portal.purge', '', true)")
    return counts


@transaction.atomic
def _close(run: RegisterPurge, cutoff: datetime) -> RegisterPurge:
    """Put the end on the run; who comes second finds it there."""
    run = RegisterPurge.objects.select_for_update().get(pk=run.pk)
    if run.finished_at is None:
        run.finished_at, run.cutoff = clock.now(), cutoff
        run.save(update_fields=["finished_at", "cutoff"])
        events.register_purged(run, held=_held(cutoff).count())
    return run
