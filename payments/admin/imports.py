"""Files of positions: uploaded and kept, looked at with their errors, brought in with one button."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from payments.admin.pages import DeskAdmin, accountant_bodies, is_accountant
from payments.domain.position_rows import COLUMNS
from payments.formats.position_csv import MOST_ROWS
from payments.forms import BoundedFileField, OwnBodyForm
from payments.models import ImportedPosition, PositionFile
from payments.services.imports import examine, position_file_import, position_file_receive
from portal.audit.registers import actor_of
from portal.kernel.errors import DomainError

MOST_BYTES = 5 * 1024 * 1024
SHOWN = 20
NOTES = {
    "external_id": _("il riferimento dell'ufficio: non si ripete mai, e ricaricare lo stesso file non crea doppioni"),
    "fiscal_code": _("codice fiscale di una persona o partita IVA"),
    "name": _("nome e cognome, o denominazione"),
    "kind": _("il codice di un tipo di dovuto dell'ente"),
    "amount": _("in euro, per esempio 48,00"),
    "description": _("la causale che si legge sull'avviso"),
    "due_on": _("per esempio 31/12/2026; vuota se non c'è"),
}


class PositionFileForm(OwnBodyForm):
    """A file and its body."""

    file = BoundedFileField(
        label=_("File delle posizioni (CSV)"),
        help_text=_("Fino a 5 MB e 10.000 righe."),
        most=MOST_BYTES,
        too_large=_("Il file supera i 5 MB: dividilo."),
    )


@admin.register(PositionFile)
class PositionFileAdmin(DeskAdmin[PositionFile]):
    """Accountants upload and bring in; administrators read."""

    list_display = ("name", "received_at", "received_by", "state", "new_rows", "mistakes", "entity")
    list_filter = ("entity",)
    search_fields = ("name", "sha256")
    change_list_template = "payments/admin/file_list.html"
    page_template = "payments/admin/file.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PositionFile]:
        """Without the bytes: only looking at one file needs them."""
        return super().get_queryset(request).select_related("reading", "entity", "received_by").defer("content")

    def own_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("carica/", guard(self.upload_view), name="payments_positionfile_upload"),
            path("<int:file_id>/originale/", guard(self.download_view), name="payments_positionfile_download"),
        ]

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Take a file: kept, read, and shown."""
        bodies = accountant_bodies(request)
        if not bodies:
            raise PermissionDenied
        form = PositionFileForm(request.POST or None, request.FILES or None, entity_ids=bodies)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            kept = position_file_receive(
                entity=form.cleaned_data["entity"], name=file.name, content=file.read(), actor=actor_of(request)
            )
            return redirect("admin:payments_positionfile_change", kept.pk)
        columns = [
            (column.headings[0], column.needed, column.longest, NOTES.get(name, "")) for name, column in COLUMNS.items()
        ]
        return self.shown(
            request,
            "payments/admin/file_upload.html",
            status=422 if form.errors else 200,
            title=now_("Importa posizioni da un file"),
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
        if not is_accountant(request, file.entity_id):
            raise PermissionDenied
        try:
            reading = position_file_import(file_id=file.pk, actor=actor_of(request))
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, now_("Le posizioni sono state create: %(rows)d.") % {"rows": reading.new_rows})
        return redirect(request.path)

    def page_context(self, request: HttpRequest, row: PositionFile) -> dict[str, Any]:
        done = row.reading.imported_at is not None
        rows = [] if done else list(examine(row).fresh)
        made = ImportedPosition.objects.filter(file=row)
        kinds = made.values("position__debt_kind__description").annotate(
            number=Count("pk"), cents=Sum("position__charge__amount_cents")
        )
        return {
            "title": row.name,
            "file": row,
            "reading": row.reading,
            "preview": rows[:SHOWN],
            "shown": SHOWN,
            "hidden": max(0, len(rows) - SHOWN),
            "kinds": list(kinds.order_by("position__debt_kind__description")) if done else [],
            "can_import": not done and rows and not row.reading.errors_count and is_accountant(request, row.entity_id),
        }

    def download_view(self, request: HttpRequest, file_id: int) -> HttpResponse:
        """The bytes of a file, exactly as they came."""
        file = self.row(request, str(file_id))
        return HttpResponse(
            bytes(file.content),
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="posizioni-{file.pk}.csv"',
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cache-Control": "no-store",
            },
        )

    @admin.display(description=_("stato"))
    def state(self, row: PositionFile) -> str:
        if row.reading.imported_at is not None:
            return str(_("importato"))
        return str(_("con errori") if row.reading.errors_count else _("da confermare"))

    @admin.display(description=_("posizioni"), ordering="reading__new_rows")
    def new_rows(self, row: PositionFile) -> int:
        return row.reading.new_rows

    @admin.display(description=_("errori"), ordering="reading__errors_count")
    def mistakes(self, row: PositionFile) -> int:
        return row.reading.errors_count
