"""The settings of the package, with their defaults. Addresses come from here, never from the Host header."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings

from spid_auth.domain.modes import Mode
from spid_auth.domain.schemes import PROFILES, Comparison, Scheme


def default_level() -> int:
    """The SPID level asked for when a service asks for no other (SPID_LEVEL, 2)."""
    return int(settings.SPID_LEVEL)


def comparison() -> Comparison:
    """How the level granted compares with the one asked for (SPID_COMPARISON, minimum)."""
    return Comparison(settings.SPID_COMPARISON)


def contacts() -> bool:
    """Whether e-mail and telephone are asked of SPID too, to offer them to the person (SPID_CONTACTS, no)."""
    return bool(settings.SPID_CONTACTS)


def skew() -> timedelta:
    """How far clocks may differ (SPID_CLOCK_SKEW seconds, 60). The servers keep their time by NTP."""
    return timedelta(seconds=int(settings.SPID_CLOCK_SKEW))


def locality() -> str:
    """The municipality written in the certificate of a body that says no other (SPID_LOCALITY)."""
    return str(settings.SPID_LOCALITY)


def registry_url() -> str:
    """Where the registry of identity providers is taken from every day (SPID_REGISTRY_URL); empty: nowhere."""
    return str(settings.SPID_REGISTRY_URL)


def registry_pins() -> frozenset[str]:
    """SHA-256 of the certificates that may sign the registry (SPID_REGISTRY_PIN), written with colons or without."""
    return frozenset(pin.replace(":", "").lower() for pin in settings.SPID_REGISTRY_PIN)


def keys_folder() -> Path:
    """Where our keys and certificates stand (SPID_KEYS_DIR, DATA_DIR/keys/spid)."""
    return Path(settings.SPID_KEYS_DIR or Path(settings.DATA_DIR) / "keys" / "spid")


def address(path: str) -> str:
    """An absolute address of the portal."""
    return f"{settings.PORTAL_BASE_URL.rstrip('/')}{path}"


def metadata_path(scheme: Scheme, *, mode: Mode = Mode.DIRECT, code: str = "") -> str:
    """Where the metadata of a body stand, which is its entityID.

    The default body is at `/spid/metadata`, another that takes part on its own account at `/<code>/spid/metadata`;
    for aggregated bodies the activity code is part of the address (`/pub-ag-full/<code>`, notice 19 v4). CIE knows
    no aggregators.
    """
    if mode is not Mode.DIRECT and scheme is not Scheme.CIE:
        return f"/{mode.value}/{code.lower()}"
    own = f"{PROFILES[scheme].prefix}/metadata"
    return f"/{code.lower()}{own}" if code else own


def acs_url(scheme: Scheme) -> str:
    """Where identity providers send their answers: the same for every body, the request says which one it is for."""
    return address(f"{PROFILES[scheme].prefix}/acs")


def slo_url(scheme: Scheme) -> str:
    """Where identity providers send requests of logout."""
    return address(f"{PROFILES[scheme].prefix}/slo")


def welcome_url(next_path: str) -> str:
    """Where a citizen lands after the login, on the way to `next_path` (CITIZEN_WELCOME_URL; without it, directly)."""
    welcome = settings.CITIZEN_WELCOME_URL
    return f"{welcome}?{urlencode({'next': next_path})}" if welcome else next_path
