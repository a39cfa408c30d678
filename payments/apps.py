from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    label = "payments"
    verbose_name = _("Pagamenti")

    def ready(self) -> None:
        from payments import checks, handlers  # noqa: F401 - they register themselves
        from payments.biller import PagoPaBiller
        from payments.node.demand import register_demand
        from payments.providers import handlers as provider_handlers  # noqa: F401
        from payments.selectors import reads_source
        from payments.services.documents import NOTICE_KIND
        from payments.spontaneous.demand import demand
        from payments.spontaneous.selectors import own_sources
        from payments.verification import NoticeStatus
        from portal.billing.socket import register_biller
        from portal.documents.readers import register_reader
        from portal.documents.verification import register_status
        from portal.people.sources import register_sources

        register_biller(PagoPaBiller())
        register_reader("position", reads_source)
        register_status(NOTICE_KIND, NoticeStatus())
        register_demand(demand)
        register_sources(own_sources)
