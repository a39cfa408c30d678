"""Who may see and change the tables of payments: roles decide, the scope hides other bodies."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from payments import events
from payments.selectors import BOOK_READERS
from portal.audit.registers import ReadOnlyAdmin, actor_of
from portal.entities.models import Role, StaffRole
from portal.entities.selectors import has_role

M = TypeVar("M", bound=Model)


def roles(request: HttpRequest) -> list[StaffRole]:
    """The roles of who asks."""
    return getattr(request, "staff_roles", [])


def reads_payments(request: HttpRequest, entity_id: int | None = None) -> bool:
    """Whether who asks is an accountant or an administrator, of that body or of any."""
    return any(
        role.role in BOOK_READERS and (entity_id is None or role.entity_id == entity_id) for role in roles(request)
    )


class BooksAdmin(ReadOnlyAdmin[M]):
    """Rows made by the services: here they are only read, and only of the bodies whose books who asks may see."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        mine = [role.entity_id for role in roles(request) if role.role in BOOK_READERS]
        return super().get_queryset(request).filter(entity__in=mine)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return reads_payments(request)

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return reads_payments(request, getattr(obj, "entity_id", None))


class SettingAdmin(BooksAdmin[M]):
    """Settings of a body: its administrators keep them. Nothing is ever deleted."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(_administered(request))

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        if obj is None:
            return bool(_administered(request))
        return has_role(roles(request), Role.ADMINISTRATOR, entity_id=obj.entity_id)  # type: ignore[attr-defined]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Rows of the administrator's own bodies only."""
        owner = "pk" if db_field.name == "entity" else "entity"
        related = db_field.related_model._default_manager
        kwargs["queryset"] = related.filter(**{f"{owner}__in": _administered(request)})
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        """One transaction (the admin's), one audit event."""
        super().save_model(request, obj, form, change)
        events.setting_changed(obj, fields=form.changed_data, actor=actor_of(request))


def _administered(request: HttpRequest) -> list[int]:
    return [role.entity_id for role in roles(request) if role.role == Role.ADMINISTRATOR]
