"""What `manage.py demo` tells the newcomer once everything answers."""

from django.conf import settings


def sandbox_pages() -> list[str]:
    """The counterparts' pages."""
    return [f"Ambiente dimostrativo: {settings.SANDBOX_BASE_URL}/"]
