from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "portal.documents"
    label = "portal_documents"
    verbose_name = _("Documenti")

    def ready(self) -> None:
        from portal.documents.services import move_documents
        from portal.people.movers import register_mover

        register_mover(move_documents)
