"""`manage.py arpa_register`: read the provider of ARPA_OIDC and switch its button on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.audit.actor import Actor
from portal.kernel.errors import GatewayError
from spid_auth.oidc import conf
from spid_auth.oidc.services import provider_register


class Command(BaseCommand):
    help = "Registra il gestore OpenID Connect di ARPA_OIDC: controlla che risponda e ne accende il pulsante."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            row = provider_register(actor=Actor.system("arpa_register"))
        except conf.NotAgreed as error:
            raise CommandError(error.message) from error
        except GatewayError as error:
            raise CommandError(f"Il gestore non risponde come dovrebbe: {error}") from error
        self.stdout.write(f"{row.name}: {row.issuer} ({'attivo' if row.enabled else 'spento'})")
        self.stdout.write("Indirizzi da registrare presso il gestore:")
        self.stdout.write(f"  ritorno dall'accesso  {conf.return_url()}")
        self.stdout.write(f"  ritorno dall'uscita   {conf.left_url()}")
