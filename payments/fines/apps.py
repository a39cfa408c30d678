from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FinesConfig(AppConfig):
    name = "payments.fines"
    label = "payments_fines"
    verbose_name = _("Verbali e multe")

    def ready(self) -> None:
        from payments.fines import handlers  # noqa: F401 - they register themselves
        from payments.fines.conf import REST
        from payments.fines.selectors import fine_of_case, fine_section, reads_fine_source, rest_keeps, rest_section
        from payments.fines.services.serving import terms_after_taken_back
        from payments.sections import register_case_section, register_section
        from payments.services.outside import register_keeper
        from portal.documents.readers import register_reader

        register_section("fine", why="payments/fines/why.html", more="payments/fines/more.html", read=fine_section)
        rest = {"why": "payments/fines/rest_why.html", "more": "payments/fines/rest_more.html"}
        register_section(REST, read=rest_section, **rest)
        register_case_section("fine", template="payments/fines/case.html", read=fine_of_case)
        register_keeper("fine", why_not=rest_keeps, taken_back=terms_after_taken_back)
        register_reader("fine", reads_fine_source)
        register_reader(REST, reads_fine_source)
