"""Settings of the campaigns of notices, with their defaults."""

from django.conf import settings


def file_days() -> int:
    """Days the files of a finished campaign are kept."""
    return int(getattr(settings, "CAMPAIGN_FILE_DAYS", 30))


def workers() -> int:
    """Parts of campaigns printed at the same time in the whole installation: the other tasks need workers too."""
    return int(getattr(settings, "CAMPAIGN_WORKERS", 2))


def notice_bytes() -> int:
    """Room a notice with its fonts takes, for the check before a campaign begins."""
    return int(getattr(settings, "CAMPAIGN_NOTICE_BYTES", 130_000))


def spare_bytes() -> int:
    """Room a campaign leaves to everything else."""
    return int(getattr(settings, "CAMPAIGN_SPARE_BYTES", 500_000_000))


def archive_bytes() -> int:
    """Size beyond which the archive of a campaign is divided: what a browser downloads well."""
    return int(getattr(settings, "CAMPAIGN_ARCHIVE_BYTES", 1_000_000_000))
