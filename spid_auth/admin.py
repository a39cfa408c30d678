from typing import Any, TypeVar

from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from portal.audit.registers import EvidenceAdmin, ReadOnlyAdmin, RegisterAdmin, actor_of
from spid_auth import events, services
from spid_auth.admin_lists import HeldFilter, HeldRequestFilter, HoldActions, OpenFilter, PendingFilter, RefusalFilter
from spid_auth.alerts import alert_close
from spid_auth.certificate_services import certificate_withdraw
from spid_auth.models import (
    Alert,
    AuthnTransaction,
    Identity,
    IdentityProvider,
    RegisterPurge,
    RegistryRefresh,
    ServiceProviderEntity,
    SigningCertificate,
)
from spid_auth.register import views
from spid_auth.registry.views import approve

M = TypeVar("M", bound=models.Model)


# allauth keeps no accounts and no secrets of ours.
admin.site.unregister([SocialAccount, SocialApp, SocialToken])


@admin.register(IdentityProvider)
class IdentityProviderAdmin(admin.ModelAdmin[IdentityProvider]):
    """A provider is disabled, never deleted: its logins stay in the register."""

    list_display = ["name", "scheme", "issuer", "enabled", "source", "seen_at", "to_certificates"]
    list_filter = ["scheme", "enabled", "source", PendingFilter]
    readonly_fields = ["source", "seen_at", "to_certificates"]
    search_fields = ["name", "issuer"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def save_model(self, request: HttpRequest, obj: IdentityProvider, form: Any, change: bool) -> None:
        actor = actor_of(request)
        services.provider_save(provider=obj, changed=form.changed_data, actor=actor)

    @admin.display(description=_("confronto dei certificati"))
    def to_certificates(self, row: IdentityProvider) -> str:
        if row.pk is None or not row.certificates:
            return "-"
        url = reverse("admin:spid_auth_registry_approve", args=[row.pk])
        text = _("Approva i nuovi certificati") if row.pending_certificates else _("Vedi i certificati")
        return format_html('<a href="{}">{}<span class="visually-hidden"> {}</span></a>', url, text, row)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(approve)
        return [path("<int:pk>/certificati/", page, name="spid_auth_registry_approve"), *super().get_urls()]

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


R = TypeVar("R", AuthnTransaction, Identity)


class ReadingIsRecorded(ReadOnlyAdmin[R]):
    """Rows that say who logged in: whoever opens one leaves a trace."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The row, after the audit event of its reading."""
        row = self.get_object(request, unquote(object_id))
        if row is not None and self.has_view_permission(request, row):
            events.row_read(row, actor=actor_of(request))
        return super().change_view(request, object_id, form_url, extra_context)


@admin.register(AuthnTransaction)
class AuthnTransactionAdmin(HoldActions, ReadingIsRecorded[AuthnTransaction]):
    """Enough to help who calls with a code. The messages, which hold personal data, have a page of their own."""

    list_display = ["code", "to_messages", "created_at", "idp", "level", "state", "error_code", "held"]
    list_filter = ["state", RefusalFilter, "idp", HeldRequestFilter, "created_at"]
    list_select_related = ["idp", "identity"]
    search_fields = ["code", "request_id", "response_id"]
    exclude = ["relay_state", "judged"]
    readonly_fields = ["to_messages"]

    def has_view_permission(self, request: HttpRequest, obj: AuthnTransaction | None = None) -> bool:
        """Who may open the messages finds them in the list."""
        return views.may_open(request) or super().has_view_permission(request, obj)

    @admin.display(description=_("conservata"), boolean=True)
    def held(self, row: AuthnTransaction) -> bool:
        return bool(row.hold_reason or (row.identity and row.identity.hold_reason))

    @admin.display(description=_("messaggi"))
    def to_messages(self, row: AuthnTransaction) -> str:
        url = reverse("admin:spid_auth_register_transaction", args=[row.pk])
        return format_html('<a href="{}">{}<span class="visually-hidden"> {}</span></a>', url, _("Registro"), row.code)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        page, file = guard(views.transaction_page), guard(views.message_file)
        return [
            path("<int:pk>/registro/", page, name="spid_auth_register_transaction"),
            path("<int:pk>/registro/<int:message_pk>/", file, name="spid_auth_register_message"),
            *super().get_urls(),
        ]


@admin.register(Identity)
class IdentityAdmin(HoldActions, ReadingIsRecorded[Identity]):
    """A hold on an identity keeps all its requests of login, also those to come."""

    list_display = ["person", "scheme", "level", "last_login", "held"]
    list_filter = ["scheme", "level", HeldFilter]
    list_select_related = ["person"]
    search_fields = ["person__last_name", "person__fiscal_code"]

    @admin.display(description=_("conservata"), boolean=True)
    def held(self, row: Identity) -> bool:
        return bool(row.hold_reason)


@admin.register(RegisterPurge)
class RegisterPurgeAdmin(EvidenceAdmin[RegisterPurge]):
    """What was let go of, and when: counts and dates only."""

    list_display = ["started_at", "finished_at", "cutoff", "transactions", "messages", "oldest_at", "newest_at"]


@admin.register(RegistryRefresh)
class RegistryRefreshAdmin(EvidenceAdmin[RegistryRefresh]):
    """How the refreshes of the identity providers went, the last one first."""

    list_display = ["at", "outcome", "providers", "changes", "source", "text"]
    list_filter = ["outcome"]


@admin.register(Alert)
class AlertAdmin(EvidenceAdmin[Alert]):
    """What the office must look into, open ones first."""

    list_display = ["kind", "subject", "count", "last_at", "is_open", "text"]
    list_filter = ["kind", OpenFilter]
    search_fields = ["subject", "text"]
    actions = ["close"]

    @admin.display(description=_("aperto"), boolean=True)
    def is_open(self, alert: Alert) -> bool:
        return alert.closed_at is None

    @admin.action(description=_("Chiudi gli avvisi scelti"))
    def close(self, request: HttpRequest, chosen: QuerySet[Alert]) -> None:
        for one in chosen:
            alert_close(alert_id=one.pk, actor=actor_of(request))
        self.message_user(request, _("Avvisi chiusi. Se succede ancora, se ne apre uno nuovo."), messages.SUCCESS)

    def waiting(self) -> int:
        """How many are open: the number beside the name on the first page of the admin."""
        return Alert.objects.filter(closed_at__isnull=True).count()
