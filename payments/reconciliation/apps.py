from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReconciliationConfig(AppConfig):
    name = "payments.reconciliation"
    label = "payments_reconciliation"
    verbose_name = _("Riconciliazione")

    def ready(self) -> None:
        from payments.reconciliation import admin_books, handlers  # noqa: F401 - they register themselves
