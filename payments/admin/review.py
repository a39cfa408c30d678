"""The queue of receipts that somebody must look at."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from payments.admin.base import BooksAdmin, roles
from payments.domain.codes import grouped
from payments.models import ReceiptCase
from payments.models.receipts import CaseState
from payments.services.receipts import receipt_case_resolve
from portal.audit.registers import actor_of
from portal.entities.models import Role
from portal.entities.selectors import has_role
from portal.kernel.errors import DomainError
from portal.kernel.money import euro


class WaitingFilter(admin.SimpleListFilter):
    """Opens on what waits, like a queue."""

    title = _("stato")
    parameter_name = "stato"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("tutte", _("tutte")), ("verificate", _("verificate"))]

    def choices(self, changelist: Any) -> Any:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": _("da verificare"),
        }
        for lookup, label in self.lookup_choices:
            yield {
                "selected": self.value() == lookup,
                "query_string": changelist.get_query_string({self.parameter_name: lookup}),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "verificate":
            return queryset.filter(state=CaseState.RESOLVED)
        return queryset if self.value() == "tutte" else queryset.filter(state=CaseState.TO_REVIEW)


@admin.register(ReceiptCase)
class ReceiptCaseAdmin(BooksAdmin[ReceiptCase]):
    """The reasons, the receipt, and a note that closes it."""

    list_display = ("number_in_groups", "amount", "reasons", "settles", "received", "state", "entity")
    list_filter = (WaitingFilter, "entity")
    list_select_related = ("entity", "receipt")
    search_fields = ("receipt__nav", "receipt__iuv", "receipt__receipt_id")
    readonly_fields = (
        "receipt", "number_in_groups", "amount", "received", "state", "reasons", "settles", "instalment", "judged_at",
        "resolved_by",
    )  # fmt: skip
    fields = (*readonly_fields, "note")

    def has_change_permission(self, request: HttpRequest, obj: ReceiptCase | None = None) -> bool:
        """Accountants of the body, while the receipt waits."""
        if obj is None or obj.state != CaseState.TO_REVIEW:
            return False
        return has_role(roles(request), Role.ACCOUNTANT, entity_id=obj.entity_id)

    def save_model(self, request: HttpRequest, obj: ReceiptCase, form: Any, change: bool) -> None:
        """The service closes the case; a refusal is told by `response_change`."""
        request.refusal = None  # type: ignore[attr-defined]
        try:
            receipt_case_resolve(case_id=obj.pk, note=form.cleaned_data["note"], actor=actor_of(request))
        except DomainError as error:
            request.refusal = error.message  # type: ignore[attr-defined]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The audit event of the service is enough."""

    def response_change(self, request: HttpRequest, obj: ReceiptCase) -> HttpResponse:
        refusal = getattr(request, "refusal", None)
        if refusal is None:
            return super().response_change(request, obj)
        messages.error(request, refusal)
        return HttpResponseRedirect(request.path)

    @admin.display(description=_("codice avviso"), ordering="receipt__nav")
    def number_in_groups(self, row: ReceiptCase) -> str:
        return grouped(row.receipt.nav)

    @admin.display(description=_("importo"), ordering="receipt__amount_cents")
    def amount(self, row: ReceiptCase) -> str:
        return euro(row.receipt.amount_cents)

    @admin.display(description=_("perché"))
    def reasons(self, row: ReceiptCase) -> str:
        return "; ".join(row.anomaly_labels())

    @admin.display(description=_("arrivata il"), ordering="receipt__received_at")
    def received(self, row: ReceiptCase) -> Any:
        return row.receipt.received_at
