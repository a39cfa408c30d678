"""Settings of this room, with the defaults of the demonstration."""

from pathlib import Path

from django.conf import settings

# A journal of a large body is some hundred kilobytes; a reporting flow of 200,000 lines about a hundred megabytes, but
# the node gives it in pages of a thousand.
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
MAX_DROPPED_BYTES = 256 * 1024 * 1024
MAX_RESPONSE_BYTES = 32 * 1024 * 1024


def flows_url() -> str:
    """Base of the reporting-flow API of the node; the sandbox in the demonstration, empty when not configured."""
    sandbox = f"{settings.SANDBOX_BASE_URL}/psp/fdr" if settings.SANDBOX_BASE_URL else ""
    return str(getattr(settings, "FDR_BASE_URL", "") or sandbox).rstrip("/")


def flows_key() -> str:
    """Subscription key of the reporting-flow API."""
    return str(getattr(settings, "FDR_SUBSCRIPTION_KEY", ""))


def treasury_folder() -> Path:
    """Where treasurers and suppliers drop their documents: one folder for each body, `<code>/in`."""
    return Path(getattr(settings, "TREASURY_DIR", "") or settings.DATA_DIR / "treasury")


# Until a body sets its own threshold: beyond a thousand euro two persons confirm a suggestion («dimostrativo»).
SUGGESTION_TWO_PEOPLE_CENTS = 1_000_00

# No more requests than these for a body in a day: the service is shared.
MOST_ASKED_A_DAY = 200


def receipts_asked_for_days() -> int:
    """For how many days, at most, the portal asks by itself for a receipt that a flow reports; 0 means never."""
    return int(getattr(settings, "RECEIPTS_ASKED_FOR_DAYS", 0) or 0)
