"""What the outbox calls to write to the staff: notices about their access, and the link for a new password."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from portal.accounts.events import reset_asked
from portal.accounts.models import Kind, User
from portal.accounts.selectors import staff_by_address
from portal.accounts.tokens import reset_path
from portal.messaging.gateways.smtp import send_email
from portal.messaging.services import render_message
from portal.outbox.models import OutboxMessage
from portal.outbox.services import handler


@handler("messaging.staff_notice")
def deliver_staff_notice(payload: dict[str, Any], message: OutboxMessage) -> None:
    """Tell one of the staff what happened to their access; nobody, when the name was nobody's."""
    user = User.objects.filter(pk=payload["user"], kind=Kind.STAFF).exclude(email="").first()
    if user is None:
        return
    context = dict(payload["context"])
    if "until" in context:
        context["until"] = timezone.localtime(datetime.fromisoformat(context["until"]))
    _send(user, template=payload["template"], context=context, message=message)


@handler("messaging.staff_password_reset")
def deliver_password_reset(payload: dict[str, Any], message: OutboxMessage) -> None:
    """Send the link to every active account of the staff with that address. It is made now: the queue never has it."""
    for user in staff_by_address(payload["address"]):
        link = f"{settings.PORTAL_BASE_URL}{reset_path(user)}"
        _send(user, template="portal/accounts/password_reset", context={"link": link}, message=message)
        reset_asked(user)


def _send(user: User, *, template: str, context: dict[str, Any], message: OutboxMessage) -> None:
    subject, body = render_message(template, {"user": user, **context})
    message_id = f"<staff-{message.pk}-{user.pk}@{settings.MESSAGE_ID_DOMAIN}>"
    send_email(to=user.email, subject=subject, body=body, message_id=message_id)
