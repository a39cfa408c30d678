from pathlib import Path

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExceptionalTransportConfig(AppConfig):
    name = "exceptional_transport"
    label = "exceptional_transport"
    verbose_name = _("Trasporti eccezionali")

    def ready(self) -> None:
        from exceptional_transport.handler import SERVICE, ExceptionalTransportHandler
        from exceptional_transport.services.applications import move_fleet
        from exceptional_transport.verification import PERMIT_KIND, PermitStatus
        from portal.cases.handlers import register_handler
        from portal.catalogue import cards
        from portal.documents.verification import register_status
        from portal.people.movers import register_mover

        cards.register(cards.load_card(Path(__file__).parent / "service.toml"))
        register_handler(SERVICE, ExceptionalTransportHandler())
        register_mover(move_fleet)
        register_status(PERMIT_KIND, PermitStatus())
