"""Writes of the room: tell a citizen, write to the office, mark as read."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.template import Context, Engine

from portal import clock
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.messaging.models import Channel, Delivery, Direction, Message
from portal.outbox import services as outbox
from portal.people.models import Company, Person
from portal.people.selectors import whom_to_write
from portal.words import in_italian

MOST_CHARACTERS = 4000


def render_message(template: str, context: dict[str, Any]) -> tuple[str, str]:
    """Subject and body of `<package>/<name>`, i.e. templates/<package>/messages/<name>.txt.

    The first line is the subject (it holds no personal data), then an empty line, then the body.
    """
    package, _, name = template.rpartition("/")
    page = Engine.get_default().get_template(f"{package}/messages/{name}.txt")
    values = {"portal_url": settings.PORTAL_BASE_URL, **context}
    with in_italian():  # who reads it is often not who is at the page
        text = str(page.render(Context(values, autoescape=False)))  # plain text: nothing to escape
    subject, _, body = text.strip().partition("\n")
    return subject.strip(), body.strip()


@transaction.atomic
def notify(
    *,
    person: Person,
    entity: Entity,
    template: str,
    source: str,
    company: Company | None = None,
    context: dict[str, Any] | None = None,
) -> Message:
    """Tell a citizen: a message in the personal area and, when their address is confirmed, an e-mail.

    What concerns a company no longer goes to the address of who may not act for it any more.
    """
    subject, body = render_message(template, {"person": person, "entity": entity, **(context or {})})
    message = Message.objects.create(
        entity=entity,
        direction=Direction.TO_CITIZEN,
        person=person,
        company=company,
        source=source,
        subject=subject[:140],
        body=body,
        author=entity.name,
        created_at=clock.now(),
    )
    reader = whom_to_write(person, company, on=clock.today())
    if reader is not None:
        delivery = Delivery.objects.create(
            entity=entity,
            message=message,
            channel=Channel.EMAIL,
            address=reader.email,
            email_message_id=f"<{message.uuid.hex}@{settings.MESSAGE_ID_DOMAIN}>",
        )
        outbox.send("messaging.email", {"delivery": delivery.pk}, key=f"email:{delivery.pk}", entity_id=entity.pk)
    return message


@transaction.atomic
def write_to_office(
    *, person: Person, entity: Entity, source: str, subject: str, body: str, company: Company | None = None
) -> Message:
    """A citizen writes about one of their cases. Raises DomainError on an empty or endless text."""
    body = body.strip()
    if not body:
        raise DomainError("message_empty", "Scrivi il testo del messaggio.")
    if len(body) > MOST_CHARACTERS:
        text = "Il messaggio può avere al massimo %(most)s caratteri."
        raise DomainError("message_too_long", text, most=MOST_CHARACTERS)
    return Message.objects.create(
        entity=entity,
        direction=Direction.TO_OFFICE,
        person=person,
        company=company,
        source=source,
        subject=subject[:140],
        body=body,
        author=str(person),
        created_at=clock.now(),
    )


def mark_read(message: Message) -> None:
    """The first reading counts."""
    if message.read_at is None:
        message.read_at = clock.now()
        message.save(update_fields=["read_at"])
