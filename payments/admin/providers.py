"""What happened at the providers: positions there, files, receipts taken, accounts looked up. To read, and to retry."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from payments.admin.base import BooksAdmin, roles
from payments.models import IbanCheck, ProviderExport, ProviderUpload, ReceiptPull
from payments.providers.services import export_retry
from portal.audit.registers import actor_of
from portal.entities.models import Role


@admin.register(ProviderExport)
class ProviderExportAdmin(BooksAdmin[ProviderExport]):
    """Whether each position is where it must be; the reason of a refusal is the provider's own."""

    list_display = ("position", "provider", "state", "attempts", "last_error", "answered_at", "entity")
    list_filter = ("state", "provider", "entity")
    list_select_related = ("entity", "position")
    search_fields = ("position__charge__notice_number", "position__description")
    exclude = ("busy_until", "revision")
    actions = ("try_again",)

    def waiting(self) -> int:
        """How many were refused, for the first page of the office."""
        return ProviderExport.objects.filter(state=ProviderExport.State.FAILED).count()

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Accountants; of other bodies they see no rows."""
        return any(role.role == Role.ACCOUNTANT for role in roles(request))

    @admin.action(description=_("Invia di nuovo le posizioni rifiutate"), permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[ProviderExport]) -> None:
        """What was refused leaves again, as it is now."""
        mine = [role.entity_id for role in roles(request) if role.role == Role.ACCOUNTANT]
        failed = queryset.filter(state=ProviderExport.State.FAILED, entity__in=mine).order_by("pk")
        keys = list(failed.values_list("pk", flat=True))
        for key in keys:
            export_retry(export_id=key, actor=actor_of(request))
        text = ngettext("%d posizione rimessa in coda.", "%d posizioni rimesse in coda.", len(keys)) % len(keys)
        messages.success(request, text)


@admin.register(ProviderUpload)
class ProviderUploadAdmin(BooksAdmin[ProviderUpload]):
    list_display = ("created_at", "link", "state", "submitted", "processed", "refused", "last_error", "entity")
    list_filter = ("state", "entity")
    list_select_related = ("entity", "link__station")


@admin.register(ReceiptPull)
class ReceiptPullAdmin(BooksAdmin[ReceiptPull]):
    list_display = ("link", "taken_until", "succeeded_at", "attempted_at", "error", "entity")
    list_filter = ("entity",)
    list_select_related = ("entity", "link__station")


@admin.register(IbanCheck)
class IbanCheckAdmin(BooksAdmin[IbanCheck]):
    """Accounts as pagoPA knows them. A new one is registered in the back office seven days before it is used."""

    list_display = ("iban", "used_by", "state", "valid_from", "checked_at", "entity")
    list_filter = ("state", "entity")
    list_select_related = ("entity",)

    def waiting(self) -> int:
        """How many accounts are not in order."""
        return IbanCheck.alarming().count()
