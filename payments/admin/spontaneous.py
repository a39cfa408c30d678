"""What may be paid without an avviso, and who asked to: administrators keep the first, the books' readers see both."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from payments.admin.base import BooksAdmin, SettingAdmin, roles
from payments.models import (
    DebtKind,
    SpontaneousPayment,
    SpontaneousPrice,
    SpontaneousQuestion,
    SpontaneousService,
)
from portal.entities.models import Role
from portal.entities.selectors import has_role
from portal.kernel.money import euro


class _PartOfService(admin.TabularInline[Any, Any]):
    """Rows of a service: who keeps the service keeps them."""

    extra = 0
    can_delete = False
    exclude = ("entity",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or has_role(roles(request), Role.ADMINISTRATOR, entity_id=obj.entity_id)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)


class PriceInline(_PartOfService):
    model = SpontaneousPrice


class QuestionInline(_PartOfService):
    model = SpontaneousQuestion
    max_num = 3


class SpontaneousServiceForm(forms.ModelForm[SpontaneousService]):
    """The kind of debt must be one of the same body, and say how long its notices stay open."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        code, entity = data.get("debt_kind"), data.get("entity")
        kinds = DebtKind.objects.filter(entity=entity, code=code) if code and entity else None
        if kinds is not None and not kinds.filter(open_days__isnull=False, digital_stamp=False).exists():
            self.add_error(
                "debt_kind", _("Serve il codice di un tipo di dovuto dell'ente che dica per quanti giorni si paga.")
            )
        if data.get("amount_rule") == "unit" and not data.get("piece"):
            self.add_error("piece", _("Scrivi che cosa si conta, per esempio «numero di copie»."))
        return data


@admin.register(SpontaneousService)
class SpontaneousServiceAdmin(SettingAdmin[SpontaneousService]):
    """A service without a confirmed price or kind of debt is not offered."""

    form = SpontaneousServiceForm
    list_display = ("name", "code", "debt_kind", "amount_rule", "payers", "valid_from", "valid_until", "entity")
    list_filter = ("entity", "amount_rule")
    list_select_related = ("entity",)
    search_fields = ("name", "code")
    inlines = (PriceInline, QuestionInline)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Prices and questions belong to the body of their service."""
        for row in formset.save(commit=False):
            row.entity_id = form.instance.entity_id
            row.save()
        formset.save_m2m()


@admin.register(SpontaneousPayment)
class SpontaneousPaymentAdmin(BooksAdmin[SpontaneousPayment]):
    """Requests, each with its charge. What was written stays as it was."""

    list_display = ("service", "payer", "amount", "state", "channel", "created_at", "open_until", "entity")
    list_filter = ("entity", "channel", "charge__state", "service")
    list_select_related = ("entity", "service", "charge")
    search_fields = ("charge__payer_name", "charge__payer_fiscal_code", "charge__notice_number")
    date_hierarchy = "created_at"
    exclude = ("fingerprint", "mandate")

    @admin.display(description=_("chi paga"), ordering="charge__payer_name")
    def payer(self, row: SpontaneousPayment) -> str:
        return row.charge.payer_name if row.charge else ""

    @admin.display(description=_("importo"), ordering="charge__amount_cents")
    def amount(self, row: SpontaneousPayment) -> str:
        return euro(row.charge.amount_cents) if row.charge else ""

    @admin.display(description=_("stato"), ordering="charge__state")
    def state(self, row: SpontaneousPayment) -> str:
        return row.charge.get_state_display() if row.charge else ""
