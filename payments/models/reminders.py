"""Which reminders have left."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.models.positions import Instalment
from portal.entities.models import EntityModel


class Reminder(EntityModel):
    """A reminder that was sent (promemoria). The row is the promise that the same one never leaves twice."""

    instalment = models.ForeignKey(Instalment, models.PROTECT, verbose_name=_("rata"), related_name="reminders")
    code = models.CharField(_("promemoria"), max_length=30)
    message = models.ForeignKey(
        "portal_messaging.Message", models.PROTECT, verbose_name=_("messaggio"), related_name="+"
    )
    sent_at = models.DateTimeField(_("inviato il"))

    class Meta:
        verbose_name = _("promemoria di pagamento")
        verbose_name_plural = _("promemoria di pagamento")
        constraints = [models.UniqueConstraint(fields=["instalment", "code"], name="reminder_once")]

    def __str__(self) -> str:
        return f"{self.instalment} · {self.code}"
