"""The Celery application: it only carries what the outbox has promised."""

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


class PortalCelery(Celery):
    """Starts the embedded Redis, when that is the broker, at the first connection and not before."""

    def connection_for_write(self, *args: Any, **kwargs: Any) -> Any:
        _broker_ready()
        return super().connection_for_write(*args, **kwargs)

    def connection_for_read(self, *args: Any, **kwargs: Any) -> Any:
        _broker_ready()
        return super().connection_for_read(*args, **kwargs)


def _broker_ready() -> None:
    from django.conf import settings

    from portal.operations.embedded import redis

    if settings.EMBEDDED_REDIS:
        redis.ensure_running(settings.EMBEDDED_PLACE)


app = PortalCelery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
