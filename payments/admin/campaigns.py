"""Campaigns of notices: prepared, followed, downloaded. Accountants act; whoever reads the books looks."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from payments import campaign_conf as conf
from payments import campaign_events as events
from payments.admin.campaign_forms import CampaignForm
from payments.admin.forms import ConfirmForm
from payments.admin.pages import DeskAdmin, Question, accountant_bodies, ask, is_accountant
from payments.campaign_selectors import (
    Preview,
    file_names,
    index_rows,
    parts_in_hand,
    preview,
    printed_items,
    progress_of,
    results_of,
    skipped_items,
    skipped_rows,
    skips_by_reason,
    with_progress,
)
from payments.domain.campaigns import (
    INDEX_HEAD,
    SKIPPED_HEAD,
    TRANSITIONS,
    Action,
    Output,
    Progress,
    Selection,
    State,
    expires_at,
)
from payments.models import Campaign, PositionFile
from payments.services.campaign_press import csv_bytes, result_name
from payments.services.campaigns import OF_PEOPLE, campaign_create, campaign_move
from portal import clock
from portal.audit.registers import actor_of
from portal.documents.downloads import file_response
from portal.kernel.errors import DomainError

BUTTONS = {
    Action.QUEUE: _("Avvia la stampa"),
    Action.PAUSE: _("Metti in pausa"),
    Action.RESUME: _("Riprendi la stampa"),
    Action.CANCEL: _("Annulla la campagna"),
}
LEADS = {
    Action.QUEUE: _("Gli avvisi si stampano in secondo piano: puoi chiudere la pagina e tornare quando vuoi."),
    Action.PAUSE: _("Le parti già in lavorazione si concludono, le altre aspettano: quanto è stampato resta."),
    Action.RESUME: _("La stampa continua da dove si era fermata: niente si perde e niente si stampa due volte."),
    Action.CANCEL: _(
        "La stampa si ferma e i file già pronti vengono eliminati. I documenti dei singoli avvisi restano ai debitori."
    ),
}
TONES = {
    State.DRAFT: "quiet",
    State.QUEUED: "info",
    State.RUNNING: "info",
    State.PAUSED: "warn",
    State.DONE: "ok",
    State.FAILED: "bad",
    State.CANCELLED: "quiet",
}
ROWS = 50


@admin.register(Campaign)
class CampaignAdmin(DeskAdmin[Campaign]):
    list_display = ("name", "state", "how_far", "created_at", "created_by", "entity")
    list_filter = ("state", "output", "entity")
    list_select_related = ("entity", "created_by")
    search_fields = ("name",)
    date_hierarchy = "created_at"
    page_template = "payments/admin/campaigns/campaign.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        return with_progress(super().get_queryset(request).select_related("entity", "created_by"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(accountant_bodies(request))

    def own_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("<int:campaign_id>/azione/<slug:action>/", guard(self.action_view), name="payments_campaign_action"),
            path("<int:campaign_id>/file/<int:part_id>/", guard(self.file_view), name="payments_campaign_file"),
            path("<int:campaign_id>/indice/", guard(self.index_view), name="payments_campaign_index"),
            path("<int:campaign_id>/escluse/", guard(self.skipped_view), name="payments_campaign_skipped"),
        ]

    @admin.display(description=_("avanzamento"))
    def how_far(self, row: Campaign) -> str:
        progress = progress_of(row, now=clock.now())
        shown = {"done": number_format(progress.done), "total": number_format(progress.total)}
        return now_("%(done)s di %(total)s") % shown

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Choose, count, prepare. Nothing is printed yet."""
        bodies = accountant_bodies(request)
        if not bodies:
            raise PermissionDenied
        form = CampaignForm(request.POST or None, entity_ids=bodies)
        seen: Preview | None = None
        if request.method == "POST" and form.is_valid():
            if "conta" in request.POST:
                seen = preview(form.cleaned_data["selection"], entity_id=form.cleaned_data["entity"].pk)
            elif (made := self.prepared(request, form)) is not None:
                return redirect("admin:payments_campaign_change", made.pk)
        status = 422 if form.errors else 200
        context = {"title": now_("Nuova campagna di stampa"), "form": form, "preview": seen}
        return self.shown(request, "payments/admin/campaigns/new.html", status=status, **context)

    def prepared(self, request: HttpRequest, form: CampaignForm) -> Campaign | None:
        """The draft, or None with the reason on the form."""
        data = form.cleaned_data
        try:
            made = campaign_create(
                entity=data["entity"],
                name=data["name"],
                output=Output(data["output"]),
                selection=data["selection"],
                volume_size=data["volume_size"],
                actor=actor_of(request),
            )
        except DomainError as error:
            form.add_error(None, error.message)
            return None
        messages.success(request, now_("La campagna è pronta: controlla i numeri e avvia la stampa."))
        return made

    def page_context(self, request: HttpRequest, row: Campaign) -> dict[str, Any]:
        now, closed = clock.now(), row.finished_at
        possible = [action for state, action in TRANSITIONS if state == row.state and action in OF_PEOPLE]
        ends = expires_at(finished_at=closed, days=conf.file_days()) if closed and row.state == State.DONE else None
        skipped = Paginator(skipped_items(row), ROWS).get_page(request.GET.get("escluse"))
        files = row.output == Output.FILES
        return {
            "title": row.name,
            "campaign": row,
            "tone": TONES[State(row.state)],
            "progress": progress_of(row, now=now),
            "minutes": _minutes(progress_of(row, now=now)),
            "workers": parts_in_hand(row, now=now),
            "at_work": row.state in {State.QUEUED, State.RUNNING},
            "chosen": _in_words(row.chosen),
            "preview": preview(row.chosen, entity_id=row.entity_id) if row.state == State.DRAFT else None,
            "steps": [(action.value, BUTTONS[action], action is Action.CANCEL) for action in possible]
            if is_accountant(request, row.entity_id)
            else [],
            "results": results_of(row),
            "documents": Paginator(printed_items(row), ROWS).get_page(request.GET.get("avvisi")) if files else None,
            "reasons": skips_by_reason(row),
            "skipped": skipped,
            "expires_at": ends,
        }

    def action_view(self, request: HttpRequest, campaign_id: int, action: str) -> HttpResponse:
        """Ask before a step, and take it on POST."""
        row = self.row(request, str(campaign_id))
        if action not in OF_PEOPLE:
            raise Http404
        step = Action(action)
        if not is_accountant(request, row.entity_id):
            raise PermissionDenied
        question = Question(
            title=BUTTONS[step],
            lead=LEADS[step],
            facts=[
                (_("Campagna"), row.name),
                (_("Che cosa produce"), row.get_output_display()),
                (_("Posizioni"), row.total),
            ],
            submit=BUTTONS[step],
            back=reverse("admin:payments_campaign_change", args=[row.pk]),
            form=ConfirmForm,
            act=lambda data: campaign_move(campaign_id=row.pk, action=step, actor=actor_of(request)),
            done=now_("Fatto."),
            danger=step is Action.CANCEL,
        )
        return ask(self, request, question)

    def file_view(self, request: HttpRequest, campaign_id: int, part_id: int) -> FileResponse:
        """A volume or an archive."""
        row = self.readable(request, campaign_id)
        part = results_of(row).filter(pk=part_id).first()
        if part is None or part.file is None:
            raise Http404
        events.campaign_downloaded(row, part=part.seq, actor=actor_of(request))
        return file_response(part.file)

    def index_view(self, request: HttpRequest, campaign_id: int) -> HttpResponse:
        """Which notice is in which file, on which page."""
        row = self.readable(request, campaign_id)
        content = csv_bytes(INDEX_HEAD, index_rows(row, file_of=file_names(row)))
        return self.csv(request, row, content, name="indice")

    def skipped_view(self, request: HttpRequest, campaign_id: int) -> HttpResponse:
        """The positions left out, with why."""
        row = self.readable(request, campaign_id)
        return self.csv(request, row, csv_bytes(SKIPPED_HEAD, skipped_rows(row)), name="escluse")

    def readable(self, request: HttpRequest, campaign_id: int) -> Campaign:
        """A campaign whose files who asks may have. Raises Http404, PermissionDenied."""
        row = self.row(request, str(campaign_id))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def csv(self, request: HttpRequest, row: Campaign, content: bytes, *, name: str) -> HttpResponse:
        """A list to open in a spreadsheet."""
        events.campaign_downloaded(row, part=None, actor=actor_of(request))
        file = result_name(row.name, label=name, suffix="csv")
        headers = {
            "Content-Disposition": f'attachment; filename="{file}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def _minutes(progress: Progress) -> str:
    """How long it still takes, in words; empty while nobody can say."""
    left = progress.minutes_left
    if left is None or not progress.left:
        return ""
    if left < 60:
        return ngettext("circa un minuto", "circa %(count)d minuti", left) % {"count": left}
    return now_("circa %(hours)d ore e %(minutes)d minuti") % {"hours": left // 60, "minutes": left % 60}


def _in_words(selection: Selection) -> list[tuple[Any, Any]]:
    """The selection as the page shows it."""
    day = "%d/%m/%Y"
    rows = [
        (_("Tipo di dovuto"), selection.kind),
        (_("Create dal"), selection.created_from.strftime(day) if selection.created_from else ""),
        (_("Create fino al"), selection.created_until.strftime(day) if selection.created_until else ""),
        (_("Origine"), _origin(selection.source)),
        (_("Codici avviso scritti"), len(selection.numbers) or ""),
        (_("Già stampati altrove"), now_("lasciati fuori") if selection.only_new else ""),
    ]
    return [(label, value) for label, value in rows if value]


def _origin(source: str) -> str:
    """The name of the file, for the positions of one; what was written, for others."""
    kind, _colon, number = source.removesuffix(":").partition(":")
    if kind != "import" or not number.isdecimal():
        return source
    name = PositionFile.objects.filter(pk=int(number)).values_list("name", flat=True).first()
    return now_("file %(name)s") % {"name": name} if name else source
