from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    """Pages that belong to no service: home, personal area, help, legal notes. No tables of its own."""

    name = "portal.site"
    label = "portal_site"
    verbose_name = _("Sito e area personale")
