"""Odd receipts: why each waits, what to do with it, and the note that closes it."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from payments.admin.forms import NoteForm, RefundForm
from payments.admin.pages import DeskAdmin, Question, ask, is_accountant
from payments.domain.codes import grouped
from payments.domain.judgement import ANOMALY_LABELS, Anomaly
from payments.models import ReceiptCase
from payments.models.receipts import CaseState
from payments.sections import case_section_of
from payments.selectors_desk import case_page, waiting_by_anomaly
from payments.services.receipts import receipt_case_resolve
from payments.services.refunds import refund_request
from portal import clock
from portal.audit.registers import actor_of
from portal.kernel.errors import DomainError
from portal.kernel.money import decimal_from_cents, euro

AGES = {"7": 7, "30": 30, "90": 90}


class WaitingFilter(admin.SimpleListFilter):
    """Opens on what waits, like a queue."""

    title = _("stato")
    parameter_name = "stato"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("tutte", _("tutte")), ("verificate", _("verificate"))]

    def choices(self, changelist: Any) -> Any:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": _("da verificare"),
        }
        for lookup, label in self.lookup_choices:
            yield {
                "selected": self.value() == lookup,
                "query_string": changelist.get_query_string({self.parameter_name: lookup}),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "verificate":
            return queryset.filter(state=CaseState.RESOLVED)
        return queryset if self.value() == "tutte" else queryset.filter(state=CaseState.TO_REVIEW)


class AnomalyFilter(admin.SimpleListFilter):
    """One kind of anomaly; a receipt with several is found under each."""

    title = _("motivo")
    parameter_name = "motivo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(code.value, label) for code, label in ANOMALY_LABELS.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(anomalies__contains=[self.value()]) if self.value() in set(Anomaly) else queryset


class AgeFilter(admin.SimpleListFilter):
    """What has been waiting for long."""

    title = _("da quanto aspetta")
    parameter_name = "giorni"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("7", _("più di 7 giorni")), ("30", _("più di 30 giorni")), ("90", _("più di 90 giorni"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        days = AGES.get(self.value() or "")
        if days is None:
            return queryset
        return queryset.filter(receipt__received_at__lt=clock.now() - timedelta(days=days))


@admin.register(ReceiptCase)
class ReceiptCaseAdmin(DeskAdmin[ReceiptCase]):
    """The queue by reason; on the page of a receipt what happened, what to do, and the note that closes it."""

    list_display = ("number_in_groups", "amount", "reasons", "settled", "received", "state", "entity")
    list_filter = (WaitingFilter, AnomalyFilter, AgeFilter, "entity")
    list_select_related = ("entity", "receipt")
    search_fields = ("receipt__nav", "receipt__iuv", "receipt__receipt_id")
    change_list_template = "payments/admin/case_list.html"
    page_template = "payments/admin/case.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReceiptCase]:
        related = ("receipt", "entity", "resolved_by", "instalment__option__position__charge")
        return super().get_queryset(request).select_related(*related).defer("receipt__raw")

    def own_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.refund_view)
        return [path("<int:case_id>/rimborso/", view, name="payments_receiptcase_refund")]

    def waiting(self) -> int:
        """How many wait for somebody, for the first page of the office."""
        return ReceiptCase.objects.filter(state=CaseState.TO_REVIEW).count()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The queue, with the counts of what waits above it."""
        counts = waiting_by_anomaly(self.get_queryset(request)) if self.has_view_permission(request) else []
        chosen = request.GET.get("motivo", "")
        return super().changelist_view(request, {"counts": counts, "chosen": chosen, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of a receipt; a POST closes it with a note."""
        case = self.row(request, object_id)
        closes = is_accountant(request, case.entity_id) and case.state == CaseState.TO_REVIEW
        if request.method == "POST" and not closes:
            raise PermissionDenied
        form = NoteForm(request.POST if request.method == "POST" else None) if closes else None
        if form is not None and form.is_valid():
            try:
                receipt_case_resolve(case_id=case.pk, note=form.cleaned_data["note"], actor=actor_of(request))
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, now_("La ricevuta è stata segnata come verificata."))
                return redirect("admin:payments_receiptcase_changelist")
        context = self.page_context(request, case) | {"form": form}
        return self.shown(request, self.page_template, status=422 if form and form.errors else 200, **context)

    def page_context(self, request: HttpRequest, row: ReceiptCase) -> dict[str, Any]:
        page = case_page(row)
        number = now_("Ricevuta dell'avviso %(number)s") % {"number": grouped(row.receipt.nav)}
        keeps = is_accountant(request, row.entity_id)
        refunds = keeps and page.refundable_cents > 0 and row.state != CaseState.ARRIVED
        section = case_section_of(row.instalment.option.position) if row.instalment else None
        return {"title": number, "page": page, "can_refund": refunds, "keeps_books": keeps, "section": section}

    def refund_view(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """Ask for a refund of a receipt."""
        case = self.row(request, str(case_id))
        if not is_accountant(request, case.entity_id):
            raise PermissionDenied
        page = case_page(case)
        proposed = page.suggested_cents or page.refundable_cents
        question = Question(
            title=_("Chiedi un rimborso"),
            lead=_("Il rimborso parte soltanto dopo l'approvazione di un'altra persona della ragioneria."),
            facts=[
                (_("Codice avviso"), grouped(case.receipt.nav)),
                (_("Importo pagato"), euro(case.receipt.amount_cents)),
                (_("Arrivato all'ente"), euro(page.own_cents)),
                (_("Si può ancora rimborsare"), euro(page.refundable_cents)),
            ],
            submit=_("Chiedi il rimborso"),
            back=reverse("admin:payments_receiptcase_change", args=[case.pk]),
            form=RefundForm,
            initial={"euro": decimal_from_cents(proposed), "reason": "; ".join(case.anomaly_labels()).capitalize()},
            act=lambda data: refund_request(
                case_id=case.pk,
                cents=data["cents"],
                beneficiary_name=data["beneficiary_name"],
                iban=data["iban"],
                reason=data["reason"],
                actor=actor_of(request),
            ),
            done=_("Il rimborso è stato chiesto: ora un'altra persona lo deve approvare."),
        )
        return ask(self, request, question)

    @admin.display(description=_("codice avviso"), ordering="receipt__nav")
    def number_in_groups(self, row: ReceiptCase) -> str:
        return grouped(row.receipt.nav)

    @admin.display(description=_("importo"), ordering="receipt__amount_cents")
    def amount(self, row: ReceiptCase) -> str:
        return euro(row.receipt.amount_cents)

    @admin.display(description=_("perché"))
    def reasons(self, row: ReceiptCase) -> str:
        return "; ".join(row.anomaly_labels())

    @admin.display(description=_("ha saldato la rata"), ordering="settles")
    def settled(self, row: ReceiptCase) -> str:
        return now_("sì") if row.settles else now_("no")

    @admin.display(description=_("arrivata il"), ordering="receipt__received_at")
    def received(self, row: ReceiptCase) -> Any:
        return row.receipt.received_at
