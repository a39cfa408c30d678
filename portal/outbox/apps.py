from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    name = "portal.outbox"
    label = "portal_outbox"
    verbose_name = _("Posta in uscita (outbox)")
