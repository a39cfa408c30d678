from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "portal_accounts"
    verbose_name = _("Utenti")

    def ready(self) -> None:
        from allauth.mfa.models import Authenticator

        from portal.accounts import checks, receivers  # noqa: F401  (register themselves)

        # The library's own names have no Italian: the office reads these in the admin.
        Authenticator._meta.app_config.verbose_name = _("Secondo fattore")
        Authenticator._meta.verbose_name = _("secondo fattore")
        Authenticator._meta.verbose_name_plural = _("app, passkey e codici di recupero")
