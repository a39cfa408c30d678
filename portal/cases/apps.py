from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "portal.cases"
    label = "portal_cases"
    verbose_name = _("Pratiche")

    def ready(self) -> None:
        from portal.cases import outbox_handlers  # noqa: F401  (registers what the outbox calls by name)
        from portal.cases.selectors import reads_source
        from portal.documents.readers import register_reader

        register_reader("case", reads_source)
