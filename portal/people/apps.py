from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "portal.people"
    label = "portal_people"
    verbose_name = _("Persone e imprese")

    def ready(self) -> None:
        from portal.people.movers import register_mover
        from portal.people.services.claims import move_mandates

        register_mover(move_mandates)
