"""Keys by which the systems of others call the services of a body."""

from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.entities.models import EntityModel


class ServiceKey(EntityModel):
    """A key of one body for one system (chiave di servizio). Its text is shown once: here stands only its SHA-256.

    A random text of 256 bits needs no salt and no slow digest: nobody can guess what it came from.
    """

    label = models.CharField(_("sistema"), max_length=80)
    scopes = ArrayField(models.CharField(max_length=60), verbose_name=_("che cosa può fare"))
    hint = models.CharField(_("comincia con"), max_length=8)
    digest = models.CharField(_("impronta SHA-256"), max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("creata il"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("creata da"), null=True, related_name="+"
    )
    expires_on = models.DateField(_("vale fino al"))
    revoked_at = models.DateTimeField(_("revocata il"), null=True)
    last_used_at = models.DateTimeField(_("ultimo uso"), null=True)

    class Meta:
        verbose_name = _("chiave di servizio")
        verbose_name_plural = _("chiavi di servizio")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.label

    def is_expired(self, today: date) -> bool:
        """Whether its last day has passed."""
        return today > self.expires_on
