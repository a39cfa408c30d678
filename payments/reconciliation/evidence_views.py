"""Documents in the accountant's hands: given to the portal, taken back as they came, and how fresh the sources are."""

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from payments.reconciliation.access import accountants_only
from payments.reconciliation.formats import archives
from payments.reconciliation.forms import DocumentUploadForm
from payments.reconciliation.models import Channel, EvidenceFile, EvidenceReading, ReadingState
from payments.reconciliation.selectors.gaps import journal_gaps, missing_pages
from payments.reconciliation.selectors.sources import accounts_of, latest_documents, source_states
from payments.reconciliation.services.books import reconcile_and_book
from payments.reconciliation.services.ingest import IngestResult, ingest, ingest_many
from portal import clock
from portal.audit.registers import actor_of

GAPS_SHOWN = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take a document, or an archive of them, from the accountant's hands: kept, read, matched."""
    form = DocumentUploadForm(request.POST or None, request.FILES or None, entity_ids=accountants_only(request))
    if request.method == "POST" and form.is_valid():
        entity, actor = form.cleaned_data["entity"], actor_of(request)
        document = form.cleaned_data["document"]
        content, name = document.read(), document.name
        if archives.is_archive(content):
            files = archives.documents(name, content)
            result = ingest_many(entity=entity, files=files, channel=Channel.UPLOAD, actor=actor)
            reconcile_and_book(entity=entity, actor=actor)
            _say_many(request, result)
            return redirect("admin:payments_reconciliation_evidencefile_changelist")
        reading = ingest(entity=entity, content=content, name=name, channel=Channel.UPLOAD, actor=actor)
        reconcile_and_book(entity=entity, actor=actor)
        _say_one(request, reading)
        return redirect("admin:payments_reconciliation_evidencefile_change", reading.evidence_id)
    context = {**admin.site.each_context(request), "title": _("Carica un documento"), "form": form}
    return render(request, "payments/reconciliation/upload.html", context, status=422 if form.errors else 200)


def _say_one(request: HttpRequest, reading: EvidenceReading) -> None:
    level = messages.SUCCESS if reading.state == ReadingState.READ else messages.WARNING
    text = ngettext(
        "Documento acquisito come %(kind)s: %(state)s, %(rows)d riga caricata.",
        "Documento acquisito come %(kind)s: %(state)s, %(rows)d righe caricate.",
        reading.loaded,
    )
    kind = reading.evidence.get_kind_display()
    messages.add_message(
        request, level, text % {"kind": kind, "state": reading.get_state_display(), "rows": reading.loaded}
    )


def _say_many(request: HttpRequest, result: IngestResult) -> None:
    level = messages.WARNING if result.flagged or result.broken else messages.SUCCESS
    text = _(
        "Archivio acquisito. Documenti: %(files)d; già noti: %(known)d; letti: %(read)d; letti con osservazioni: "
        "%(flagged)d; non leggibili per intero: %(broken)d. Righe caricate: %(rows)d."
    )
    values = {name: getattr(result, name) for name in ("files", "known", "read", "flagged", "broken", "rows")}
    messages.add_message(request, level, text % values)


@never_cache
@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """When each source was last read, the last documents of each kind, missing days, and which document counts."""
    entities = accountants_only(request)
    gaps = journal_gaps(entities)
    context = {
        **admin.site.each_context(request),
        "title": _("Fonti dei documenti"),
        "sources": source_states(entities, now=clock.now()),
        "documents": latest_documents(entities),
        "accounts": accounts_of(entities),
        "gaps": gaps[:GAPS_SHOWN],
        "gaps_count": len(gaps),
        "incomplete": missing_pages(entities)[:GAPS_SHOWN],
    }
    return render(request, "payments/reconciliation/sources.html", context)


@never_cache
@require_safe
def download(request: HttpRequest, evidence_id: int) -> HttpResponse:
    """The bytes of a document, exactly as they came."""
    evidence = EvidenceFile.objects.filter(pk=evidence_id, entity_id__in=accountants_only(request)).first()
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
