from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.outbox import services
from portal.outbox.models import OutboxMessage, State


@admin.register(OutboxMessage)
class OutboxMessageAdmin(admin.ModelAdmin[OutboxMessage]):
    """For the people who run the system: what has not left yet, and why. Payloads are not shown."""

    list_display = ("pk", "handler", "state", "attempts", "available_at", "last_error")
    list_filter = ("state", "handler")
    fields = readonly_fields = (
        "handler", "key", "entity", "state", "created_at", "available_at", "attempts", "last_error", "done_at",
    )  # fmt: skip
    actions = ("try_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: OutboxMessage | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: OutboxMessage | None = None) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: OutboxMessage | None = None) -> bool:
        return request.user.is_superuser

    @admin.action(description=_("Riprova i messaggi non consegnati"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        failed = queryset.filter(state=State.FAILED)
        for message in failed:
            services.try_again(message_id=message.pk)
        messages.success(request, _("Messaggi rimessi in coda."))
