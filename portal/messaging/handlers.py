"""What the outbox calls: the sendings themselves."""

from typing import Any

from django.conf import settings

from portal import clock
from portal.kernel.errors import GatewayError
from portal.messaging.gateways.smtp import send_email
from portal.messaging.models import Delivery, DeliveryState
from portal.messaging.services import render_message
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler
from portal.people.models import EmailVerification
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
