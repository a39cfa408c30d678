"""Where the providers answer and with which keys. Addresses are settings; keys stay in the environment, by broker."""

from django.conf import settings

from portal.operations import environment as env

SANDBOX_KEY = "chiave-di-prova"
SANDBOX_LOGIN = "sil:parola-di-prova"
# Paths of the products under the platform's address, as their published descriptions name them.
GPD_PATH = "gpd/debt-positions-service"
UPLOAD_PATH = "upload/gpd/debt-positions-service/v2"
RECEIPTS_PATH = "gpd/payments-receipts-service/v1"
ACA_PATH = "aca/v1"
BACKOFFICE_PATH = "backoffice/external/ec/v1"


def platform_url() -> str:
    """Base of PagoPA's platform (no final slash); the sandbox in the demonstration, empty when not configured."""
    configured: str = getattr(settings, "PAGOPA_PLATFORM_URL", "")
    return (configured or _sandbox("psp/platform")).rstrip("/")


def gpd_version() -> str:
    """Which GPD we speak: `v1` or `v3`."""
    return str(getattr(settings, "PAGOPA_GPD_VERSION", "") or "v3")


def iris_url() -> str:
    """Address where IRIS takes positions and answers on their state; the sandbox in the demonstration."""
    configured: str = getattr(settings, "IRIS_URL", "")
    return (configured or _sandbox("psp/iris")).rstrip("/")


def platform_key(product: str, broker: str) -> str:
    """Subscription key of a broker for a product (GPD, ACA, BACKOFFICE): PAGOPA_<product>_KEY_<broker's tax code>."""
    return _secret(f"PAGOPA_{product}_KEY_{broker}", sandbox=not getattr(settings, "PAGOPA_PLATFORM_URL", ""))


def iris_login(broker: str) -> tuple[str, str]:
    """User and password of the body's system at IRIS: IRIS_LOGIN_<tax code>, written `user:password`."""
    if getattr(settings, "IRIS_URL", ""):
        login = env.text(f"IRIS_LOGIN_{broker}")
    else:
        login = env.text(f"IRIS_LOGIN_{broker}", SANDBOX_LOGIN)
    user, _, password = login.partition(":")
    return user, password


def _secret(name: str, *, sandbox: bool) -> str:
    return env.text(name, SANDBOX_KEY if sandbox and settings.SANDBOX_BASE_URL else "")


def _sandbox(path: str) -> str:
    return f"{settings.SANDBOX_BASE_URL}/{path}" if settings.SANDBOX_BASE_URL else ""
