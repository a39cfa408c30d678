"""Queue and case page. The scope keeps out other bodies; `workable` keeps out other offices."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal import clock
from portal.audit.registers import actor_of
from portal.billing.selectors import charges_of_source
from portal.billing.socket import biller
from portal.cases import events
from portal.cases.desk import actions
from portal.cases.handlers import handler_of
from portal.cases.models import Attachment, Case, CaseNote, CitizenRequest, Decision
from portal.cases.selectors import QUEUE_LABELS, Queue, clock_of, queue_counts, queue_rows, timeline, workable
from portal.documents.models import Document
from portal.entities.models import CASEWORKERS, Role
from portal.kernel.errors import DomainError
from portal.messaging.selectors import conversation
from portal.people.http import PortalRequest

PAGE = 25


def only_caseworkers(request: PortalRequest) -> None:
    """The desk is for officers and heads of an office. Raises PermissionDenied."""
    if not any(role.role in CASEWORKERS for role in request.staff_roles):
        raise PermissionDenied


@require_safe
def queue(request: PortalRequest) -> HttpResponse:
    """The work queue: tabs with counts, the most urgent case first."""
    only_caseworkers(request)
    try:
        current = Queue(request.GET.get("coda", Queue.OFFICE))
    except ValueError:
        raise Http404 from None
    today, text = clock.today(), request.GET.get("q", "").strip()[:80]
    cases = workable(request.staff_roles)
    rows = queue_rows(cases, queue=current, user_id=request.user.pk, on=today, text=text)
    counts = queue_counts(cases, user_id=request.user.pk, on=today)
    page = Paginator(rows.select_related("protocol"), PAGE).get_page(request.GET.get("p"))
    context = {
        **admin.site.each_context(request),
        "title": _("Coda di lavoro"),
        "tabs": [(tab, QUEUE_LABELS[tab], counts[tab]) for tab in Queue],
        "current": current,
        "page": page,
        "rows": [(case, (case.due_on - today).days if case.due_on else None) for case in page],
        "text": text,
    }
    return render(request, "portal/cases/desk/queue.html", context)


def _case(request: PortalRequest, code: str) -> Case:
    only_caseworkers(request)
    rows = workable(request.staff_roles).select_related(
        "entity", "office", "protocol", "assignee", "applicant_person", "applicant_company", "mandate"
    )
    return get_object_or_404(rows, code=code)


def _is_head(request: PortalRequest, case: Case) -> bool:
    """Head of the case's own office: heading another one of the same body gives no power here."""
    return any(
        held.role == Role.HEAD and held.entity_id == case.entity_id and held.office_id in {None, case.office_id}
        for held in request.staff_roles
    )


@require_safe
def case_page(request: PortalRequest, code: str) -> HttpResponse:
    """Everything about a case on one page. The reading itself is an event."""
    case = _case(request, code)
    events.case_read(case, actor=actor_of(request))
    return render(request, "portal/cases/desk/case.html", _case_context(request, case))


def _form(action: actions.DeskAction, case: Case, data: Any = None) -> Any:
    """The form of an action. Many stand on one page: the key keeps the ids of their fields apart."""
    form = action.form(data, case)
    form.auto_id = f"{action.key}_%s"
    return form


def _case_context(request: PortalRequest, case: Case, *, bound: dict[str, Any] | None = None) -> dict[str, Any]:
    bound = bound or {}
    handler = handler_of(case)
    found = actions.available(case, user=request.user, is_head=_is_head(request, case))
    forms = [(action, bound.get(action.key) or _form(action, case)) for action in found]
    charges = list(charges_of_source(case.source))
    attachments = Attachment.objects.filter(case=case).select_related("file", "request")
    documents = Document.objects.filter(source=case.source).select_related("file")
    return {
        **admin.site.each_context(request),
        "title": f"{case.applicant} · {case.title}",
        "case": case,
        "clock": clock_of(case, on=clock.today()),
        "blocks": handler.describe(case),
        "panels": handler.office_panels(case),
        "actions": forms,
        "assign": (actions.ASSIGN, bound.get("assign") or _form(actions.ASSIGN, case))
        if actions.can_assign(case)
        else None,
        "write": (actions.WRITE, bound.get("write") or _form(actions.WRITE, case)),
        "note": (actions.NOTE, bound.get("note") or _form(actions.NOTE, case)),
        "attachments": attachments,
        "documents": documents,
        "files_count": len(attachments) + len(documents),
        "requests": CitizenRequest.objects.filter(case=case),
        "notes": CaseNote.objects.filter(case=case).select_related("author"),
        "decision": Decision.objects.filter(case=case).first(),
        "charges": [
            (charge, biller().notice_document(charge), biller().receipt_document(charge)) for charge in charges
        ],
        "conversation": conversation(case.source),
        "timeline": timeline(case, internal=True),
    }


@require_POST
def case_action(request: PortalRequest, code: str, key: str) -> HttpResponse:
    """One of the buttons of the case page. A refused form comes back with the page and its error."""
    case = _case(request, code)
    action = actions.BY_KEY.get(key)
    if action is None:
        raise Http404
    if action.needs_assignee and case.assignee_id != request.user.pk and not _is_head(request, case):
        raise PermissionDenied
    form = _form(action, case, request.POST)
    if form.is_valid():
        try:
            action.run(case, form, request.user, actor_of(request))
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, str(action.done))
            return redirect("admin:portal_cases_page", code=case.code)
    if not form.visible_fields():
        messages.error(request, " ".join(str(error) for error in form.non_field_errors()))
        return redirect("admin:portal_cases_page", code=case.code)
    case.refresh_from_db()
    return render(request, "portal/cases/desk/case.html", _case_context(request, case, bound={key: form}), status=422)


def to_queue(request: PortalRequest) -> HttpResponseRedirect:
    """The admin's list of cases is the queue."""
    return redirect("admin:portal_cases_queue")
