"""Messages of the personal area and their deliveries on other channels."""

import uuid
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class Direction(StrEnum):
    TO_CITIZEN = "to_citizen"
    TO_OFFICE = "to_office"


DIRECTION_LABELS = {Direction.TO_CITIZEN: _("al cittadino"), Direction.TO_OFFICE: _("all'ufficio")}


class Message(EntityModel):
    """What the office tells a citizen, or a citizen the office. It lives in the personal area and on the case."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    direction = models.CharField(_("verso"), max_length=10, choices=labels(Direction, DIRECTION_LABELS))
    person = models.ForeignKey("portal_people.Person", models.PROTECT, verbose_name=_("persona"), related_name="+")
    company = models.ForeignKey(
        "portal_people.Company", models.PROTECT, verbose_name=_("impresa"), null=True, related_name="+"
    )
    source = models.CharField(_("origine"), max_length=80)
    subject = models.CharField(_("oggetto"), max_length=140)
    body = models.TextField(_("testo"))
    author = models.CharField(_("autore"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("inviato il"))
    read_at = models.DateTimeField(_("letto il"), null=True)

    class Meta:
        verbose_name = _("messaggio")
        verbose_name_plural = _("messaggi")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["person", "-created_at"], name="message_person"),
            models.Index(fields=["source"], name="message_source"),
        ]

    def __str__(self) -> str:
        return self.subject


class Channel(StrEnum):
    EMAIL = "email"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


CHANNEL_LABELS = {Channel.EMAIL: _("e-mail")}
DELIVERY_LABELS = {
    DeliveryState.WAITING: _("in partenza"),
    DeliveryState.SENT: _("inviato"),
    DeliveryState.REFUSED: _("rifiutato dal server di posta"),
}


class Delivery(EntityModel):
    """One sending of a message on one channel."""

    message = models.ForeignKey(Message, models.PROTECT, verbose_name=_("messaggio"), related_name="deliveries")
    channel = models.CharField(_("canale"), max_length=8, choices=labels(Channel, CHANNEL_LABELS))
    address = models.CharField(_("indirizzo"), max_length=254)
    state = models.CharField(
        _("stato"), max_length=8, choices=labels(DeliveryState, DELIVERY_LABELS), default=DeliveryState.WAITING
    )
    email_message_id = models.CharField(_("Message-ID"), max_length=120, unique=True)
    sent_at = models.DateTimeField(_("inviato il"), null=True)

    class Meta:
        verbose_name = _("invio")
        verbose_name_plural = _("invii")
        constraints = [models.UniqueConstraint(fields=["message", "channel"], name="delivery_once_a_channel")]

    def __str__(self) -> str:
        return f"{self.channel} #{self.pk}"
