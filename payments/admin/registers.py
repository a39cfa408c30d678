"""What happened: instalments, receipts, the node's calls. To read only."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from payments.admin.base import BooksAdmin, M
from payments.domain.codes import grouped
from payments.models import (
    DatedAmount,
    Instalment,
    NodeCall,
    QuarantinedMessage,
    Receipt,
    ReceiptTransfer,
    Transfer,
)
from portal.kernel.money import euro


class TransferInline(admin.TabularInline[Transfer, Instalment]):
    model = Transfer
    fields = readonly_fields = (
        "seq", "remittance", "amount", "beneficiary_name", "iban", "postal_iban", "stamp_hash", "category",
    )  # fmt: skip
    extra = 0
    can_delete = False

    @admin.display(description=_("importo"))
    def amount(self, row: Transfer) -> str:
        return euro(row.amount_cents)

    def has_view_permission(self, request: HttpRequest, obj: Instalment | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Instalment | None = None) -> bool:
        return False


class DatedAmountInline(admin.TabularInline[DatedAmount, Instalment]):
    model = DatedAmount
    fields = readonly_fields = ("valid_from", "amount", "rule")
    extra = 0
    can_delete = False

    @admin.display(description=_("importo"))
    def amount(self, row: DatedAmount) -> str:
        return euro(row.cents)

    def has_view_permission(self, request: HttpRequest, obj: Instalment | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Instalment | None = None) -> bool:
        return False


@admin.register(Instalment)
class InstalmentAdmin(BooksAdmin[Instalment]):
    list_display = ("number_in_groups", "amount", "due_on", "paid_at", "position", "entity")
    list_filter = ("entity", ("paid_at", admin.EmptyFieldListFilter))
    list_select_related = ("entity", "option__position")
    search_fields = ("nav", "iuv")
    inlines = (TransferInline, DatedAmountInline)

    @admin.display(description=_("codice avviso"), ordering="nav")
    def number_in_groups(self, row: Instalment) -> str:
        return grouped(row.nav)

    @admin.display(description=_("importo"), ordering="amount_cents")
    def amount(self, row: Instalment) -> str:
        return euro(row.amount_cents)

    @admin.display(description=_("posizione"))
    def position(self, row: Instalment) -> str:
        return row.option.position.description


class ReceiptTransferInline(admin.TabularInline[ReceiptTransfer, Receipt]):
    model = ReceiptTransfer
    fields = readonly_fields = (
        "seq", "remittance", "amount", "beneficiary_fiscal_code", "iban", "is_stamp", "category",
    )  # fmt: skip
    extra = 0
    can_delete = False

    @admin.display(description=_("importo"))
    def amount(self, row: ReceiptTransfer) -> str:
        return euro(row.amount_cents)

    def has_view_permission(self, request: HttpRequest, obj: Receipt | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Receipt | None = None) -> bool:
        return False


@admin.register(Receipt)
class ReceiptAdmin(BooksAdmin[Receipt]):
    list_display = ("number_in_groups", "receipt_id", "amount", "psp_name", "paid_at", "received_at", "state", "entity")
    list_filter = ("case__state", "entity", "stand_in")
    list_select_related = ("entity", "case")
    search_fields = ("nav", "iuv", "receipt_id")
    date_hierarchy = "received_at"
    exclude = ("raw", "amount_cents", "fee_cents")
    readonly_fields = ("amount", "fee")
    inlines = (ReceiptTransferInline,)

    @admin.display(description=_("codice avviso"), ordering="nav")
    def number_in_groups(self, row: Receipt) -> str:
        return grouped(row.nav)

    @admin.display(description=_("importo"), ordering="amount_cents")
    def amount(self, row: Receipt) -> str:
        return euro(row.amount_cents)

    @admin.display(description=_("commissione"))
    def fee(self, row: Receipt) -> str:
        return "-" if row.fee_cents is None else euro(row.fee_cents)

    @admin.display(description=_("stato"))
    def state(self, row: Receipt) -> str:
        return row.case.get_state_display()


class PartlyOwnedAdmin(BooksAdmin[M]):
    """Rows that may belong to no body: those without one are for who runs the system."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        if request.user.is_superuser:
            return self.model._default_manager.get_queryset()
        return super().get_queryset(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser) or super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return bool(request.user.is_superuser) or super().has_view_permission(request, obj)


class NamedWhenEmpty(admin.AllValuesFieldListFilter):
    """Every value that is there; the empty one has a name too."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield choice if choice["display"] else {**choice, "display": _("nessuno")}


@admin.register(NodeCall)
class NodeCallAdmin(PartlyOwnedAdmin[NodeCall]):
    list_display = ("at", "operation", "nav", "outcome", "fault_code", "status", "duration_us", "entity")
    list_filter = (("operation", NamedWhenEmpty), "outcome", ("fault_code", NamedWhenEmpty))
    list_select_related = ("entity",)
    date_hierarchy = "at"


@admin.register(QuarantinedMessage)
class QuarantinedMessageAdmin(PartlyOwnedAdmin[QuarantinedMessage]):
    list_display = ("received_at", "reason", "detail", "size", "sha256", "entity")
    list_filter = ("reason",)
    list_select_related = ("entity",)
    fields = readonly_fields = ("received_at", "reason", "detail", "size", "sha256", "entity", "message")

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuarantinedMessage]:
        """The list does not read the messages: each may be of megabytes."""
        return super().get_queryset(request).defer("raw")

    @admin.display(description=_("messaggio originale"))
    def message(self, row: QuarantinedMessage) -> str:
        return bytes(row.raw).decode("utf-8", "replace")
