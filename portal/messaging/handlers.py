"""What the outbox calls, the sendings themselves; and what the room of people asks of this one."""

from typing import Any

from django.conf import settings
from django_scopes import scope, scopes_disabled

from portal import clock
from portal.entities.models import Entity
from portal.kernel.errors import GatewayError
from portal.messaging.gateways.smtp import send_email
from portal.messaging.models import Delivery, DeliveryState, Message
from portal.messaging.services import notify, render_message
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler
from portal.people.models import EmailVerification, Person
from portal.people.movers import register_mover
from portal.people.post import register_post
from portal.people.services import verification_code


@handler("messaging.email")
def deliver_email(payload: dict[str, Any], message: OutboxMessage) -> None:
    """Send a delivery's e-mail once. If the carrier dies after the sending, the second one has the same Message-ID."""
    delivery = Delivery.objects.select_related("message").get(pk=payload["delivery"])
    if delivery.state != DeliveryState.WAITING:
        return
    area = f"{settings.PORTAL_BASE_URL}/area/messaggi/{delivery.message.uuid}/"
    body = f"{delivery.message.body}\n\nLeggi il messaggio nella tua area personale: {area}\n"
    try:
        send_email(
            to=delivery.address, subject=delivery.message.subject, body=body, message_id=delivery.email_message_id
        )
    except GatewayError as error:
        if error.permanent:
            Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.REFUSED)
        raise
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.SENT, sent_at=clock.now())


@handler("messaging.email_code")
def deliver_email_code(payload: dict[str, Any], message: OutboxMessage) -> None:
    """Send the code that confirms an address; nothing when it was confirmed meanwhile."""
    verification = EmailVerification.objects.get(pk=payload["verification"])
    if verification.confirmed_at:
        return
    subject, body = render_message("portal/messaging/email_code", {"code": verification_code(verification)})
    message_id = f"<code-{verification.pk}-{message.pk}@{settings.MESSAGE_ID_DOMAIN}>"
    send_email(to=verification.email, subject=subject, body=body, message_id=message_id)


def tell_person(*, person: Person, entity: Entity, template: str, source: str, context: dict[str, Any]) -> None:
    """A message about a mandate or a declaration, in the name of a body, in the person's own area."""
    with scope(entity=entity):
        notify(person=person, entity=entity, template=template, source=source, context=context)


def move_messages(old: Person, new: Person) -> None:
    """Messages of a person pass to who they turned out to be; their deliveries, evidence, follow them."""
    with scopes_disabled():
        Message.objects.filter(person=old).update(person=new)


register_post(tell_person)
register_mover(move_messages)
