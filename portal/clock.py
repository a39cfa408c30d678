"""The one place that reads the time. Rules take the day as an argument; only edges call this module."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

ROME = ZoneInfo("Europe/Rome")


def now() -> datetime:
    """This instant, aware."""
    return timezone.now()


def today() -> date:
    """The calendar day in Italy."""
    return now().astimezone(ROME).date()
