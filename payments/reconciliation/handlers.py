"""What the outbox asks of reconciliation. Each may run twice."""

from typing import Any

from payments.reconciliation.services.receipt_requests import HANDLER, receipt_fetch
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler


@handler(HANDLER)
def ask_receipt(payload: dict[str, Any], message: OutboxMessage) -> None:
    """Ask pagoPA for a receipt."""
    receipt_fetch(request_id=payload["request"])
