from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EntitiesConfig(AppConfig):
    name = "portal.entities"
    label = "portal_entities"
    verbose_name = _("Enti e uffici")
