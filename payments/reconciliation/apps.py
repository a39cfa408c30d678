from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReconciliationConfig(AppConfig):
    name = "payments.reconciliation"
    label = "payments_reconciliation"
    verbose_name = _("Riconciliazione")

    def ready(self) -> None:
        from payments.reconciliation import admin_books, handlers  # noqa: F401 - they register themselves
        from payments.reconciliation.api import DOCUMENTS
        from portal.api.scopes import register

        register(DOCUMENTS, _("mandare i documenti della ragioneria (flussi, giornali di cassa, estratti conto)"))
