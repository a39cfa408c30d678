"""Files of a case or a draft, for whoever may have them. Anything else is a 404: a guessed address tells nothing."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from django_scopes import scope, scopes_disabled

from portal.cases.models import Attachment
from portal.cases.selectors import cases_of, drafts_of, workable
from portal.cases.services.submission import receipt_document
from portal.documents.downloads import file_response
from portal.people.http import PortalRequest


@require_safe
@login_required
def attachment(request: PortalRequest, uuid: UUID) -> FileResponse:
    """An attachment: to the applicant, and to the caseworkers of the case's office."""
    if request.user.is_staff:
        rows = Attachment.objects.filter(case__in=workable(request.staff_roles))
        return file_response(get_object_or_404(rows.select_related("file"), uuid=uuid).file)
    if request.acting is None:
        raise Http404
    with scopes_disabled():
        rows = Attachment.objects.filter(case__in=cases_of(request.acting)) | Attachment.objects.filter(
            draft__in=drafts_of(request.acting)
        )
    return file_response(get_object_or_404(rows.select_related("file"), uuid=uuid).file)


@require_safe
@login_required
def receipt(request: PortalRequest, code: str) -> FileResponse:
    """The receipt of submission, made now if the worker has not made it yet."""
    if request.acting is None:
        raise Http404
    case = get_object_or_404(cases_of(request.acting), code=code)
    with scope(entity=case.entity):
        return file_response(receipt_document(case=case).file)
