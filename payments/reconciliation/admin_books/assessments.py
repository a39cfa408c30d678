"""Assessments and allocation rules: kept by accountants, one by one or with the registry of the accounting system."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from payments.forms import BoundedFileField, OwnBodyForm
from payments.models import DebtKind
from payments.reconciliation.access import accountant_entities
from payments.reconciliation.admin_books.base import AccountantDesk, BookSettingAdmin
from payments.reconciliation.domain.assessment_rows import COLUMNS
from payments.reconciliation.formats.assessment_csv import MOST_ROWS
from payments.reconciliation.models import AllocationRule, AssessmentFile, RevenueAssessment
from payments.reconciliation.services.assessments import (
    assessment_file_import,
    assessment_file_receive,
    examine,
    rule_check,
    rules_lock,
)
from portal.audit.registers import actor_of
from portal.kernel.errors import DomainError
from portal.kernel.money import euro

MOST_BYTES = 2 * 1024 * 1024
SHOWN = 20
NOTES = {
    "year": _("l'anno dell'accertamento, per esempio 2026"),
    "office": _("il codice dell'ufficio nella contabilità"),
    "number": _("il numero dell'accertamento nell'anno"),
    "chapter": _("il capitolo di entrata"),
    "kind": _("il codice di un tipo di dovuto dell'ente; più righe per più tipi"),
    "description": _("come si legge nelle proposte di reversale"),
    "active": _("S oppure N: con N il tipo di dovuto non va più su questo accertamento"),
    "siope": _("il codice del piano dei conti"),
    "final": _("S oppure N; vuota vuol dire S"),
    "amount": _("in euro; vuota quando si accerta per cassa"),
    "permille": _("la quota del tipo di dovuto, da 1 a 1000; vuota vuol dire tutto"),
}


@admin.register(RevenueAssessment)
class RevenueAssessmentAdmin(BookSettingAdmin[RevenueAssessment]):
    """The revenue side of the budget, as far as payments need it."""

    list_display = ("number", "exercise", "chapter", "siope", "description", "amount", "final", "closed", "entity")
    list_filter = ("year", "final", "closed", "for_duplicates", "entity")
    list_select_related = ("entity",)
    search_fields = ("number", "chapter", "description")
    fields = (
        "entity", "year", "number", "office", "chapter", "siope", "description", "cents", "final", "closed",
        "for_duplicates", "source",
    )  # fmt: skip

    @admin.display(description=_("esercizio"), ordering="year")
    def exercise(self, row: RevenueAssessment) -> str:
        return str(row.year)

    @admin.display(description=_("importo"), ordering="cents")
    def amount(self, row: RevenueAssessment) -> str:
        return str(_("per cassa")) if row.cents is None else euro(row.cents)


class AllocationRuleForm(forms.ModelForm[AllocationRule]):
    """One target, a kind of debt and an assessment of the same body, shares that fit together."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        entity = data.get("entity") or getattr(self.instance, "entity", None)
        assessment, chapter = data.get("assessment"), data.get("chapter")
        if bool(assessment) == bool(chapter):
            self.add_error("chapter", _("Scegli un accertamento, oppure scrivi un capitolo."))
        if entity is None or self.errors:
            return data
        if assessment is not None and assessment.entity_id != entity.pk:
            self.add_error("assessment", _("L'accertamento è di un altro ente."))
        if not DebtKind.objects.filter(entity=entity, code=data["debt_kind"]).exists():
            self.add_error("debt_kind", _("Serve il codice di un tipo di dovuto dell'ente."))
        return data

    def _post_clean(self) -> None:
        """After the row is made of the answers: the whole of the rules is looked at."""
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        rules_lock(self.instance.entity_id)
        try:
            rule_check(self.instance)
        except DomainError as error:
            self.add_error("permille", error.message)


@admin.register(AllocationRule)
class AllocationRuleAdmin(BookSettingAdmin[AllocationRule]):
    """A row without «confermata da» is not applied."""

    form = AllocationRuleForm
    list_display = (
        "debt_kind", "assessment", "chapter", "permille", "valid_from", "valid_until", "confirmed_by", "entity",
    )  # fmt: skip
    list_filter = ("debt_kind", "entity")
    list_select_related = ("entity", "assessment")
    search_fields = ("debt_kind", "chapter", "assessment__number")
    fields = (
        "entity", "debt_kind", "assessment", "chapter", "permille", "valid_from", "valid_until", "source",
        "confirmed_by",
    )  # fmt: skip

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The kinds of debt of the accountant's bodies, each code once."""
        if db_field.name != "debt_kind":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        kinds = DebtKind.objects.filter(entity__in=accountant_entities(request)).order_by("code")
        found = dict(kinds.values_list("code", "description"))
        choices = [("", "---------"), *((code, f"{code} · {words}") for code, words in found.items())]
        return forms.ChoiceField(label=capfirst(db_field.verbose_name), choices=choices)


class AssessmentFileForm(OwnBodyForm):
    """A registry and its body."""

    file = BoundedFileField(
        label=_("File degli accertamenti (CSV)"),
        help_text=_("Fino a 2 MB e 5.000 righe."),
        most=MOST_BYTES,
        too_large=_("Il file supera i 2 MB: dividilo."),
    )


@admin.register(AssessmentFile)
class AssessmentFileAdmin(AccountantDesk[AssessmentFile]):
    """Registries: uploaded, looked at, brought in."""

    list_display = ("name", "received_at", "received_by", "imported_at", "imported_rows", "entity")
    list_filter = ("entity",)
    search_fields = ("name", "sha256")
    change_list_template = "payments/reconciliation/books/file_list.html"
    page_template = "payments/reconciliation/books/file.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AssessmentFile]:
        """Without the bytes: only looking at one file needs them."""
        return super().get_queryset(request).select_related("entity", "received_by").defer("content")

    def own_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [path("carica/", guard(self.upload_view), name="payments_reconciliation_assessments_upload")]

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Take a file: kept, read, and shown."""
        bodies = accountant_entities(request)
        if not bodies:
            raise PermissionDenied
        form = AssessmentFileForm(request.POST or None, request.FILES or None, entity_ids=bodies)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            kept = assessment_file_receive(
                entity=form.cleaned_data["entity"], name=file.name, content=file.read(), actor=actor_of(request)
            )
            return redirect("admin:payments_reconciliation_assessmentfile_change", kept.pk)
        columns = [(column.headings[0], column.needed, NOTES[name]) for name, column in COLUMNS.items()]
        return self.shown(
            request,
            "payments/reconciliation/books/file_upload.html",
            status=422 if form.errors else 200,
            title=now_("Importa gli accertamenti da un file"),
            form=form,
            columns=columns,
            most=MOST_ROWS,
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the file holds; a POST brings it in."""
        file = self.row(request, object_id)
        if request.method != "POST":
            return self.shown(request, self.page_template, **self.page_context(request, file))
        try:
            done = assessment_file_import(file_id=file.pk, actor=actor_of(request))
        except DomainError as error:
            messages.error(request, error.message)
        else:
            text = now_("Importato: %(added)d accertamenti nuovi, %(changed)d aggiornati, %(rules)d regole.")
            values = {"added": done.added, "changed": done.changed, "rules": done.rules}
            messages.success(request, text % values)
        return redirect(request.path)

    def page_context(self, request: HttpRequest, row: AssessmentFile) -> dict[str, Any]:
        reading = None if row.imported_at else examine(row)
        rows = reading.rows if reading else []
        return {
            "title": row.name,
            "file": row,
            "reading": reading,
            "preview": rows[:SHOWN],
            "hidden": max(0, len(rows) - SHOWN),
            "shown": SHOWN,
            "can_import": bool(rows) and reading is not None and not reading.errors_count,
        }
