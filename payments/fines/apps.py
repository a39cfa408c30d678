from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FinesConfig(AppConfig):
    name = "payments.fines"
    label = "payments_fines"
    verbose_name = _("Verbali e multe")

    def ready(self) -> None:
        from payments.fines import handlers  # noqa: F401 - they register themselves
        from payments.fines.selectors import fine_section, reads_fine_source
        from payments.sections import register_section
        from portal.documents.readers import register_reader

        register_section("fine", why="payments/fines/why.html", more="payments/fines/more.html", read=fine_section)
        register_reader("fine", reads_fine_source)
