from enum import StrEnum

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kernel.choices import labels


class State(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


STATE_LABELS = {State.PENDING: _("da consegnare"), State.DONE: _("consegnato"), State.FAILED: _("non consegnabile")}


class OutboxMessage(models.Model):
    """Something that must reach the outside, written in the transaction that decided it."""

    handler = models.CharField(_("gestore"), max_length=80)
    payload = models.JSONField(_("contenuto"), default=dict, encoder=DjangoJSONEncoder)
    key = models.CharField(_("chiave di idempotenza"), max_length=150, null=True, unique=True)  # noqa: DJ001 - null: no key
    entity = models.ForeignKey(
        "portal_entities.Entity", models.PROTECT, verbose_name=_("ente"), null=True, related_name="+"
    )
    state = models.CharField(_("stato"), max_length=8, choices=labels(State, STATE_LABELS), default=State.PENDING)
    created_at = models.DateTimeField(_("creato"))
    available_at = models.DateTimeField(_("prossimo tentativo"))
    attempts = models.PositiveSmallIntegerField(_("tentativi"), default=0)
    last_error = models.CharField(_("ultimo errore"), max_length=300, blank=True)
    done_at = models.DateTimeField(_("consegnato"), null=True)

    class Meta:
        verbose_name = _("messaggio in uscita")
        verbose_name_plural = _("messaggi in uscita")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["available_at"], condition=Q(state=State.PENDING), name="outbox_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.handler} #{self.pk}"
