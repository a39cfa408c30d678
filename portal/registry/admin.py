from django.contrib import admin
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

    def has_module_permission(self, request: HttpRequest) -> bool:
        return any(role.role in {Role.HEAD, Role.ADMINISTRATOR} for role in getattr(request, "staff_roles", []))
