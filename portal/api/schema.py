"""What the services say of themselves in OpenAPI: how to come in, and how errors look."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from portal.api.problems import PROBLEM, TITLES


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """One of several reasons."""

    name = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = ProblemErrorSerializer(many=True, required=False)


PROBLEMS = {
    (code, PROBLEM): OpenApiResponse(ProblemSerializer, description=str(title))
    for code, title in TITLES.items()
    if code not in {405, 406, 409, 500}
}


class BearerKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A service key."""

    target_class = "portal.api.access.BearerKey"
    name = "serviceKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "Chiave di servizio dell'ente."}
