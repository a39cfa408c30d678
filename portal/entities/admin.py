from typing import Any

from django.contrib import admin
from django.db.models import Field, QuerySet
from django.http import HttpRequest

from portal.audit.registers import RegisterAdmin, actor_of
from portal.audit.services import record
from portal.entities.models import Entity, Office, StaffRole


class OwnBodiesFilter(admin.RelatedFieldListFilter):
    """Only the bodies for which who asks works; nothing to choose when they are one. Administrators see all."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[Any]:
        held = {role.entity_id for role in getattr(request, "staff_roles", [])}
        choices = super().field_choices(field, request, model_admin)
        if getattr(request.user, "is_superuser", False):
            return choices
        return [(key, name) for key, name in choices if key in held]


def _is_the_body(field: "Field[Any, Any]") -> bool:
    return field.remote_field is not None and field.remote_field.model is Entity


admin.FieldListFilter.register(_is_the_body, OwnBodiesFilter, take_priority=True)


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
