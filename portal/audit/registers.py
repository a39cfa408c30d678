"""Kinds of admin page that every room uses: rows only read, registers kept by who runs the system, evidence."""

from typing import Any, ClassVar, TypeVar

from django.contrib import admin
from django.db.models import Model, URLField
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from portal.audit.actor import Actor
from portal.audit.services import record

M = TypeVar("M", bound=Model)


def actor_of(request: HttpRequest) -> Actor:
    """Who works in the admin, for the audit trail."""
    return Actor(label=str(request.user), user_id=request.user.pk)


class ReadOnlyAdmin(admin.ModelAdmin[M]):
    """Rows made by the services. Who may see them is for the page to say."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Named after what is listed: there is nothing to choose in order to change it."""
        title = str(self.model._meta.verbose_name_plural)
        named = {"title": title[:1].upper() + title[1:]}
        return super().changelist_view(request, named | (extra_context or {}))

    def get_fields(self, request: HttpRequest, obj: M | None = None) -> Any:
        """Without a link to the page of the body, which is for who runs the system."""
        names = super().get_fields(request, obj)
        if self.has_change_permission(request, obj):
            return names
        return ["body" if name == "entity" else name for name in names]

    @admin.display(description=_("ente"))
    def body(self, row: M) -> str:
        return str(row.entity) if row.entity is not None else "-"  # type: ignore[attr-defined]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Named after what is shown; which one it is comes below."""
        title = str(self.model._meta.verbose_name)
        named = {"title": title[:1].upper() + title[1:]}
        return super().change_view(request, object_id, form_url, named | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


class RegisterAdmin(admin.ModelAdmin[M]):
    """Rows that the system's administrators add and change, never delete. Each change is an audit event."""

    formfield_overrides: ClassVar[Any] = {URLField: {"assume_scheme": "https"}}

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: M, form: Any, change: bool) -> None:
        """Names of the changed fields are kept, not their values: they may be personal."""
        super().save_model(request, obj, form, change)
        action = "register.changed" if change else "register.added"
        record(action, subject=obj, actor=actor_of(request), data={"fields": form.changed_data})


class EvidenceAdmin(ReadOnlyAdmin[M]):
    """Evidence, for who runs the system: read, and nothing else."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.has_module_permission(request)
