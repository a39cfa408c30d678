from datetime import datetime, timedelta

from portal.outbox.models import OutboxMessage, State


def oldest_pending_age(*, at: datetime) -> timedelta:
    """How late the outbox is: the age of the oldest message that should have left already."""
    row = OutboxMessage.objects.filter(state=State.PENDING, available_at__lte=at).order_by("created_at").first()
    return at - row.created_at if row else timedelta(0)
