"""What the outbox asks of payments. Each may run twice: the services make a document once."""

from typing import Any

from payments.services.documents import notice_document, receipt_document
from payments.services.spontaneous import spontaneous_settled
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler


@handler("payments.notice")
def print_notice(payload: dict[str, Any], message: OutboxMessage) -> None:
    """Print the notice of a new position."""
    assert message.entity_id is not None
    notice_document(position_id=payload["position"], entity_id=message.entity_id)


@handler("payments.receipt")
def print_receipt(payload: dict[str, Any], message: OutboxMessage) -> None:
    """Print the receipt of an instalment just paid."""
    assert message.entity_id is not None
    receipt_document(instalment_id=payload["instalment"], entity_id=message.entity_id)


@handler("payments.nobody_waits")
def tell_nobody(payload: dict[str, Any], message: OutboxMessage) -> None:
    """The handler of charges that no service asked for: when they are paid there is nobody to tell."""


@handler("payments.spontaneous.settled")
def thank_for_spontaneous(payload: dict[str, Any], message: OutboxMessage) -> None:
    """A spontaneous payment was paid: the payer is told where the receipt is."""
    spontaneous_settled(charge_id=payload["charge"])
