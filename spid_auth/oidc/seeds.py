"""The login by OpenID Connect in the demonstration: the provider of the sandbox, or the one of ARPA_OIDC."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from spid_auth.domain.schemes import Scheme
from spid_auth.models import IdentityProvider
from spid_auth.sandbox.op import agreement


def seed() -> None:
    """Register the test provider. May run again at every start; it need not be up yet."""
    if settings.ENVIRONMENT == "production":
        raise ImproperlyConfigured("L'OpenID provider di prova non esiste in produzione.")
    # One test provider: at another address it is still the same row, so that old requests keep theirs.
    IdentityProvider.objects.update_or_create(
        scheme=Scheme.ARPA,
        name=agreement.NAME,
        defaults={
            "issuer": agreement.issuer(),
            "sso_redirect_url": f"{agreement.issuer()}/authorize",
            "slo_redirect_url": f"{agreement.issuer()}/end_session",
            "enabled": True,
        },
    )


def guide() -> list[str]:
    """Where the second way in is."""
    return [f"Accesso con OpenID Connect (come ARPA): {settings.PORTAL_BASE_URL}/accedi/, {agreement.NAME}"]
