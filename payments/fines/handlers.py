"""What the outbox asks of fines. Each may run twice."""

from typing import Any

from payments.fines import conf
from payments.fines.services.files import IMPORT_HANDLER
from payments.fines.services.importing import import_run
from payments.fines.services.paid import fine_settled
from portal.audit.actor import Actor
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler


@handler(conf.HANDLER)
def settled(payload: dict[str, Any], message: OutboxMessage) -> None:
    """A fine was paid."""
    fine_settled(charge_id=payload["charge"])


@handler(IMPORT_HANDLER)
def run_import(payload: dict[str, Any], message: OutboxMessage) -> None:
    """Write the rows of a file somebody has checked."""
    assert message.entity_id is not None
    actor = Actor(label=payload["label"], user_id=payload["user"])
    import_run(import_id=payload["import"], entity_id=message.entity_id, actor=actor)
