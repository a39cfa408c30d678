"""The login in the demonstration: the bodies in the federations, our certificate, the test identity providers."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django_scopes import scopes_disabled

from portal.entities.models import Entity
from portal.operations.seeds import seed_mandates
from spid_auth.domain.modes import Mode
from spid_auth.domain.schemes import Scheme
from spid_auth.keys import ensure_key_pair
from spid_auth.models import IdentityProvider, ServiceProviderEntity
from spid_auth.sandbox import people
from spid_auth.sandbox.provider import FACES, Face

# Pisa takes part on its own account and presents the other two, which share its installation (AgID notice 19 v4).
DIRECT = {"locality": "Pisa", "municipality": "G702", "province": "PI", "with_cie": True, "with_eidas": True}
AGGREGATED = {
    "FI": {"locality": "Firenze", "municipality": "D612", "province": "FI", "with_eidas": True},
    "LI": {"locality": "Livorno", "municipality": "E625", "province": "LI", "with_eidas": True},
}


def seed() -> None:
    """Register the bodies, make the keys, register the test identity providers, give their people their mandates.

    May run again at every start. Bodies and companies must be there already.
    """
    if settings.ENVIRONMENT == "production":
        raise ImproperlyConfigured("L'identity provider di prova non esiste in produzione.")
    _seed_memberships()
    ensure_key_pair()
    for face in FACES.values():
        _seed_provider(face)
    seed_mandates({(one.name, one.family_name): one.fiscal_code for one in people.people() if one.fiscal_code})


def _seed_memberships() -> None:
    """How each body takes part. What somebody changes by hand in the demonstration stays."""
    with scopes_disabled():
        default = Entity.objects.get(is_default=True)
        direct, _ = ServiceProviderEntity.objects.get_or_create(body=default, defaults=DIRECT)
        for body in Entity.objects.filter(code__in=AGGREGATED, is_default=False):
            said = AGGREGATED[body.code] | {"mode": Mode.AGGREGATED_FULL, "aggregator": direct}
            ServiceProviderEntity.objects.get_or_create(body=body, defaults=said)


def _seed_provider(face: Face) -> None:
    """Register a face by its own key. At another address it is still the same row: old requests keep theirs."""
    described = face.info()
    IdentityProvider.objects.update_or_create(
        name=face.name,
        scheme=face.scheme,
        defaults={
            "issuer": described.entity_id,
            "sso_post_url": described.sso_post,
            "sso_redirect_url": described.sso_redirect,
            "slo_post_url": face.slo_url() if face.logout_messages else "",
            "slo_redirect_url": face.slo_url(),
            "certificates": "".join(described.certificates),
            "enabled": True,
        },
    )


def guide() -> list[str]:
    """Whom one can be in the demonstration, by which system."""
    portal = settings.PORTAL_BASE_URL
    lines = [f"Accesso dei cittadini: {portal}/accedi/ ({', '.join(face.name for face in FACES.values())})"]
    lines += [f"  {one.label}: {one.note}" for one in (*people.people(), *people.professionals())]
    lines.append(f"  Con CIE ({FACES[Scheme.CIE].name}): le stesse persone che hanno un codice fiscale.")
    lines += [f"  Con eIDAS, {one.label} ({one.country}): {one.note}" for one in people.europeans()]
    metadata = [f"{portal}/spid/metadata", f"{portal}/cie/metadata", f"{portal}/pub-ag-full/fi e /li"]
    return [*lines, f"Metadati pubblicati: {', '.join(metadata)}"]
