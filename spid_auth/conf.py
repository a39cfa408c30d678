"""The settings of the package, with their defaults. Addresses come from here, never from the Host header."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings

METADATA_PATH = "/spid/metadata"
ACS_PATH = "/spid/acs"
SLO_PATH = "/spid/slo"


def default_level() -> int:
    """The SPID level asked for when a service asks for no other (SPID_LEVEL, 2)."""
    return int(getattr(settings, "SPID_LEVEL", 2))


def skew() -> timedelta:
    """How far clocks may differ (SPID_CLOCK_SKEW seconds, 60). The servers keep their time by NTP."""
    return timedelta(seconds=int(getattr(settings, "SPID_CLOCK_SKEW", 60)))


def locality() -> str:
    """The municipality written in the certificate (SPID_LOCALITY)."""
    return str(getattr(settings, "SPID_LOCALITY", "Pisa"))


def keys_folder() -> Path:
    """Where the service provider's key and certificate stand (SPID_KEYS_DIR, DATA_DIR/keys/spid)."""
    return Path(getattr(settings, "SPID_KEYS_DIR", "") or Path(settings.DATA_DIR) / "keys" / "spid")


def address(path: str) -> str:
    """An absolute address of the portal."""
    return f"{settings.PORTAL_BASE_URL.rstrip('/')}{path}"


def entity_id() -> str:
    """Our entityID: the address of the metadata."""
    return address(METADATA_PATH)


def acs_url() -> str:
    """Where identity providers send their answers."""
    return address(ACS_PATH)


def welcome_url(next_path: str) -> str:
    """Where a citizen lands after the login, on the way to `next_path` (CITIZEN_WELCOME_URL; without it, directly)."""
    welcome = getattr(settings, "CITIZEN_WELCOME_URL", "")
    return f"{welcome}?{urlencode({'next': next_path})}" if welcome else next_path


def slo_url() -> str:
    """Where identity providers send requests of logout."""
    return address(SLO_PATH)
