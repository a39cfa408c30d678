from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SpidAuthConfig(AppConfig):
    name = "spid_auth"
    label = "spid_auth"
    verbose_name = _("Accesso con identità digitale")

    def ready(self) -> None:
        from portal.people.farewell import register_farewell
        from spid_auth import alerts, checks  # noqa: F401  (register what the outbox and the checks call by name)
        from spid_auth.oidc import checks as oidc_checks  # noqa: F401
        from spid_auth.oidc.views import farewell as oidc_farewell
        from spid_auth.views_logout import farewell

        register_farewell(oidc_farewell)
        register_farewell(farewell)
