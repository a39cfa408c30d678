from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "portal.messaging"
    label = "portal_messaging"
    verbose_name = _("Messaggi")

    def ready(self) -> None:
        from portal.messaging import handlers, staff_mail  # noqa: F401  (register what the outbox calls by name)
