"""The accountant's desk, inside the admin. Only accountants enter, and only for the bodies where they are one."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from payments.reconciliation.access import accountant_entities
from payments.reconciliation.domain.judged import Outcome
from payments.reconciliation.forms import JournalUploadForm
from payments.reconciliation.models import Channel, EvidenceFile, ReadingState
from payments.reconciliation.selectors.desk import credits_without_flow, lines_without_receipt, source_states
from payments.reconciliation.selectors.dossier import dossier
from payments.reconciliation.selectors.outcomes import judged_receipt, judged_receipts, outcome_counts
from payments.reconciliation.services.journals import ingest_journal
from payments.reconciliation.services.matching import match_run
from portal import clock
from portal.audit.registers import actor_of

PAGE = 50
SHOWN = 20


def _entities(request: HttpRequest) -> list[int]:
    entities = accountant_entities(request)
    if not entities:
        raise PermissionDenied
    return entities


@never_cache
@require_safe
def square(request: HttpRequest) -> HttpResponse:
    """What became of the receipts: counted by outcome, listed with the reason."""
    entities, today = _entities(request), clock.today()
    chosen, search = request.GET.get("esito", ""), request.GET.get("q", "").strip()[:60]
    if chosen and chosen not in set(Outcome):
        raise Http404
    counts = outcome_counts(entity_ids=entities, today=today)
    total = sum(count.receipts for count in counts if not chosen or count.outcome == chosen)
    pages = Paginator(range(total), PAGE)
    page = pages.get_page(request.GET.get("p"))
    rows = judged_receipts(
        entity_ids=entities,
        today=today,
        outcome=Outcome(chosen) if chosen else None,
        search=search,
        limit=PAGE,
        offset=0 if search else (page.number - 1) * PAGE,
    )
    context = {
        **admin.site.each_context(request),
        "title": _("Quadratura dei pagamenti"),
        "counts": counts,
        "total": sum(count.receipts for count in counts),
        "total_cents": sum(count.cents for count in counts),
        "chosen": chosen,
        "search": search,
        "rows": rows,
        "page": page,
        "sources": source_states(entities, now=clock.now()),
    }
    return render(request, "payments/reconciliation/square.html", context)


@never_cache
@require_safe
def receipt(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """One receipt beside the flow and the treasury."""
    judged = judged_receipt(entity_ids=_entities(request), today=clock.today(), receipt_id=receipt_id)
    if judged is None:
        raise Http404
    title = _("Avviso %(nav)s") % {"nav": judged.nav}
    context = {**admin.site.each_context(request), "title": title, "dossier": dossier(judged)}
    return render(request, "payments/reconciliation/receipt.html", context)


@never_cache
@require_safe
def unpaired(request: HttpRequest) -> HttpResponse:
    """Lines without receipt and credits without flow."""
    entities = _entities(request)
    lines, credits_ = lines_without_receipt(entities), credits_without_flow(entities)
    context = {
        **admin.site.each_context(request),
        "title": _("Documenti senza corrispondenza"),
        "lines": lines[:SHOWN],
        "lines_count": lines.count(),
        "credits": credits_[:SHOWN],
        "credits_count": credits_.count(),
        "shown": SHOWN,
    }
    return render(request, "payments/reconciliation/unpaired.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take a journal from the accountant's hands: kept, read, matched."""
    entities = _entities(request)
    form = JournalUploadForm(request.POST or None, request.FILES or None, entity_ids=entities)
    if request.method == "POST" and form.is_valid():
        entity, journal, actor = form.cleaned_data["entity"], form.cleaned_data["journal"], actor_of(request)
        reading = ingest_journal(
            entity=entity, content=journal.read(), name=journal.name, channel=Channel.UPLOAD, actor=actor
        )
        match_run(entity=entity, actor=actor)
        level = messages.SUCCESS if reading.state == ReadingState.READ else messages.WARNING
        text = _("Giornale acquisito: %(state)s, %(rows)d movimenti caricati.")
        messages.add_message(request, level, text % {"state": reading.get_state_display(), "rows": reading.loaded})
        return redirect("admin:payments_reconciliation_evidencefile_change", reading.evidence_id)
    context = {**admin.site.each_context(request), "title": _("Carica un giornale di cassa"), "form": form}
    return render(request, "payments/reconciliation/upload.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
def download(request: HttpRequest, evidence_id: int) -> HttpResponse:
    """The bytes of a document, exactly as they came."""
    evidence = EvidenceFile.objects.filter(pk=evidence_id, entity_id__in=_entities(request)).first()
    if evidence is None:
        raise Http404
    return HttpResponse(
        bytes(evidence.content),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{evidence.name}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
