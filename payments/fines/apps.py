from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FinesConfig(AppConfig):
    name = "payments.fines"
    label = "payments_fines"
    verbose_name = _("Multe")

    def ready(self) -> None:
        from payments.fines import handlers  # noqa: F401 - they register themselves
