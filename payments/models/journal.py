"""The node's calls (giornale degli eventi) and the messages we could not attribute."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _


class NodeCall(models.Model):
    """One call of the node and how we answered. No personal data: codes, times and the hash of the body."""

    entity = models.ForeignKey(
        "portal_entities.Entity", models.PROTECT, verbose_name=_("ente"), null=True, related_name="+"
    )
    at = models.DateTimeField(_("quando"))
    operation = models.CharField(_("operazione"), max_length=40)
    nav = models.CharField(_("codice avviso"), max_length=18, blank=True)
    outcome = models.CharField(_("esito"), max_length=2)
    fault_code = models.CharField(_("errore"), max_length=60, blank=True)
    status = models.PositiveSmallIntegerField(_("stato HTTP"))
    duration_us = models.PositiveIntegerField(_("durata (microsecondi)"))
    body_sha256 = models.CharField(_("impronta del messaggio"), max_length=64)

    class Meta:
        verbose_name = _("chiamata del nodo")
        verbose_name_plural = _("giornale degli eventi")
        ordering = ["-pk"]
        indexes = [BrinIndex(fields=["at"], name="node_call_at")]

    def __str__(self) -> str:
        return f"{self.operation} {self.outcome}"


class QuarantinedMessage(models.Model):
    """A receipt that is not ours, or cannot be read. Kept as it came, whoever sent it, until its term; never changed.

    Of one too large to be taken only the beginning is here: `size` says how large it was, the hash is of what is here.
    """

    class Reason(models.TextChoices):
        MALFORMED = "malformed", _("messaggio non valido")
        ENTITY = "entity", _("ente sconosciuto")
        BROKER = "broker", _("intermediario diverso")
        STATION = "station", _("stazione diversa")
        DIFFERENT = "different", _("ricevuta già arrivata, con un contenuto diverso")
        OVERSIZE = "oversize", _("troppo grande: tenuto solo l'inizio")

    entity = models.ForeignKey(
        "portal_entities.Entity", models.PROTECT, verbose_name=_("ente"), null=True, related_name="+"
    )
    received_at = models.DateTimeField(_("arrivato il"))
    reason = models.CharField(_("motivo"), max_length=12, choices=Reason.choices)
    detail = models.CharField(_("dettaglio"), max_length=300, blank=True)
    sha256 = models.CharField(_("impronta"), max_length=64, unique=True)
    size = models.PositiveBigIntegerField(_("grandezza in byte"), null=True)
    raw = models.BinaryField(_("messaggio originale"))

    class Meta:
        verbose_name = _("messaggio in quarantena")
        verbose_name_plural = _("messaggi in quarantena")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} · {self.sha256[:12]}"
