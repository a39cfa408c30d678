"""Parts of the lists of the admin: filters, and the actions of legal hold."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.audit.registers import actor_of
from portal.kernel.errors import DomainError
from spid_auth.models import AuthnTransaction
from spid_auth.register.forms import ActionReasonForm
from spid_auth.register.holds import register_hold, register_release
from spid_auth.register.views import may_open

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:
    _Admin = object


class _YesNo(admin.SimpleListFilter):
    """A filter on whether something holds."""

    condition: Q

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("si", _("Sì")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if self.value() == "si":
            return queryset.filter(self.condition)
        return queryset.exclude(self.condition) if self.value() == "no" else queryset


class HeldFilter(_YesNo):
    title = _("conservata oltre il termine")
    parameter_name = "conservata"
    condition = Q(hold_reason__gt="")


class HeldRequestFilter(HeldFilter):
    """A request is held by itself or with all those of its identity."""

    condition = Q(hold_reason__gt="") | Q(identity__hold_reason__gt="")


class OpenFilter(_YesNo):
    title = _("aperto")
    parameter_name = "aperto"
    condition = Q(closed_at__isnull=True)


class PendingFilter(_YesNo):
    title = _("nuovi certificati da approvare")
    parameter_name = "da-approvare"
    condition = Q(pending_certificates__gt="")


class RefusalFilter(admin.SimpleListFilter):
    """By the reason of the refusal, of those there are."""

    title = _("motivo del rifiuto")
    parameter_name = "motivo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        refused = AuthnTransaction.objects.exclude(error_code="").order_by("error_code")
        return [(code, code) for code in refused.values_list("error_code", flat=True).distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(error_code=self.value()) if self.value() else queryset


class HoldActions(_Admin):
    """Set and lift a legal hold on the rows of a list, with a written reason. For who may open the register."""

    action_form = ActionReasonForm
    actions = ["hold", "release"]

    def has_hold_permission(self, request: HttpRequest) -> bool:
        return may_open(request)

    @admin.action(description=_("Conserva oltre il termine"), permissions=["hold"])
    def hold(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        self._each(request, chosen, register_hold, _("Conservate oltre il termine: %(count)d."))

    @admin.action(description=_("Non conservare più oltre il termine"), permissions=["hold"])
    def release(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        self._each(request, chosen, register_release, _("Tornate al termine ordinario: %(count)d."))

    def _each(self, request: HttpRequest, chosen: QuerySet[Any], change: Any, told: Any) -> None:
        done = 0
        for row in chosen:
            try:
                change(model=self.model, pk=row.pk, reason=request.POST.get("reason", ""), actor=actor_of(request))
                done += 1
            except DomainError as error:
                self.message_user(request, f"{row}: {error.message}", messages.ERROR)
        if done:
            self.message_user(request, told % {"count": done}, messages.SUCCESS)
