"""The room in the admin: each body sees its own rows; rates and tables say when nobody has confirmed them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exceptional_transport.domain.permit_states import TRANSITIONS, Action, State
from exceptional_transport.models import (
    FeeRate,
    LegalFigure,
    NetworkVersion,
    Permit,
    RoadSection,
    Structure,
    Vehicle,
    WearBracket,
    WearTable,
)
from exceptional_transport.models.permit import ACTION_LABELS
from exceptional_transport.services.permits import permit_apply
from portal import clock
from portal.audit.registers import ReadOnlyAdmin, actor_of
from portal.entities.models import CASEWORKERS, Entity, Role
from portal.entities.selectors import has_role
from portal.kernel.errors import DomainError

READERS = frozenset({*CASEWORKERS, Role.ADMINISTRATOR})
KEEPERS = frozenset({Role.HEAD, Role.ADMINISTRATOR})


def holds(request: HttpRequest, roles: frozenset[Role]) -> bool:
    """Whether the user has one of some roles, anywhere. The scope limits the rows."""
    return any(held.role in roles for held in getattr(request, "staff_roles", []))


def has_one_of(request: HttpRequest, roles: frozenset[Role], *, entity_id: int) -> bool:
    """Whether the user has one of some roles in one body."""
    held = getattr(request, "staff_roles", [])
    return any(has_role(held, role, entity_id=entity_id) for role in roles)


def keeps(request: HttpRequest, obj: models.Model | None) -> bool:
    """Whether the user keeps a row; without a row, whether they keep any."""
    if obj is None:
        return holds(request, KEEPERS)
    return has_one_of(request, KEEPERS, entity_id=getattr(obj, "entity_id", 0))


class ReadAdmin(ReadOnlyAdmin[Any]):
    """Rows to be read, of the bodies where the user has a role for it: another role elsewhere opens nothing."""

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        mine = [held.entity_id for held in getattr(request, "staff_roles", []) if held.role in READERS]
        return super().get_queryset(request).filter(entity__in=mine)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return holds(request, READERS)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return holds(request, READERS)


class KeepAdmin(ReadAdmin):
    """Rows that the head of the office or the body's administrator keep. They are never deleted, they end."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return holds(request, KEEPERS)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return keeps(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "entity":
            mine = [held.entity_id for held in request.staff_roles if held.role in KEEPERS]  # type: ignore[attr-defined]
            kwargs["queryset"] = Entity.objects.filter(pk__in=mine)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(FeeRate)
class FeeRateAdmin(KeepAdmin):
    list_display = ("code", "cents", "valid_from", "valid_to", "entity", "source", "is_confirmed")
    list_filter = ("code",)

    @admin.display(description=gettext_lazy("confermata"), boolean=True)
    def is_confirmed(self, rate: FeeRate) -> bool:
        return bool(rate.confirmed_by)


class WearBracketForm(forms.ModelForm[WearBracket]):
    """The body of a bracket is that of its table."""

    class Meta:
        model = WearBracket
        fields = ("up_to_kg", "unit")


class WearBracketInline(admin.TabularInline[WearBracket, WearTable]):
    model = WearBracket
    form = WearBracketForm
    extra = 3

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """In a table of forms the label is the column's head: each field also says it to who does not see."""
        formset = super().get_formset(request, obj, **kwargs)
        for field in formset.form.base_fields.values():
            field.widget.attrs["aria-label"] = field.label
        return formset

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return holds(request, READERS)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return keeps(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return keeps(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return keeps(request, obj)


@admin.register(WearTable)
class WearTableAdmin(KeepAdmin):
    """Without an approved table in force, a convoy over the mass limits cannot be charged nor granted."""

    list_display = ("name", "method", "multiplier", "valid_from", "valid_to", "entity", "approved")
    list_filter = ("method", "approved")
    inlines = (WearBracketInline,)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for bracket in formset.save(commit=False):
            bracket.entity_id = form.instance.entity_id
            bracket.save()
        for gone in formset.deleted_objects:
            gone.delete()


@admin.register(NetworkVersion)
class NetworkVersionAdmin(ReadAdmin):
    list_display = ("number", "label", "entity", "imported_at", "is_current")


@admin.register(RoadSection)
class RoadSectionAdmin(ReadAdmin):
    list_display = ("road_code", "road_name", "code", "start_m", "end_m", "manager_name", "max_mass_kg", "version")
    list_filter = ("version",)
    search_fields = ("road_code", "road_name", "code", "manager_name")
    exclude = ("line",)


@admin.register(Structure)
class StructureAdmin(ReadAdmin):
    list_display = ("code", "kind", "section", "chainage_m", "clearance_mm", "width_mm", "max_mass_kg", "max_axle_kg")
    list_filter = ("kind",)
    list_select_related = ("section",)
    search_fields = ("code", "section__road_code")


class PermitActionForm(forms.Form):
    """What to do with a permit, and why."""

    action = forms.ChoiceField(label=gettext_lazy("Che cosa fare"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Motivo"),
        help_text=gettext_lazy("Viene comunicato al titolare."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, state: State, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        possible = [action for (before, action) in TRANSITIONS if before is state]
        choices = [(action.value, ACTION_LABELS[action].capitalize()) for action in possible]
        self.fields["action"].choices = choices  # type: ignore[attr-defined]


@admin.register(Permit)
class PermitAdmin(ReadAdmin):
    """Permits: read here; suspended, resumed and revoked from their own page, with a reason."""

    list_display = ("__str__", "entity", "holder", "state", "valid_from", "valid_to", "to_state_page")
    list_filter = ("state", "year")
    list_select_related = ("entity", "case__applicant_company", "case__applicant_person")
    search_fields = ("number", "case__code", "case__applicant_company__name", "case__applicant_person__last_name")

    @admin.display(description=gettext_lazy("titolare"))
    def holder(self, permit: Permit) -> str:
        return str(permit.case.applicant)

    @admin.display(description=gettext_lazy("stato"))
    def to_state_page(self, permit: Permit) -> str:
        from django.utils.html import format_html

        url = reverse("admin:exceptional_transport_permit_state", args=[permit.pk])
        return format_html('<a href="{}">{} {}</a>', url, _("Sospendi, riattiva o revoca"), permit)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.state_page)
        return [path("<int:pk>/stato/", view, name="exceptional_transport_permit_state"), *super().get_urls()]

    def state_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page of the state of a permit: its history, and the form that moves it."""
        permit = get_object_or_404(Permit.objects.select_related("case", "entity"), pk=pk)
        if not has_one_of(request, CASEWORKERS, entity_id=permit.entity_id):
            raise PermissionDenied
        form = PermitActionForm(request.POST or None, state=State(permit.state))
        if request.method == "POST" and form.is_valid():
            try:
                permit_apply(
                    permit_id=permit.pk,
                    action=Action(form.cleaned_data["action"]),
                    reason=form.cleaned_data["reason"],
                    actor=actor_of(request),
                )
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, _("Fatto: il titolare è stato avvisato."))
                return redirect("admin:exceptional_transport_permit_state", pk=pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Autorizzazione n. %(number)s") % {"number": permit},
            "permit": permit,
            "form": form if form.fields["action"].choices else None,  # type: ignore[attr-defined]
            "events": permit.events.all(),
            "expired": clock.today() > permit.valid_to,
        }
        return render(request, "exceptional_transport/admin/permit_state.html", context)


@admin.register(LegalFigure)
class LegalFigureAdmin(admin.ModelAdmin[LegalFigure]):
    """Figures of law, the same for every body: kept by who runs the system. Unconfirmed ones block what needs them."""

    list_display = ("code", "value", "unit", "valid_from", "valid_to", "source", "mark", "is_confirmed")
    list_filter = ("mark", "unit")

    @admin.display(description=gettext_lazy("confermato"), boolean=True)
    def is_confirmed(self, figure: LegalFigure) -> bool:
        return bool(figure.confirmed_by)


@admin.register(Vehicle)
class VehicleAdmin(admin.ModelAdmin[Vehicle]):
    """Saved vehicles belong to hauliers, not to a body: only who runs the system sees them."""

    list_display = ("plate", "country", "kind", "company", "person", "saved_at")
    list_select_related = ("company", "person")
    list_filter = ("kind",)
    search_fields = ("plate",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Vehicle | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Vehicle | None = None) -> bool:
        return bool(request.user.is_superuser)
