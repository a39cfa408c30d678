"""The health page: for whoever watches over the portal, without details for whoever pries."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.operations import health


@never_cache
@require_safe
def status(request: HttpRequest) -> JsonResponse:
    """Database, Redis and the age in seconds of the oldest message that waits to leave.

    503 when the database is away: nothing works then. Without Redis the portal goes on and messages leave later.
    """
    database = health.database_answers()
    body = {
        "database": database,
        "redis": health.redis_answers(),
        "outbox_seconds": health.outbox_age_seconds() if database else None,
    }
    return JsonResponse(body, status=200 if database else 503)
