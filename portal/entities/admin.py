from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.audit.registers import RegisterAdmin, actor_of
from portal.audit.services import record
from portal.entities.models import Entity, Office, StaffRole


@admin.register(Entity)
class EntityAdmin(RegisterAdmin[Entity]):
    """The public bodies of this installation."""

    list_display = ("name", "code", "ipa_code", "hostname", "is_default")


@admin.register(Office)
class OfficeAdmin(RegisterAdmin[Office]):
    """Offices; the code ties an office to the services it answers for."""

    list_display = ("name", "entity", "code", "email")
    list_filter = ("entity",)
    list_select_related = ("entity",)


@admin.register(StaffRole)
class StaffRoleAdmin(RegisterAdmin[StaffRole]):
    """Who may do what, and where. Taking a role away is the one deletion of this page."""

    list_display = ("user", "role", "office", "entity")
    list_filter = ("entity", "role")
    list_select_related = ("user", "office", "entity")
    search_fields = ("user__username", "user__last_name")

    def has_delete_permission(self, request: HttpRequest, obj: StaffRole | None = None) -> bool:
        return self.has_module_permission(request)

    def delete_model(self, request: HttpRequest, obj: StaffRole) -> None:
        """Taking a right away is an event, like giving it."""
        record("register.removed", subject=obj, actor=actor_of(request), data={"user": obj.user_id, "role": obj.role})
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[StaffRole]) -> None:
        for role in queryset:
            self.delete_model(request, role)
