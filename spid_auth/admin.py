from typing import Any, TypeVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from portal.audit.registers import ReadOnlyAdmin, actor_of
from spid_auth import services
from spid_auth.models import AuthnTransaction, Identity, IdentityProvider

M = TypeVar("M", bound=models.Model)


@admin.register(IdentityProvider)
class IdentityProviderAdmin(admin.ModelAdmin[IdentityProvider]):
    """A provider is disabled, never deleted: its logins stay in the register."""

    list_display = ["name", "issuer", "enabled"]
    list_filter = ["enabled"]
    search_fields = ["name", "issuer"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def save_model(self, request: HttpRequest, obj: IdentityProvider, form: Any, change: bool) -> None:
        actor = actor_of(request)
        services.provider_save(provider=obj, changed=form.changed_data, actor=actor)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(AuthnTransaction)
class AuthnTransactionAdmin(ReadOnlyAdmin[AuthnTransaction]):
    """Enough to help who calls with a code. The messages, which hold personal data, are not shown here."""

    list_display = ["code", "created_at", "idp", "level", "state", "error_code"]
    list_filter = ["state", "error_code", "idp", "created_at"]
    search_fields = ["code", "request_id", "response_id"]
    exclude = ["relay_state"]


@admin.register(Identity)
class IdentityAdmin(ReadOnlyAdmin[Identity]):
    list_display = ["person", "scheme", "level", "last_login"]
    list_filter = ["scheme", "level"]
    search_fields = ["person__last_name", "person__fiscal_code"]
