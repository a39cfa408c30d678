"""The room in the admin: registers for who runs the system, mandates and declared codes for who decides them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.registers import EvidenceAdmin, ReadOnlyAdmin, RegisterAdmin, actor_of
from portal.kernel.errors import DomainError
from portal.people import desk, events
from portal.people.domain import claims, mandates
from portal.people.models import Company, FiscalCodeClaim, Mandate, Person
from portal.people.selectors import mandates_for_office
from portal.people.services.claims import claim_decide
from portal.people.services.mandates import mandate_apply


@admin.register(Person)
class PersonAdmin(EvidenceAdmin[Person]):
    """Who logged in at least once, to be found when a mandate is written down. Their data are theirs: only read."""

    list_display = ("last_name", "first_name", "fiscal_code", "same_as")
    list_select_related = ("same_as",)
    fields = (
        "last_name",
        "first_name",
        "fiscal_code",
        "email",
        "email_verified_at",
        "pec",
        "pec_verified_at",
        "same_as",
    )
    search_fields = ("last_name", "fiscal_code")


@admin.register(Company)
class CompanyAdmin(RegisterAdmin[Company]):
    """Companies for which people act."""

    list_display = ("name", "fiscal_code", "vat_number", "seat")
    search_fields = ("name", "fiscal_code", "vat_number")


class StateFilter(admin.SimpleListFilter):
    """What waits for a decision first: the other lists are one click away."""

    title = gettext_lazy("stato")
    parameter_name = "stato"
    waiting = "da-decidere"
    # word of the address -> (label, states)
    states: dict[str, tuple[Any, list[str]]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*((word, label) for word, (label, _states) in self.states.items()), ("tutte", _("Tutte"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.states.get(self.value() or self.waiting)
        return queryset.filter(state__in=chosen[1]) if chosen else queryset

    def choices(self, changelist: Any) -> Any:
        for word, label in self.lookup_choices:
            chosen = word == (self.value() or self.waiting)
            link = changelist.get_query_string({self.parameter_name: word})
            yield {"selected": chosen, "query_string": link, "display": label}


class MandateStateFilter(StateFilter):
    states = {
        "da-decidere": (gettext_lazy("Da decidere"), ["requested"]),
        "attive": (gettext_lazy("Attive"), ["active"]),
        "concluse": (gettext_lazy("Concluse"), ["refused", "revoked", "withdrawn", "expired"]),
    }


class ClaimStateFilter(StateFilter):
    states = {
        "da-decidere": (gettext_lazy("Da decidere"), ["requested"]),
        "decise": (gettext_lazy("Decise"), ["accepted", "refused"]),
    }


class DecisionAdmin(ReadOnlyAdmin[Any]):
    """A queue for the heads and administrators of the bodies; each row has its own page with the decision."""

    list_per_page = 25
    show_full_result_count = False
    template = ""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return desk.decides(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return desk.decides(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of a row: what proves it, its history, and the decision when there is one to take."""
        if not desk.decides(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        choices = self.choices_of(row)
        form = desk.DecisionForm(request.POST if request.method == "POST" else None, choices=choices)
        if request.method == "POST" and form.is_valid():
            try:
                self.decide(request, row, form)
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, _("Fatto: le persone interessate sono state avvisate."))
                return redirect(request.path)
        self.was_read(request, row)
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "form": form if choices else None,
            **self.context_of(row),
        }
        return render(request, self.template, context, status=422 if form.errors else 200)

    def choices_of(self, row: Any) -> list[tuple[str, Any]]:
        raise NotImplementedError

    def context_of(self, row: Any) -> dict[str, Any]:
        raise NotImplementedError

    def was_read(self, request: HttpRequest, row: Any) -> None:
        raise NotImplementedError

    def decide(self, request: HttpRequest, row: Any, form: desk.DecisionForm) -> None:
        raise NotImplementedError


@admin.register(Mandate)
class MandateAdmin(DecisionAdmin):
    """Mandates asked for, to be approved or refused; active ones may be revoked. Nobody rewrites them."""

    list_display = ("shown_holder", "company", "kind", "shown_state", "asked_on", "period")
    list_display_links = ("shown_holder",)
    list_filter = (MandateStateFilter, "kind")
    search_fields = (
        "person__last_name", "person__fiscal_code", "company__name", "company__fiscal_code", "agency__name",
        "holder_name",
    )  # fmt: skip
    template = "portal/people/desk/mandate.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mandate]:
        return mandates_for_office()

    @admin.display(description=gettext_lazy("chi opera"))
    def shown_holder(self, mandate: Mandate) -> str:
        return str(mandate.holder)

    @admin.display(description=gettext_lazy("stato"))
    def shown_state(self, mandate: Mandate) -> str:
        return str(desk.shown_state_of(mandate)[1])

    @admin.display(description=gettext_lazy("chiesta il"), ordering="asked_at")
    def asked_on(self, mandate: Mandate) -> str:
        return date_format(localtime(mandate.asked_at), "d/m/Y") if mandate.asked_at else "–"

    @admin.display(description=gettext_lazy("durata"), ordering="valid_to")
    def period(self, mandate: Mandate) -> str:
        end = date_format(mandate.valid_to, "d/m/Y") if mandate.valid_to else "…"
        return f"{date_format(mandate.valid_from, 'd/m/Y')} – {end}"

    def choices_of(self, row: Mandate) -> list[tuple[str, Any]]:
        return desk.mandate_choices(row)

    def context_of(self, row: Mandate) -> dict[str, Any]:
        return desk.mandate_context(row)

    def was_read(self, request: HttpRequest, row: Mandate) -> None:
        events.mandate_read(row, actor=actor_of(request))

    def decide(self, request: HttpRequest, row: Mandate, form: desk.DecisionForm) -> None:
        mandate_apply(
            mandate_id=row.pk,
            action=mandates.Action(form.cleaned_data["action"]),
            actor=actor_of(request),
            reason=form.cleaned_data["reason"],
            entity=desk.deciding_entity(request),
        )


@admin.register(FiscalCodeClaim)
class FiscalCodeClaimAdmin(DecisionAdmin):
    """Codici fiscali declared by people whose digital identity carries none."""

    list_display = ("person", "fiscal_code", "state", "made_at")
    list_select_related = ("person",)
    list_filter = (ClaimStateFilter,)
    search_fields = ("person__last_name", "fiscal_code")
    template = "portal/people/desk/claim.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[FiscalCodeClaim]:
        return super().get_queryset(request).select_related("person", "file", "decided_for")

    def choices_of(self, row: FiscalCodeClaim) -> list[tuple[str, Any]]:
        return desk.claim_choices(row)

    def context_of(self, row: FiscalCodeClaim) -> dict[str, Any]:
        return desk.claim_context(row)

    def was_read(self, request: HttpRequest, row: FiscalCodeClaim) -> None:
        events.claim_read(row, actor=actor_of(request))

    def decide(self, request: HttpRequest, row: FiscalCodeClaim, form: desk.DecisionForm) -> None:
        claim_decide(
            claim_id=row.pk,
            action=claims.Action(form.cleaned_data["action"]),
            actor=actor_of(request),
            entity=desk.deciding_entity(request),
            reason=form.cleaned_data["reason"],
        )
