"""The login in the demonstration: our certificate, the test identity provider, the mandates of its people."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from portal.operations.seeds import seed_mandates
from spid_auth.keys import ensure_key_pair
from spid_auth.models import IdentityProvider
from spid_auth.sandbox import provider
from spid_auth.sandbox.people import people


def seed() -> None:
    """Make the keys, register the test identity provider by its own key, give its people their mandates.

    May run again at every start. Bodies and companies must be there already.
    """
    if settings.ENVIRONMENT == "production":
        raise ImproperlyConfigured("L'identity provider di prova non esiste in produzione.")
    ensure_key_pair()
    seed_mandates({(person.name, person.family_name): person.fiscal_code for person in people()})
    described = provider.info()
    # One test provider: at another address it is still the same row, so that old requests keep theirs.
    IdentityProvider.objects.update_or_create(
        name=provider.NAME,
        defaults={
            "issuer": described.entity_id,
            "sso_post_url": described.sso_post,
            "sso_redirect_url": described.sso_redirect,
            "slo_post_url": provider.slo_url(),
            "certificates": "".join(described.certificates),
            "enabled": True,
        },
    )
    seed_mandates({(one.name, one.family_name): one.fiscal_code for one in people() if one.fiscal_code})


def guide() -> list[str]:
    """Whom one can be in the demonstration."""
    lines = [f"Accesso dei cittadini: {settings.PORTAL_BASE_URL}/accedi/ (SPID, {provider.NAME})"]
    return lines + [f"  {person.name} {person.family_name}: {person.note}" for person in people()]
