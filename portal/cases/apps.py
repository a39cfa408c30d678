from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "portal.cases"
    label = "portal_cases"
    verbose_name = _("Pratiche")

    def ready(self) -> None:
        from portal.cases import outbox_handlers  # noqa: F401  (registers what the outbox calls by name)
        from portal.cases.movers import move_cases
        from portal.cases.selectors import own_sources, reads_source
        from portal.documents.readers import register_reader
        from portal.people.movers import register_mover
        from portal.people.sources import register_sources

        register_reader("case", reads_source)
        register_sources(own_sources)
        register_mover(move_cases)
