"""What the outbox asks of the providers."""

from typing import Any

from payments.providers import files, services
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler


@handler(services.HANDLER)
def tell_provider(payload: dict[str, Any], message: OutboxMessage) -> None:
    """Bring a provider up to date with one position."""
    services.deliver(export_id=payload["export"])


@handler(files.HANDLER)
def send_file(payload: dict[str, Any], message: OutboxMessage) -> None:
    """Hand a file of positions over to GPD."""
    files.send(upload_id=payload["upload"])
