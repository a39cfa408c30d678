"""Django's PostgreSQL backend, over a server that is started when the first connection needs it."""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base

from portal.operations.embedded import postgres


class DatabaseWrapper(base.DatabaseWrapper):
    """The only thing added: before a connection is opened, the embedded server is made sure of."""

    def get_connection_params(self) -> dict[str, Any]:
        place = postgres.ensure_running(settings.EMBEDDED_PLACE)
        for key in ("HOST", "PORT", "USER"):
            self.settings_dict[key] = place[key]
        return super().get_connection_params()
