"""What the outbox calls: the receipt of submission, and the news that a charge was paid."""

from typing import Any

from portal.billing.models import Charge
from portal.cases.models import Case
from portal.cases.services.desk import case_settle
from portal.cases.services.submission import receipt_document
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler


@handler("cases.receipt")
def make_receipt(payload: dict[str, Any], message: OutboxMessage) -> None:
    """Render the receipt of submission ahead of the first download."""
    receipt_document(case=Case.objects.get(pk=payload["case"]))


@handler("cases.charge_settled")
def charge_settled(payload: dict[str, Any], message: OutboxMessage) -> None:
    """Move the case whose charge was paid. Repeated, it does nothing."""
    charge = Charge.objects.get(pk=payload["charge"])
    case_settle(case_id=Case.objects.get(uuid=charge.source.removeprefix("case:")).pk)
