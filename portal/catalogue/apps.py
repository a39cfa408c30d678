from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogueConfig(AppConfig):
    name = "portal.catalogue"
    label = "portal_catalogue"
    verbose_name = _("Catalogo dei servizi")

    def ready(self) -> None:
        from portal.catalogue import checks  # noqa: F401  (registers itself)
