"""Fines in the admin: to read and to move, each body's office its own; files come in by the import's pages."""

from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from payments.domain.codes import grouped
from payments.domain.states import PAYABILITY_LABELS, STATE_LABELS, State
from payments.fines import desk_views
from payments.fines.access import reading_bodies, working_bodies
from payments.fines.domain.imports import State as ImportState
from payments.fines.domain.references import is_creditor_reference
from payments.fines.models import DriverData, Fine, FineImport, ReadyNotice
from payments.fines.selectors import missing, rest_of
from payments.models import Instalment, OutsidePayment
from portal import clock
from portal.audit.registers import ReadOnlyAdmin
from portal.kernel.money import euro

M = TypeVar("M", bound=Model)


class FinesAdmin(ReadOnlyAdmin[M]):
    """Rows that the office of fines, accountants and administrators read, each of their bodies."""

    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return super().get_queryset(request).filter(entity__in=reading_bodies(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(reading_bodies(request))

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return bool(reading_bodies(request))


class PaymentFilter(admin.ChoicesFieldListFilter):
    """Whether it is paid, beside the state of the act itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("pagamento")


@admin.register(Fine)
class FineAdmin(FinesAdmin[Fine]):
    """The acts, and what the office does with each."""

    change_form_template = "payments/fines/admin_fine.html"
    list_display = ("act", "plate", "debtor", "violated_on", "served_on", "stage", "paid", "entity")
    list_filter = (
        "stage", ("position__state", PaymentFilter), ("served_on", admin.EmptyFieldListFilter), "driver",
        "discountable", ("reference", admin.EmptyFieldListFilter), "entity",
    )  # fmt: skip
    list_select_related = ("position", "entity")
    search_fields = (
        "number", "plate", "reference", "position__debtor_name", "position__debtor_fiscal_code",
        "position__options__instalments__nav", "rests__position__options__instalments__nav",
    )  # fmt: skip
    search_help_text = _("Numero di verbale, targa, codice avviso, riferimento del bonifico (RF…) o debitore")
    date_hierarchy = "violated_on"
    fields = (
        "entity", "act", "violated_on", "place", "plate", "country", "article", "debtor", "amounts_of_law", "numbers",
        "served_on", "served_how", "stage", "reason", "appeal_to", "plan_count", "plan_note", "paid", "outside", "rest",
        "driver", "reference", "file", "line",
    )  # fmt: skip
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        action = self.admin_site.admin_view(desk_views.action)
        return [
            path("<int:fine_id>/azione/<slug:name>/", action, name="payments_fines_action"),
            *super().get_urls(),
        ]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Notice numbers and bank references may be typed as people read them, in groups of four."""
        joined = "".join(search_term.split()).upper()
        term = joined if joined.isdigit() or is_creditor_reference(joined) else search_term
        return super().get_search_results(request, queryset, term[:140])

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With what whoever works on the fines of the body may do now."""
        fine = self.get_object(request, object_id)
        moves = desk_views.moves_of(fine) if fine and fine.entity_id in working_bodies(request) else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "moves": moves})

    @admin.display(description=_("verbale"), ordering="number")
    def act(self, fine: Fine) -> str:
        return str(fine.act)

    @admin.display(description=_("debitore"), ordering="position__debtor_name")
    def debtor(self, fine: Fine) -> str:
        return fine.position.debtor_name

    @admin.display(description=_("pagamento"), ordering="position__state")
    def paid(self, fine: Fine) -> str:
        return str(STATE_LABELS[State(fine.position.state)])

    @admin.display(description=_("fuori da pagoPA"))
    def outside(self, fine: Fine) -> SafeString | str:
        """What was recorded of it without pagoPA, and how it stands."""
        rows = OutsidePayment.objects.filter(Q(position=fine.position_id) | Q(position__fine_rest__fine=fine))
        items = (
            (
                _("storno") if row.is_reversal else row.get_how_display(),
                euro(row.amount_cents),
                f"{row.credited_on:%d/%m/%Y}",
                row.get_state_display(),
                row.decision,
            )
            for row in rows
        )
        return format_html_join("", "<div>{}, {}, {}: {} {}</div>", items) or "-"

    @admin.display(description=_("differenza"))
    def rest(self, fine: Fine) -> str:
        """What is missing of what was paid, or what was decided about it."""
        decided, short = rest_of(fine), missing(fine)
        if short is not None:
            return str(_("mancano %(cents)s: da decidere")) % {"cents": euro(short.cents)}
        if decided is None:
            return "-"
        if decided.position is None:
            return str(_("%(cents)s in meno, accettato come saldo: %(why)s")) % {
                "cents": euro(decided.cents), "why": decided.reason,
            }  # fmt: skip
        return str(_("chiesti %(cents)s con l'avviso %(number)s: %(state)s")) % {
            "cents": euro(decided.cents),
            "number": grouped(decided.position.charge.notice_number),
            "state": STATE_LABELS[State(decided.position.state)],
        }

    @admin.display(description=_("importi"))
    def amounts_of_law(self, fine: Fine) -> str:
        text = _("minimo %(min)s, massimo %(max)s, spese %(costs)s, SEND %(send)s")
        return str(text) % {
            "min": euro(fine.min_cents),
            "max": euro(fine.max_cents),
            "costs": euro(fine.costs_cents),
            "send": euro(fine.send_fee_cents),
        }

    @admin.display(description=_("le opzioni, oggi"))
    def numbers(self, fine: Fine) -> SafeString:
        """Each number with what it costs and whether it can be paid today."""
        today = clock.today()
        rows = list(
            Instalment.objects.filter(option__position=fine.position_id)
            .select_related("option__position")
            .prefetch_related("dated_amounts")
            .order_by("option", "number")
        )
        used = {row.option_id for row in rows if row.paid_at is not None and row.option.withdrawn_at is None}
        items = (
            (
                f"{row.option.description}, rata {row.number}" if row.option.kind == "plan" else row.option.description,
                grouped(row.nav),
                euro(row.cents_shown(today)),
                f"{row.due_on:%d/%m/%Y}" if row.due_on else _("senza scadenza"),
                PAYABILITY_LABELS[row.payability(today, sibling_used=bool(used - {row.option_id}))],
            )
            for row in rows
        )
        return format_html_join("", "<div>{}: {}, {}, {}, {}</div>", items)


@admin.register(FineImport)
class FineImportAdmin(FinesAdmin[FineImport]):
    """Files of the back office and what became of them."""

    change_list_template = "payments/fines/admin_imports.html"
    change_form_template = "payments/fines/admin_import.html"
    list_display = ("file", "kind", "state", "rows", "errors_count", "new_rows", "known_rows", "received_at", "entity")
    list_filter = ("state", "file__kind", "entity")
    list_select_related = ("file", "entity")
    fields = (
        "entity", "file", "kind", "state", "rows", "foreign", "served", "sanctions", "costs", "errors_count",
        "new_rows", "known_rows", "received_at", "received_from", "checked_at", "done_at",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[FineImport]:
        """Without the bytes: only the download needs them."""
        return super().get_queryset(request).defer("file__content")

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("carica/", guard(desk_views.upload), name="payments_fines_upload"),
            path("<int:import_id>/importa/", guard(desk_views.start), name="payments_fines_start"),
            path("<int:import_id>/ricontrolla/", guard(desk_views.check), name="payments_fines_check"),
            path("<int:import_id>/file/", guard(desk_views.download), name="payments_fines_download"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the way to upload, for whoever may."""
        extra = {"may_upload": bool(working_bodies(request))}
        return super().changelist_view(request, {**(extra_context or {}), **extra})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the errors row by row, and what can be done."""
        reading = self.get_object(request, object_id)
        extra: dict[str, Any] = {}
        if reading is not None:
            works = reading.entity_id in working_bodies(request)
            extra = {
                "row_errors": reading.totals.get("errors", []),
                "progress": desk_views.progress_of(reading),
                "may_start": works and reading.state == ImportState.READY,
                "may_check": works and reading.state == ImportState.REFUSED,
                "download_url": reverse("admin:payments_fines_download", args=[reading.pk]),
            }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    @admin.display(description=_("contenuto"))
    def kind(self, reading: FineImport) -> str:
        return reading.file.get_kind_display()

    @admin.display(description=_("ricevuto il"), ordering="file__received_at")
    def received_at(self, reading: FineImport) -> str:
        return f"{reading.file.received_at.astimezone(clock.ROME):%d/%m/%Y %H:%M}"

    @admin.display(description=_("caricato da"))
    def received_from(self, reading: FineImport) -> str:
        return reading.file.received_from

    @admin.display(description=_("righe lette"))
    def rows(self, reading: FineImport) -> int:
        return int(reading.totals.get("rows", 0))

    @admin.display(description=_("targhe estere"))
    def foreign(self, reading: FineImport) -> int:
        return int(reading.totals.get("foreign", 0))

    @admin.display(description=_("già notificate"))
    def served(self, reading: FineImport) -> int:
        return int(reading.totals.get("served", 0))

    @admin.display(description=_("sanzioni (importo ridotto)"))
    def sanctions(self, reading: FineImport) -> str:
        return euro(int(reading.totals.get("sanction_cents", 0)))

    @admin.display(description=_("spese"))
    def costs(self, reading: FineImport) -> str:
        return euro(int(reading.totals.get("costs_cents", 0)))

    @admin.display(description=_("errori"))
    def errors_count(self, reading: FineImport) -> int:
        return int(reading.totals.get("errors_count", 0))


@admin.register(DriverData)
class DriverDataAdmin(FinesAdmin[DriverData]):
    """Who was driving, as declared."""

    list_display = ("fine", "last_name", "first_name", "licence_number", "declared_at", "in_time", "entity")
    list_filter = ("in_time", "entity")
    list_select_related = ("fine", "entity")
    search_fields = ("fine__number", "fine__plate", "last_name", "licence_number")


@admin.register(ReadyNotice)
class ReadyNoticeAdmin(FinesAdmin[ReadyNotice]):
    """Texts written for the IO app, waiting for their channel."""

    list_display = ("fine", "code", "subject", "due_on", "created_at", "entity")
    list_filter = ("code", "entity")
    list_select_related = ("fine", "entity")
    search_fields = ("fine__number", "fine__plate")
