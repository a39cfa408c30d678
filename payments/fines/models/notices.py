"""Texts for the IO app, written and waiting for a channel that carries them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.fines.models.acts import Fine
from portal.entities.models import EntityModel


class ReadyNotice(EntityModel):
    """A message ready to leave (messaggio pronto). Each kind once a fine; a courtesy, never a service of the act."""

    fine = models.ForeignKey(Fine, models.PROTECT, verbose_name=_("multa"), related_name="ready_notices")
    code = models.CharField(_("messaggio"), max_length=30)
    subject = models.CharField(_("oggetto"), max_length=120)
    markdown = models.TextField(_("testo"))
    nav = models.CharField(_("codice avviso"), max_length=18, blank=True)
    cents = models.PositiveIntegerField(_("importo in centesimi"), null=True, blank=True)
    due_on = models.DateField(_("scadenza"), null=True, blank=True)
    created_at = models.DateTimeField(_("preparato il"))

    class Meta:
        verbose_name = _("messaggio per l'app IO")
        verbose_name_plural = _("messaggi per l'app IO")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["fine", "code"], name="ready_notice_once")]

    def __str__(self) -> str:
        return self.subject
