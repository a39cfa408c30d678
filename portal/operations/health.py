"""Whether the parts of the portal answer: read by the health page and by the doctor."""

from django.conf import settings
from django.db import DatabaseError, connection
from redis import Redis
from redis.exceptions import RedisError

from portal import clock
from portal.operations.embedded import redis as embedded_redis
from portal.outbox.selectors import oldest_pending_age

PATIENCE_SECONDS = 1.0


def database_answers() -> bool:
    """Whether a query comes back. The embedded server is started if it must be."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, RuntimeError):
        return False
    return True


def redis_answers() -> bool:
    """Whether Redis answers a ping within a second. The embedded server is started if it must be."""
    try:
        address = settings.REDIS_URL or embedded_redis.ensure_running(settings.EMBEDDED_PLACE)
        with Redis.from_url(
            address, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
        ) as client:
            return bool(client.ping())
    except (RedisError, OSError, RuntimeError):
        return False


def outbox_age_seconds() -> int | None:
    """How long the oldest message that should have left has been waiting; 0 when none waits, None when unknown."""
    try:
        return int(oldest_pending_age(at=clock.now()).total_seconds())
    except DatabaseError:
        return None
