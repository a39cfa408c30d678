"""The health page: for whoever watches over the portal, without details for whoever pries."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse


def status(request: HttpRequest) -> JsonResponse:
    """Whether the database answers."""
    return JsonResponse({"database": _database_answers()})


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
