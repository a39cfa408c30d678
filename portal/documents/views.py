from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import clock
from portal.audit.registers import actor_of
from portal.documents.downloads import file_response
from portal.documents.models import Document
from portal.documents.readers import staff_may_open
from portal.documents.selectors import document_by_token, documents_of
from portal.documents.verification import status_of
from portal.people import events as people_events
from portal.people.desk import decides
from portal.people.http import PortalRequest
from portal.people.models import FiscalCodeClaim, MandateEvidence
from portal.people.selectors import mandates_touching


@require_safe
@never_cache
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the QR code of an act: says what it is worth at this moment, to anybody."""
    document = document_by_token(token)
    if document is None:
        return render(request, "portal/documents/verify_unknown.html", status=404)
    now = clock.now()
    context = {"document": document, "status": status_of(document, on=now.astimezone(clock.ROME).date()), "now": now}
    return render(request, "portal/documents/verify.html", context)


@require_safe
@login_required
def download(request: PortalRequest, uuid: UUID) -> FileResponse:
    """A document of the person, of the company they act for, or (staff) of a case or a payment they work on."""
    if request.user.is_staff:
        document = get_object_or_404(Document.objects.select_related("file"), uuid=uuid)
        if not staff_may_open(document, roles=request.staff_roles):
            raise Http404
        return file_response(document.file, inline=True)
    if request.acting is None:
        raise Http404
    return file_response(get_object_or_404(documents_of(request.acting), uuid=uuid).file)


@require_safe
@login_required
def mandate_paper(request: PortalRequest, uuid: UUID) -> FileResponse:
    """A file that proves a mandate: for who decides about it, and for the people whose mandate it is."""
    papers = MandateEvidence.objects.filter(file__isnull=False).select_related("file", "mandate")
    if not request.user.is_staff:
        if request.acting is None:
            raise Http404
        papers = papers.filter(mandate__in=mandates_touching(request.acting, on=clock.today()))
    elif not decides(request):
        raise Http404
    paper = get_object_or_404(papers, uuid=uuid)
    assert paper.file is not None
    if request.user.is_staff:
        people_events.mandate_read(paper.mandate, actor=actor_of(request))
    return file_response(paper.file)


@require_safe
@login_required
def claim_paper(request: PortalRequest, uuid: UUID) -> FileResponse:
    """The document given with a declared codice fiscale: for who decides, and for who gave it."""
    claims = FiscalCodeClaim.objects.filter(file__isnull=False).select_related("file")
    if not request.user.is_staff:
        if request.acting is None:
            raise Http404
        claims = claims.filter(person=request.acting.person)
    elif not decides(request):
        raise Http404
    claim = get_object_or_404(claims, uuid=uuid)
    assert claim.file is not None
    if request.user.is_staff:
        people_events.claim_read(claim, actor=actor_of(request))
    return file_response(claim.file)
