from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.audit.registers import EvidenceAdmin
from portal.entities.models import Role
from portal.registry.models import ProtocolEntry


@admin.register(ProtocolEntry)
class ProtocolEntryAdmin(EvidenceAdmin[ProtocolEntry]):
    """The register of protocol, for the heads and administrators of the body."""

    list_display = ("__str__", "registered_at", "direction", "subject", "counterpart")
    list_filter = ("direction", "year")
    search_fields = ("number", "subject", "counterpart")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProtocolEntry]:
        """Of the bodies where who asks is one of them: another role elsewhere opens nothing."""
        return super().get_queryset(request).filter(entity__in=_read_by(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(_read_by(request))


def _read_by(request: HttpRequest) -> list[int]:
    roles = getattr(request, "staff_roles", [])
    return [role.entity_id for role in roles if role.role in {Role.HEAD, Role.ADMINISTRATOR}]
