from typing import Any, TypeVar

from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.audit.registers import ReadOnlyAdmin, RegisterAdmin, actor_of
from spid_auth import services
from spid_auth.certificate_services import certificate_withdraw
from spid_auth.models import (
    AuthnTransaction,
    Identity,
    IdentityProvider,
    ServiceProviderEntity,
    SigningCertificate,
)

M = TypeVar("M", bound=models.Model)


# allauth keeps no accounts and no secrets of ours.
admin.site.unregister([SocialAccount, SocialApp, SocialToken])


@admin.register(IdentityProvider)
class IdentityProviderAdmin(admin.ModelAdmin[IdentityProvider]):
    """A provider is disabled, never deleted: its logins stay in the register."""

    list_display = ["name", "scheme", "issuer", "enabled", "source", "seen_at"]
    list_filter = ["scheme", "enabled", "source"]
    readonly_fields = ["source", "seen_at"]
    search_fields = ["name", "issuer"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def save_model(self, request: HttpRequest, obj: IdentityProvider, form: Any, change: bool) -> None:
        actor = actor_of(request)
        services.provider_save(provider=obj, changed=form.changed_data, actor=actor)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(ServiceProviderEntity)
class ServiceProviderEntityAdmin(RegisterAdmin[ServiceProviderEntity]):
    """How each body takes part in SPID and CIE."""

    list_display = ["body", "mode", "aggregator", "with_cie", "with_eidas"]
    list_select_related = ["body", "aggregator__body"]


@admin.register(SigningCertificate)
class SigningCertificateAdmin(ReadOnlyAdmin[SigningCertificate]):
    """Made by `spid_make_certificate`, because the keys never pass through the browser."""

    list_display = ["provider", "folder", "active_from", "expires_at", "withdrawn_at"]
    list_select_related = ["provider__body"]
    actions = ["withdraw"]

    @admin.action(description=_("Ritira i certificati scelti"))
    def withdraw(self, request: HttpRequest, chosen: QuerySet[SigningCertificate]) -> None:
        for one in chosen:
            certificate_withdraw(certificate_id=one.pk, actor=actor_of(request))
        self.message_user(request, _("I certificati non sono più pubblicati né usati."), messages.WARNING)


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
