"""Who keeps the books: accountants, each for the bodies where they are one."""

from typing import Any, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from payments.admin.pages import DeskAdmin, is_accountant
from payments.reconciliation import book_events as events
from payments.reconciliation.access import accountant_entities
from portal.audit.registers import ReadOnlyAdmin, actor_of

M = TypeVar("M", bound=Model)


class AccountantDesk(DeskAdmin[M]):
    """Rows that only accountants read, and only of their bodies, with pages of their own."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return super().get_queryset(request).filter(entity_id__in=accountant_entities(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(accountant_entities(request))

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return bool(accountant_entities(request)) and (
            obj is None or is_accountant(request, obj.entity_id)  # type: ignore[attr-defined]
        )


class BookSettingAdmin(ReadOnlyAdmin[M]):
    """Rows that accountants keep for their bodies. Nothing is ever deleted; each change is an audit event."""

    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return super().get_queryset(request).filter(entity_id__in=accountant_entities(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(accountant_entities(request))

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(accountant_entities(request))

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        if obj is None:
            return bool(accountant_entities(request))
        return is_accountant(request, obj.entity_id)  # type: ignore[attr-defined]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Rows of the accountant's own bodies only."""
        owner = "pk" if db_field.name == "entity" else "entity"
        kwargs["queryset"] = db_field.related_model._default_manager.filter(
            **{f"{owner}__in": accountant_entities(request)}
        )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: M | None = None) -> Any:
        """The body of a row is for ever."""
        return ("entity",) if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: M, form: forms.ModelForm[Any], change: bool) -> None:
        """One transaction (the admin's), one audit event."""
        super().save_model(request, obj, form, change)
        events.book_setting_changed(obj, fields=form.changed_data, actor=actor_of(request))
