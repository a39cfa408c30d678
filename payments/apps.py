from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    label = "payments"
    verbose_name = _("Pagamenti")

    def ready(self) -> None:
        from payments import checks, handlers  # noqa: F401 - they register themselves
        from payments.biller import PagoPaBiller
        from payments.providers import handlers as provider_handlers  # noqa: F401
        from payments.selectors import reads_source
        from portal.billing.socket import register_biller
        from portal.documents.readers import register_reader

        register_biller(PagoPaBiller())
        register_reader("position", reads_source)
