from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.audit.registers import EvidenceAdmin, RegisterAdmin, actor_of
from portal.kernel.errors import DomainError
from portal.people.domain.mandates import Action
from portal.people.models import Company, Mandate, Person
from portal.people.services import mandate_apply


@admin.register(Person)
class PersonAdmin(EvidenceAdmin[Person]):
    """Who logged in at least once, to be found when a mandate is written down. Their data are theirs: only read."""

    list_display = ("last_name", "first_name", "fiscal_code")
    fields = ("last_name", "first_name", "fiscal_code", "email", "email_verified_at")
    search_fields = ("last_name", "fiscal_code")


@admin.register(Company)
class CompanyAdmin(RegisterAdmin[Company]):
    """Companies for which people act."""

    list_display = ("name", "fiscal_code", "vat_number", "seat")
    search_fields = ("name", "fiscal_code", "vat_number")


@admin.register(Mandate)
class MandateAdmin(RegisterAdmin[Mandate]):
    """Mandates: written down as asked for, then approved, refused or revoked; a decided one is never rewritten."""

    list_display = ("person", "company", "kind", "state", "valid_from", "valid_to")
    list_filter = ("state", "kind")
    list_select_related = ("person", "company")
    search_fields = ("person__last_name", "person__fiscal_code", "company__name")
    autocomplete_fields = ("person", "company")
    readonly_fields = ("state",)
    actions = ("approve", "refuse", "revoke")

    def has_change_permission(self, request: HttpRequest, obj: Mandate | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def _apply(self, request: HttpRequest, queryset: QuerySet[Mandate], action: Action) -> None:
        for mandate in queryset:
            try:
                mandate_apply(mandate_id=mandate.pk, action=action, actor=actor_of(request))
            except DomainError as error:
                messages.error(request, f"{mandate}: {error.message}")
            else:
                messages.success(request, _("%(mandate)s: fatto.") % {"mandate": mandate})

    @admin.action(description=_("Approva le deleghe scelte"))
    def approve(self, request: HttpRequest, queryset: QuerySet[Mandate]) -> None:
        self._apply(request, queryset, Action.APPROVE)

    @admin.action(description=_("Rifiuta le deleghe scelte"))
    def refuse(self, request: HttpRequest, queryset: QuerySet[Mandate]) -> None:
        self._apply(request, queryset, Action.REFUSE)

    @admin.action(description=_("Revoca le deleghe scelte"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Mandate]) -> None:
        self._apply(request, queryset, Action.REVOKE)
