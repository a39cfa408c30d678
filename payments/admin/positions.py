"""Positions: a list to search and take away, a page with all that hangs from one, and what the books decide."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django_scopes import scopes_disabled

from payments import events
from payments.admin import dashboards
from payments.admin.base import roles
from payments.admin.forms import ConfirmForm, ReasonForm
from payments.admin.outside import RECORD, record_question
from payments.admin.pages import DeskAdmin, Question, accountant_bodies, ask, is_accountant
from payments.domain.codes import grouped
from payments.domain.spreadsheet import BOM, line
from payments.domain.states import OPEN, PAYABILITY_LABELS, SETTLED, Payability, State
from payments.models import DebtKind, Position
from payments.selectors_dashboard import overdue_positions
from payments.selectors_desk import option_lines, standing_of, with_everything, with_instalments
from payments.services.desk import position_reopen, position_stop, position_withdraw
from portal import clock
from portal.audit.registers import actor_of
from portal.kernel.money import euro, euro_plain

CHUNK = 1000
TITLES = {
    "sospendi": _("Sospendi la posizione"),
    "riprendi": _("Togli la sospensione"),
    "annulla": _("Annulla la posizione"),
}
LEADS = {
    "sospendi": _("Finché è sospesa nessuno può pagarla, per esempio mentre si decide un ricorso."),
    "riprendi": _("La posizione si potrà pagare di nuovo."),
    "annulla": _(
        "Gli avvisi non si potranno più pagare. Una posizione annullata non si riapre: se ne emette una nuova."
    ),
}
DONE = {
    "sospendi": _("La posizione è sospesa."),
    "riprendi": _("La posizione si può pagare di nuovo."),
    "annulla": _("La posizione è annullata."),
}


class TodayFilter(admin.SimpleListFilter):
    """What dates and suspensions make of a position today: no stored state says it."""

    title = _("oggi")
    parameter_name = "oggi"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("aperte", _("da pagare")), ("scadute", _("scadute e non pagate")), ("sospese", _("sospese"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Position]) -> QuerySet[Position]:
        if self.value() == "scadute":
            return overdue_positions(queryset, on=clock.today())
        if self.value() == "sospese":
            return queryset.filter(state__in=OPEN, suspended_at__isnull=False)
        if self.value() == "aperte":
            return queryset.filter(state__in=OPEN, suspended_at=None)
        return queryset


class KindFilter(admin.SimpleListFilter):
    """By kind of debt: its versions count as one."""

    title = _("tipo di dovuto")
    parameter_name = "tipo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        rows = DebtKind.objects.order_by("code", "valid_from").values_list("code", "description")
        return sorted(dict(rows).items(), key=lambda row: row[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Position]) -> QuerySet[Position]:
        return queryset.filter(debt_kind__code=self.value()) if self.value() else queryset


@admin.register(Position)
class PositionAdmin(DeskAdmin[Position]):
    """Everybody of the books reads; accountants suspend, resume and cancel."""

    list_display = (
        "number", "description", "debtor_name", "kind", "amount", "today", "state", "provider", "issued", "entity",
    )  # fmt: skip
    list_filter = (TodayFilter, "state", KindFilter, "link__provider", "entity")
    search_fields = ("=options__instalments__nav", "=options__instalments__iuv", "=debtor_fiscal_code", "debtor_name",
                     "description")  # fmt: skip
    search_help_text = _("Codice avviso, IUV, codice fiscale, nome del debitore o descrizione")
    date_hierarchy = "created_at"
    change_list_template = "payments/admin/position_list.html"
    page_template = "payments/admin/position.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Position]:
        rows = super().get_queryset(request).select_related("entity", "charge", "debt_kind", "link", "creditor")
        return with_instalments(rows)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Also the positions of one imported file."""
        return lookup == "imported_from__file" or super().lookup_allowed(lookup, value, request)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """A notice number may be typed as it is printed, in groups of four."""
        joined = "".join(search_term.split())
        term = joined if joined.isdigit() else search_term
        return super().get_search_results(request, queryset, term[:140])

    def own_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("andamento/", guard(dashboards.show), name="payments_dashboard"),
            path("andamento.csv", guard(dashboards.export), name="payments_dashboard_csv"),
            path("elenco.csv", guard(self.export_view), name="payments_position_csv"),
            path("<int:position_id>/azione/<slug:action>/", guard(self.action_view), name="payments_position_action"),
            path("<int:position_id>/fuori-pagopa/", guard(self.outside_view), name="payments_position_outside"),
        ]

    def get_list_display(self, request: HttpRequest) -> Any:
        """The body only to who reads the books of several."""
        several = len({role.entity_id for role in roles(request)}) > 1
        return [name for name in self.list_display if name != "entity" or several]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with the way to its file and to the trends."""
        found = {"query": request.GET.urlencode(), "imports": bool(accountant_bodies(request))}
        return super().changelist_view(request, {**found, **(extra_context or {})})

    def page_context(self, request: HttpRequest, row: Position) -> dict[str, Any]:
        today = clock.today()
        whole = with_everything(super().get_queryset(request).select_related("charge", "debt_kind", "link__station"))
        position = whole.get(pk=row.pk)
        return {
            "title": position.description,
            "position": position,
            "options": option_lines(position, on=today),
            "today": standing_of(position, on=today),
            "today_label": PAYABILITY_LABELS[standing_of(position, on=today)],
            "steps": [(action, TITLES[action], action != "riprendi") for action in self.steps(request, position)],
            "settled": position.state in SETTLED,
            "outside": position.outside_payments.all(),
            "record": RECORD if is_accountant(request, row.entity_id) and position.state in OPEN else "",
        }

    def steps(self, request: HttpRequest, position: Position) -> list[str]:
        """What who asks may decide now."""
        if not is_accountant(request, position.entity_id) or position.state not in OPEN:
            return []
        suspended = position.suspended_at is not None
        fresh = position.state == State.PUBLISHED
        possible = {"riprendi": suspended, "sospendi": fresh and not suspended, "annulla": fresh}
        return [action for action, allowed in possible.items() if allowed]

    def action_view(self, request: HttpRequest, position_id: int, action: str) -> HttpResponse:
        """Ask before a decision, and take it on POST."""
        position = self.row(request, str(position_id))
        if action not in TITLES:
            raise Http404
        if not is_accountant(request, position.entity_id):
            raise PermissionDenied
        actor, key = actor_of(request), position.pk
        acts = {
            "sospendi": lambda data: position_stop(position_id=key, reason=data["reason"], actor=actor),
            "riprendi": lambda data: position_reopen(position_id=key, actor=actor),
            "annulla": lambda data: position_withdraw(position_id=key, reason=data["reason"], actor=actor),
        }
        facts = [
            (_("Posizione"), position.description),
            (_("Codice avviso"), self.number(position)),
            (_("Debitore"), position.debtor_name),
            (_("Importo"), self.amount(position)),
        ]
        question = Question(
            title=TITLES[action],
            lead=LEADS[action],
            facts=[*facts, (_("Sospesa perché"), position.suspension)] if position.suspension else facts,
            submit=TITLES[action],
            back=reverse("admin:payments_position_change", args=[key]),
            form=ConfirmForm if action == "riprendi" else ReasonForm,
            act=acts[action],
            done=DONE[action],
            danger=action != "riprendi",
        )
        return ask(self, request, question)

    def outside_view(self, request: HttpRequest, position_id: int) -> HttpResponse:
        """Record money that came without pagoPA."""
        position = self.row(request, str(position_id))
        if not is_accountant(request, position.entity_id):
            raise PermissionDenied
        back = reverse("admin:payments_position_change", args=[position.pk])
        return ask(self, request, record_question(position, back=back, actor=actor_of(request)))

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The list as it is filtered, as a file for a spreadsheet."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseBadRequest(str(_("I filtri non sono validi.")))
        events.positions_exported(request.user, filters=sorted(request.GET), actor=actor_of(request))  # type: ignore[arg-type]
        name = f"posizioni-{clock.today():%Y%m%d}.csv"
        return StreamingHttpResponse(
            rows(found),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )

    @admin.display(description=_("codice avviso"), ordering="charge__notice_number")
    def number(self, row: Position) -> str:
        return grouped(row.charge.notice_number)

    @admin.display(description=_("tipo di dovuto"), ordering="debt_kind__description")
    def kind(self, row: Position) -> str:
        return row.debt_kind.description if row.debt_kind else ""

    @admin.display(description=_("importo"), ordering="charge__amount_cents")
    def amount(self, row: Position) -> str:
        return euro(row.charge.amount_cents)

    @admin.display(description=_("oggi"))
    def today(self, row: Position) -> str:
        return PAYABILITY_LABELS[standing_of(row, on=clock.today())]

    @admin.display(description=_("emessa il"), ordering="created_at")
    def issued(self, row: Position) -> str:
        return f"{row.created_at.astimezone(clock.ROME):%d/%m/%Y}"

    @admin.display(description=_("pubblicata con"), ordering="link__provider")
    def provider(self, row: Position) -> str:
        return row.link.get_provider_display() if row.link else ""


HEAD = (
    _("codice avviso"), _("descrizione"), _("codice del tipo"), _("tipo di dovuto"), _("debitore"),
    _("codice fiscale"), _("importo"), _("scadenza"), _("stato"), _("oggi"), _("emessa il"), _("pagata il"),
    _("annullata il"), _("origine"), _("ente"),
)  # fmt: skip


def rows(found: QuerySet[Position]) -> Iterator[str]:
    """Lines of the file, a thousand positions at a time: the memory does not grow with the list."""
    today, last = clock.today(), None
    yield BOM + line(HEAD)
    while True:
        # The scope of the request is over while the answer streams: the rows are already those of who asked.
        with scopes_disabled():
            page = found.order_by("-pk") if last is None else found.filter(pk__lt=last).order_by("-pk")
            chunk = list(page[:CHUNK])
        if not chunk:
            return
        last = chunk[-1].pk
        yield "".join(_written(row, standing_of(row, on=today)) for row in chunk)


def _written(row: Position, how: Payability) -> str:
    days = [moment and f"{moment.astimezone(clock.ROME):%d/%m/%Y}" for moment in (
        row.created_at, row.paid_at, row.cancelled_at,
    )]  # fmt: skip
    kind = row.debt_kind
    return line(
        [
            row.charge.notice_number,
            row.description,
            kind.code if kind else "",
            kind.description if kind else "",
            row.debtor_name,
            row.debtor_fiscal_code,
            euro_plain(row.charge.amount_cents).replace(".", ""),
            row.charge.due_on and f"{row.charge.due_on:%d/%m/%Y}",
            row.get_state_display(),
            PAYABILITY_LABELS[how],
            *days,
            row.charge.source,
            row.entity.name,
        ]
    )
