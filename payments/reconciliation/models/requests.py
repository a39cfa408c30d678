"""Copies of receipts asked of pagoPA."""

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.models.flows import FlowLine
from portal.entities.models import EntityModel
from portal.kernel.choices import labels


class RequestState(StrEnum):
    WAITING = "waiting"
    ARRIVED = "arrived"
    UNKNOWN = "unknown"
    FAILED = "failed"


REQUEST_LABELS = {
    RequestState.WAITING: _("in attesa di risposta"),
    RequestState.ARRIVED: _("arrivata"),
    RequestState.UNKNOWN: _("pagoPA non ce l'ha"),
    RequestState.FAILED: _("non riuscita"),
}


class ReceiptRequest(EntityModel):
    """A receipt asked of biz-events (richiesta di una ricevuta), by a person or by the portal. One waits at a time."""

    line = models.ForeignKey(
        FlowLine, models.PROTECT, verbose_name=_("riga di flusso"), related_name="receipt_requests"
    )
    state = models.CharField(
        _("stato"), max_length=8, choices=labels(RequestState, REQUEST_LABELS), default=RequestState.WAITING.value
    )
    asked_at = models.DateTimeField(_("chiesta il"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("chiesta da"), null=True, related_name="+"
    )
    attempts = models.PositiveSmallIntegerField(_("tentativi"), default=0)
    answered_at = models.DateTimeField(_("ultima risposta"), null=True)
    error = models.CharField(_("errore"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("richiesta di una ricevuta")
        verbose_name_plural = _("richieste di ricevute")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(state=RequestState.WAITING.value), name="receipt_request_waits_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.line} · {self.get_state_display()}"
