from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "portal_accounts"
    verbose_name = _("Utenti")

    def ready(self) -> None:
        from portal.accounts import checks, receivers  # noqa: F401  (register themselves)
