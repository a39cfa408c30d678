from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path

from portal.cases.desk import views
from portal.cases.models import Case, LegalTerm
from portal.entities.models import CASEWORKERS


@admin.register(Case)
class CaseAdmin(admin.ModelAdmin[Case]):
    """Cases are worked on the desk: the admin's list and form are replaced by the queue and the case page."""

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("coda/", guard(views.queue), name="portal_cases_queue"),
            path("<str:code>/azione/<slug:key>/", guard(views.case_action), name="portal_cases_action"),
            path("pratica/<str:code>/", guard(views.case_page), name="portal_cases_page"),
            path("", guard(views.to_queue), name="portal_cases_case_changelist"),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Case | None = None) -> bool:
        return any(role.role in CASEWORKERS for role in getattr(request, "staff_roles", []))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Case | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Case | None = None) -> bool:
        return False


@admin.register(LegalTerm)
class LegalTermAdmin(admin.ModelAdmin[LegalTerm]):
    """Terms that norms set. A row without `confermato da` is not used."""

    list_display = ("code", "days", "valid_from", "valid_to", "source", "confirmed_by")
    list_filter = ("code",)
