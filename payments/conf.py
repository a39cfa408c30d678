"""Settings of payments, with the defaults of the demonstration."""

from pathlib import Path

from cryptography.x509 import Certificate, load_pem_x509_certificates
from django.conf import settings


def client_fingerprints() -> frozenset[str]:
    """SHA-256 fingerprints (hex) of the node's client certificates; empty outside production means anybody."""
    listed = getattr(settings, "PAGOPA_CLIENT_FINGERPRINTS", [])
    return frozenset(fingerprint.replace(":", "").lower() for fingerprint in listed)


def taxonomy(code: str) -> str:
    """The taxonomy code as it goes on the wire: the tables keep it bare."""
    pattern: str = getattr(settings, "PAGOPA_TAXONOMY_FORMAT", "9/{code}/")
    return pattern.format(code=code)


def checkout_url() -> str:
    """Base address of the checkout API (no final slash); empty when paying on line is not configured."""
    configured: str = getattr(settings, "CHECKOUT_URL", "")
    if configured or not settings.SANDBOX_BASE_URL:
        return configured.rstrip("/")
    return f"{settings.SANDBOX_BASE_URL}/psp/checkout"


def checkout_key() -> str:
    """Subscription key of the checkout API."""
    return str(getattr(settings, "CHECKOUT_SUBSCRIPTION_KEY", ""))


def stamp_anchors() -> tuple[Certificate, ...]:
    """Who may sign a digital stamp, or vouch for who does; empty when the installation has no certificates yet. The
    demonstration trusts the authority of its sandbox.
    """
    folder: str = getattr(settings, "PAGOPA_STAMP_ANCHORS", "")
    if not folder and settings.SANDBOX_BASE_URL:
        sandbox = settings.DATA_DIR / "sandbox" / "stamps"
        folder = str(sandbox) if sandbox.is_dir() else ""
    if not folder:
        return ()
    files = sorted(path for path in Path(folder).iterdir() if path.suffix in (".pem", ".crt"))
    return tuple(certificate for file in files for certificate in load_pem_x509_certificates(file.read_bytes()))


# Calls that may wait in a process while the database is away: minutes at the busiest hour, a few megabytes.
JOURNAL_LIMIT = 20_000


def journal_rows() -> int:
    """How many calls of the node are written at once; 1 writes each by itself, before the next is served."""
    return int(getattr(settings, "PAGOPA_JOURNAL_ROWS", 500))


def journal_seconds() -> float:
    """How long a call waits to be written when few others come."""
    return float(getattr(settings, "PAGOPA_JOURNAL_SECONDS", 5))


def journal_days() -> int:
    """How long the journal is kept. A choice of the installation: no norm fixes it, the receipts are kept apart."""
    return int(getattr(settings, "PAGOPA_JOURNAL_DAYS", 730))


def quarantine_days() -> int:
    """How long messages stay in quarantine. A choice of the installation: they name people whose payments may not even
    be ours, yet one may be the only trace of a payment until the books of its year are closed."""
    return int(getattr(settings, "PAGOPA_QUARANTINE_DAYS", 730))


def spontaneous_grace_days() -> int:
    """How long an unpaid spontaneous payment stays after its last day, before the nightly job takes it back: who
    started to pay on the last day is still on the way."""
    return int(getattr(settings, "SPONTANEOUS_GRACE_DAYS", 15))


def spontaneous_retry_seconds() -> int:
    """How long the very same request of the node counts as a repetition. It repeats within seconds (it waits 7); the
    same person may well want to pay the same twice in a day."""
    return int(getattr(settings, "SPONTANEOUS_RETRY_SECONDS", 120))


def captions_dir() -> str:
    """The directory with the captions of the notice in more languages; empty when there is none."""
    return str(getattr(settings, "PAYMENTS_CAPTIONS_DIR", ""))
