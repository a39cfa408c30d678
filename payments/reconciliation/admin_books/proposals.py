"""Proposals of collection orders: looked at, approved, exported, and the files that were given."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from payments.reconciliation.admin_books.base import AccountantDesk
from payments.reconciliation.admin_books.ledger import chosen_bodies
from payments.reconciliation.domain.outcomes import OWNER_LABELS
from payments.reconciliation.domain.proposals import REJECTS, Reject, State
from payments.reconciliation.exports.layouts import layouts
from payments.reconciliation.models import CollectionOrderProposal, CollectionOrderVoid, ProposalExport
from payments.reconciliation.selectors.proposals import JudgedLine, judged_lines, taken_back
from payments.reconciliation.services.proposals import (
    orders_void,
    proposal_take_back,
    proposals_approve,
    proposals_export,
)
from portal.audit.registers import actor_of
from portal.kernel.errors import DomainError
from portal.kernel.money import euro

PAGE = 50
LIST = "admin:payments_reconciliation_collectionorderproposal_changelist"


def _reasons(lines: Sequence[JudgedLine]) -> list[dict[str, Any]]:
    """The lines held back, by reason, with who must act."""
    number, cents = Counter(line.reject for line in lines), Counter[Reject | None]()
    for line in lines:
        cents[line.reject] += line.cents
    return [
        {
            "code": reject.value,
            "card": REJECTS[reject],
            "owner": OWNER_LABELS[REJECTS[reject].owner],
            "lines": number[reject],
            "cents": cents[reject],
        }
        for reject in Reject
        if number[reject]
    ]


@admin.register(CollectionOrderProposal)
class CollectionOrderProposalAdmin(AccountantDesk[CollectionOrderProposal]):
    """Its first page has what can be approved, what is held back and by whom, what waits to be exported."""

    page_template = "payments/reconciliation/books/proposal.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CollectionOrderProposal]:
        related = ("movement__journal", "approved_by", "export", "entity")
        return super().get_queryset(request).select_related(*related)

    def own_urls(self) -> list[URLPattern]:
        guard, name = self.admin_site.admin_view, "payments_reconciliation"
        return [
            path("approva/", guard(self.approve_view), name=f"{name}_proposals_approve"),
            path("esporta/", guard(self.export_view), name=f"{name}_proposals_export"),
            path("<int:proposal_id>/riprendi/", guard(self.take_back_view), name=f"{name}_proposal_take_back"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lines that may go on, or those held back for a reason."""
        bodies, body = chosen_bodies(request)
        shown = request.GET.get("scarto", "")
        if shown and shown not in set(Reject):
            raise Http404
        lines = judged_lines([body.pk])
        drafts = [line for line in lines if line.state is State.DRAFT]
        good = [line for line in drafts if not line.reject]
        held = [line for line in drafts if line.reject]
        approved = [line for line in lines if line.state is State.APPROVED]
        rows = [line for line in held if line.reject == shown] if shown else good
        return self.shown(
            request,
            "payments/reconciliation/books/proposals.html",
            title=now_("Proposte di reversale"),
            bodies=bodies,
            body=body,
            shown=shown,
            reasons=_reasons(held),
            card=REJECTS[Reject(shown)] if shown else None,
            query=urlencode({"ente": body.code, "scarto": shown}),
            page=Paginator(rows, PAGE).get_page(request.GET.get("p")),
            good=len(good),
            good_cents=sum(line.cents for line in good),
            approved=len(approved),
            approved_cents=sum(line.cents for line in approved),
            taken_back=taken_back([body.pk])[:PAGE],
            layouts=layouts(),
            exports=list(ProposalExport.objects.filter(entity=body).defer("content")[:5]),
        )

    def approve_view(self, request: HttpRequest) -> HttpResponse:
        """Approve one proposal, or every line that nothing holds back; the sum is the one that was on the page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        _bodies, body = chosen_bodies(request)
        one, seen = request.POST.get("proposta", ""), request.POST.get("centesimi", "")
        drafts = [line for line in judged_lines([body.pk], state=State.DRAFT) if not line.reject]
        ids = sorted({line.proposal_id for line in drafts if not one or str(line.proposal_id) == one})
        cents = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else -1
        try:
            done = proposals_approve(entity=body, proposal_ids=ids, cents=cents, actor=actor_of(request))
        except DomainError as error:
            messages.error(request, error.message)
        else:
            text = now_("Approvate %(count)d proposte per %(amount)s.")
            messages.success(request, text % {"count": done.proposals, "amount": euro(done.cents)})
        return redirect(f"{reverse(LIST)}?ente={body.code}")

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Make the file of what was approved."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        _bodies, body = chosen_bodies(request)
        try:
            done = proposals_export(entity=body, layout=request.POST.get("tracciato", ""), actor=actor_of(request))
        except DomainError as error:
            messages.error(request, error.message)
            return redirect(f"{reverse(LIST)}?ente={body.code}")
        if done.put_back:
            text = ngettext(
                "È tornata da approvare %(count)d proposta: dopo l'approvazione i documenti o gli accertamenti sono "
                "cambiati.",
                "Sono tornate da approvare %(count)d proposte: dopo l'approvazione i documenti o gli accertamenti sono "
                "cambiati.",
                done.put_back,
            )
            messages.warning(request, text % {"count": done.put_back})
        if done.file is None:
            return redirect(f"{reverse(LIST)}?ente={body.code}")
        messages.success(request, now_("Il file è pronto: scaricalo e caricalo nella contabilità."))
        return redirect("admin:payments_reconciliation_proposalexport_change", done.file.pk)

    def take_back_view(self, request: HttpRequest, proposal_id: int) -> HttpResponse:
        """Put an approved proposal back among the drafts."""
        row = self.row(request, str(proposal_id))
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            proposal_take_back(proposal_id=row.pk, actor=actor_of(request))
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, now_("La proposta è di nuovo da approvare."))
        return redirect(f"{reverse(LIST)}?ente={row.entity.code}")

    def page_context(self, request: HttpRequest, row: CollectionOrderProposal) -> dict[str, Any]:
        judged = {line.line_id: line for line in judged_lines([row.entity_id], proposal_id=row.pk)}
        rows = row.lines.select_related("assessment", "void__made_by")
        lines = [(line, judged.get(line.pk), getattr(line, "void", None)) for line in rows]
        good = sum(line.cents for line, verdict, _void in lines if verdict and not verdict.reject)
        title = now_("Provvisorio %(number)s") % {"number": str(row)}
        stand = row.state == State.EXPORTED and any(void is None for *_line, void in lines)
        return {
            "title": title, "proposal": row, "lines": lines, "good_cents": good, "owners": OWNER_LABELS, "stand": stand,
        }  # fmt: skip


@admin.register(ProposalExport)
class ProposalExportAdmin(AccountantDesk[ProposalExport]):
    """Files that were given to the accounting system: they are read and taken again, never changed."""

    list_display = ("name", "created_at", "created_by", "rows", "amount", "entity")
    list_filter = ("layout", "entity")
    page_template = "payments/reconciliation/books/export.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProposalExport]:
        return super().get_queryset(request).select_related("entity", "created_by").defer("content")

    def own_urls(self) -> list[URLPattern]:
        guard, name = self.admin_site.admin_view, "payments_reconciliation"
        return [
            path("<int:export_id>/file/", guard(self.download_view), name=f"{name}_export_download"),
            path("<int:export_id>/annulla/", guard(self.void_view), name=f"{name}_orders_void"),
        ]

    def page_context(self, request: HttpRequest, row: ProposalExport) -> dict[str, Any]:
        found = next((layout for layout in layouts() if layout.code == row.layout), None)
        gone = CollectionOrderVoid.objects.filter(line__proposal__export=row)
        void = gone.aggregate(lines=Count("pk"), cents=Sum("line__cents", default=0))
        return {
            "title": row.name,
            "export": row,
            "layout_title": found.title if found else row.layout,
            "example": bool(found and found.example),
            "void": void,
            "stand": row.rows - void["lines"],
        }

    def download_view(self, request: HttpRequest, export_id: int) -> HttpResponse:
        """The bytes of a file, exactly as they were given."""
        export = self.row(request, str(export_id))
        return HttpResponse(
            bytes(export.content),
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="{export.name}"',
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cache-Control": "no-store",
            },
        )

    def void_view(self, request: HttpRequest, export_id: int) -> HttpResponse:
        """Say that orders of the file, or with `tutto` all of them, were annulled or refused."""
        export = self.row(request, str(export_id))
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        chosen = [int(key) for key in request.POST.getlist("riga") if key.isascii() and key.isdigit() and len(key) < 19]
        lines = None if request.POST.get("tutto") == "1" else chosen
        try:
            done = orders_void(
                export=export, line_ids=lines, reason=request.POST.get("motivo", ""), actor=actor_of(request)
            )
        except DomainError as error:
            messages.error(request, error.message)
        else:
            text = ngettext(
                "Segnata annullata o scartata %(count)d reversale per %(amount)s: ciò che il provvisorio chiede ancora "
                "è di nuovo da approvare.",
                "Segnate annullate o scartate %(count)d reversali per %(amount)s: ciò che i provvisori chiedono ancora "
                "è di nuovo da approvare.",
                done.lines,
            )
            messages.success(request, text % {"count": done.lines, "amount": euro(done.cents)})
        return redirect(f"{reverse(LIST)}?ente={export.entity.code}")

    @admin.display(description=_("importo"), ordering="cents")
    def amount(self, row: ProposalExport) -> str:
        return euro(row.cents)
