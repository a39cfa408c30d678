from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings

from portal.entities.models import Entity
from portal.operations.seeds import seed as seed_platform
from spid_auth.domain.schemes import Scheme
from spid_auth.models import IdentityProvider
from spid_auth.saml import certificates
from spid_auth.seeds import seed
from tests.spid_auth.factory import BASE, IDP, NOON, PROVIDER, keys


@pytest.fixture
def time_machine_at_noon() -> Iterator[None]:
    """It is the moment at which the answers of the factory arrive."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def federation(db: None, settings: Settings, tmp_path: Path) -> IdentityProvider:
    """A body with its key, and one registered identity provider."""
    settings.DATA_DIR = tmp_path
    settings.PORTAL_BASE_URL = BASE
    settings.CITIZEN_WELCOME_URL = ""
    settings.SANDBOX_BASE_URL = IDP.removesuffix("/idp")
    certificates.store(keys("sp"), tmp_path / "keys" / "spid")
    certificates.store(keys("idp"), tmp_path / "keys" / "sandbox-idp")
    Entity.objects.update_or_create(
        is_default=True,
        defaults={
            "code": "PP",
            "ipa_code": PROVIDER.ipa_code,
            "fiscal_code": "80000000000",
            "name": PROVIDER.organisation,
            "email": PROVIDER.email,
            "phone": PROVIDER.telephone,
        },
    )
    return IdentityProvider.objects.create(
        issuer=IDP, name="Gestore di prova", sso_post_url=f"{IDP}/sso", certificates=keys("idp").certificate
    )


@pytest.fixture
def seeded(federation: IdentityProvider, tmp_path: Path) -> IdentityProvider:
    """The demonstration as it is after the seeds: three bodies, the three faces of the test identity provider."""
    federation.delete()
    Entity.objects.all().delete()
    for face in ("cie", "eidas"):
        certificates.store(keys(face), tmp_path / "keys" / f"sandbox-{face}")
    seed_platform()
    seed()
    return IdentityProvider.objects.get(scheme=Scheme.SPID)
