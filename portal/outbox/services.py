"""Write, carry, retry. The row is the promise; Celery only carries it.

A carrier takes a lease on the row (`available_at` moves forward) and commits, runs the handler outside that
transaction, then marks the row done. A carrier that dies leaves the row pending, and the sweep finds it when the
lease has run out: so a handler may run twice and must be idempotent.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django_scopes import scope, scopes_disabled
from kombu.exceptions import OperationalError

from portal import clock
from portal.kernel.errors import DomainError, GatewayError
from portal.outbox.models import OutboxMessage, State

Handler = Callable[[dict[str, Any], OutboxMessage], None]

LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
MOST_ATTEMPTS = 48  # about two days, then a person looks at it

logger = logging.getLogger(__name__)
_handlers: dict[str, Handler] = {}


def handler(name: str) -> Callable[[Handler], Handler]:
    """Register a handler: `@handler("messaging.email")`. The name is stored in rows: it is for ever."""

    def register(function: Handler) -> Handler:
        if _handlers.setdefault(name, function) is not function:
            raise ValueError(f"outbox handler {name} is registered twice")
        return function

    return register


def send(
    name: str,
    payload: dict[str, Any],
    *,
    key: str | None = None,
    entity_id: int | None = None,
    not_before: datetime | None = None,
) -> None:
    """Write a message in the caller's transaction; it leaves on commit. The same `key` is written once."""
    now = clock.now()
    row = OutboxMessage(
        handler=name,
        payload=payload,
        key=key,
        entity_id=entity_id,
        created_at=now,
        available_at=not_before or now,
    )
    if key is None:
        row.save(force_insert=True)
    else:
        OutboxMessage.objects.bulk_create([row], ignore_conflicts=True)
    if not_before is None or not_before <= now:
        transaction.on_commit(_wake_carrier, robust=True)


def release(key: str) -> None:
    """What `key` stood for is over: the next message with it is another one. One not yet carried still goes out."""
    OutboxMessage.objects.filter(key=key).update(key=None)


def _wake_carrier() -> None:
    from portal.outbox.tasks import carry

    try:
        carry.delay()
    except (OperationalError, OSError) as error:
        # The broker is down: the row waits for the sweep. Nobody who asked for something must see this.
        logger.warning("outbox: the broker did not answer (%s)", type(error).__name__)


def carry_due(*, most: int = 200) -> int:
    """Carry what is due, oldest first. Returns how many rows were tried."""
    for tried in range(most):
        row = _lease()
        if row is None:
            return tried
        carry_one(row)
    return most


def _lease() -> OutboxMessage | None:
    now = clock.now()
    with transaction.atomic():
        row = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(state=State.PENDING, available_at__lte=now)
            .order_by("available_at", "pk")
            .first()
        )
        if row is None:
            return None
        row.attempts += 1
        row.available_at = now + LEASE
        row.save(update_fields=["attempts", "available_at"])
        return row


def carry_one(row: OutboxMessage) -> None:
    """Run the handler of a leased row and record how it went."""
    if row.attempts > MOST_ATTEMPTS:
        # Only a handler that breaks down every time comes here: nobody recorded how it went.
        _settle(row, State.FAILED, error="handler breaks down")
        return
    try:
        _run(row)
    except DomainError as error:
        _settle(row, State.FAILED, error=error.code)
    except GatewayError as error:
        _retry(row, error, give_up=error.permanent)
    except OSError as error:
        _retry(row, error, give_up=False)
    else:
        _settle(row, State.DONE)


def _run(row: OutboxMessage) -> None:
    function = _handlers.get(row.handler)
    if function is None:
        raise GatewayError(f"no handler {row.handler}", permanent=False)
    if row.entity_id is None:
        with scopes_disabled():
            function(row.payload, row)
    else:
        with scope(entity=row.entity):
            function(row.payload, row)


def _retry(row: OutboxMessage, error: Exception, *, give_up: bool) -> None:
    # Only the kind of error and our own words are kept: answers of other systems may carry personal data.
    text = f"{type(error).__name__}: {error}"[:300] if isinstance(error, GatewayError) else type(error).__name__
    if give_up or row.attempts >= MOST_ATTEMPTS:
        _settle(row, State.FAILED, error=text)
        return
    pause = min(FIRST_PAUSE * 2 ** (row.attempts - 1), LONGEST_PAUSE)
    OutboxMessage.objects.filter(pk=row.pk, state=State.PENDING).update(
        available_at=clock.now() + pause, last_error=text
    )


def _settle(row: OutboxMessage, state: State, *, error: str = "") -> None:
    OutboxMessage.objects.filter(pk=row.pk, state=State.PENDING).update(
        state=state, done_at=clock.now() if state is State.DONE else None, last_error=error
    )


def try_again(*, message_id: int) -> None:
    """Put a failed message back in line (an operator asks for it in the admin)."""
    OutboxMessage.objects.filter(pk=message_id, state=State.FAILED).update(
        state=State.PENDING, available_at=clock.now(), attempts=0
    )
    transaction.on_commit(_wake_carrier, robust=True)
