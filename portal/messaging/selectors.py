from django.db.models import QuerySet
from django_scopes import scopes_disabled

from portal.messaging.models import Direction, Message
from portal.people.acting import Acting
from portal.people.sources import within_scope


def messages_of(acting: Acting) -> QuerySet[Message]:
    """Messages of the person, or of the company they act for, within the mandate; the newest first."""
    with scopes_disabled():
        rows = Message.objects.select_related("entity")
    if acting.company:
        return rows.filter(within_scope(acting), company=acting.company)
    return rows.filter(person=acting.person, company__isnull=True)


def unread_count(acting: Acting) -> int:
    """How many messages wait to be read."""
    return messages_of(acting).filter(direction=Direction.TO_CITIZEN, read_at__isnull=True).count()


def conversation(source: str) -> QuerySet[Message]:
    """Everything written about a source (a case), oldest first, with its deliveries. Needs a scope."""
    return Message.objects.filter(source=source).prefetch_related("deliveries").order_by("created_at", "pk")
