"""Digital stamps that came with receipts: what the checks say, and another check when the anchors change."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.admin.base import BooksAdmin, roles
from payments.domain.codes import grouped
from payments.models import StampAttachment, StampCheck
from payments.services.stamps import stamp_check_again
from portal.audit.registers import actor_of
from portal.entities.models import Role


class StampCheckInline(admin.TabularInline[StampCheck, StampAttachment]):
    model = StampCheck
    fields = readonly_fields = (
        "checked_at", "state", "reasons", "iubd", "digest", "bought_at", "psp_name",
    )  # fmt: skip
    extra = 0
    can_delete = False

    @admin.display(description=_("che cosa non va"))
    def reasons(self, row: StampCheck) -> str:
        return "; ".join(row.finding_labels()) or "-"

    def has_view_permission(self, request: HttpRequest, obj: StampAttachment | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: StampAttachment | None = None) -> bool:
        return False


@admin.register(StampAttachment)
class StampAttachmentAdmin(BooksAdmin[StampAttachment]):
    list_display = ("number_in_groups", "iubd", "outcome", "received_at", "entity")
    list_filter = ("entity",)
    list_select_related = ("entity", "transfer__receipt")
    search_fields = ("transfer__receipt__nav", "checks__iubd")
    date_hierarchy = "received_at"
    fields = readonly_fields = ("number_in_groups", "outcome", "received_at", "sha256", "entity", "document")
    inlines = (StampCheckInline,)
    actions = ("check_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StampAttachment]:
        return super().get_queryset(request).prefetch_related("checks")

    @admin.action(description=_("Controlla di nuovo"))
    def check_again(self, request: HttpRequest, queryset: QuerySet[StampAttachment]) -> None:
        """Accountants of the body; who may not is told how many were left out."""
        mine = {role.entity_id for role in roles(request) if role.role == Role.ACCOUNTANT}
        rows = list(queryset.values_list("pk", "entity_id"))
        for pk in [pk for pk, entity_id in rows if entity_id in mine]:
            stamp_check_again(attachment_id=pk, actor=actor_of(request))
        done = sum(entity_id in mine for _pk, entity_id in rows)
        messages.info(request, gettext("Marche controllate: %(done)s di %(all)s.") % {"done": done, "all": len(rows)})

    @admin.display(description=_("codice avviso"), ordering="transfer__receipt__nav")
    def number_in_groups(self, row: StampAttachment) -> str:
        return grouped(row.transfer.receipt.nav)

    @admin.display(description=_("IUBD"))
    def iubd(self, row: StampAttachment) -> str:
        return row.last_check.iubd if row.last_check else ""

    @admin.display(description=_("esito"))
    def outcome(self, row: StampAttachment) -> str:
        return str(row.last_check) if row.last_check else gettext("da controllare")

    @admin.display(description=_("documento originale"))
    def document(self, row: StampAttachment) -> str:
        return bytes(row.raw).decode("utf-8", "replace")
