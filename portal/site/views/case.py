"""One case, as its applicant sees it, and what they may do with it."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_scopes import scope

from portal import clock
from portal.billing.domain.states import State as ChargeState
from portal.billing.models import Charge
from portal.billing.selectors import charges_of_source
from portal.billing.socket import biller
from portal.cases.domain.states import CLOSED, Action, Role, State, moves
from portal.cases.handlers import Block, handler_of
from portal.cases.models import Attachment, Case, CitizenRequest, Decision
from portal.cases.selectors import cases_of, clock_of, timeline
from portal.cases.services.applicant import case_withdraw, request_answer
from portal.cases.services.drafts import request_attach
from portal.cases.services.submission import RECEIPT_KIND
from portal.catalogue import cards
from portal.documents.domain.uploads import UploadRules
from portal.documents.models import Document
from portal.kernel.errors import DomainError
from portal.messaging.models import Direction
from portal.messaging.selectors import conversation
from portal.messaging.services import mark_read, write_to_office
from portal.site.access import CitizenHttpRequest, citizen_required
from portal.site.case_page import Step, clock_lines, steps_to_come
from portal.site.forms import AnswerForm, MessageForm
from portal.site.templatetags.portal_ui import moment
from portal.words import told


def _case(request: CitizenHttpRequest, code: str) -> Case:
    return get_object_or_404(cases_of(request.acting), code=code)


@require_safe
@citizen_required
def case(request: CitizenHttpRequest, code: str) -> HttpResponse:
    """Everything about a case on one page: what to do now, what was asked, papers, steps, term, messages."""
    row = _case(request, code)
    with scope(entity=row.entity):
        context = _case_context(row)
        for message in context["messages_of_case"]:
            if message.direction == Direction.TO_CITIZEN:
                mark_read(message)
    return render(request, "portal/site/area/case.html", context)


def _case_context(row: Case) -> dict[str, Any]:
    state = State(row.state)
    asked = CitizenRequest.objects.filter(case=row, closed_at__isnull=True).first()
    charges = list(charges_of_source(row.source))
    due = next((charge for charge in charges if charge.state == ChargeState.REQUESTED), None)
    term = clock_of(row, on=clock.today())
    waits_until = asked.due_on if asked else (due.due_on if due else None)
    papers = list(Document.objects.filter(source=row.source).select_related("file"))
    return {
        "case": row,
        "service_title": cards.title_of(row.service),
        "asked": asked,
        "charges": charges,
        "due": due,
        "due_url": biller().page_url(due) if due else "",
        "decision": Decision.objects.filter(case=row).first(),
        "act": next((paper for paper in papers if paper.kind != RECEIPT_KIND and state is State.GRANTED), None),
        "blocks": describe(row),
        "documents": [paper for paper in papers if paper.kind != RECEIPT_KIND],
        "attachments": list(Attachment.objects.filter(case=row).select_related("file")),
        "steps": _steps(row, waits_until=waits_until),
        "term": term,
        "term_lines": clock_lines(term, state=state),
        "is_closed": state in CLOSED,
        "may_withdraw": Action.WITHDRAW in moves(state, Role.CITIZEN),
        "messages_of_case": list(conversation(row.source)),
    }


def describe(row: Case) -> list[Block]:
    """What was asked, in the words of the service; nothing when its package is no longer installed."""
    try:
        handler = handler_of(row)
    except KeyError:
        return []
    return handler.describe(row)


def _steps(row: Case, *, waits_until: Any) -> list[Step]:
    done = [Step(entry.label, f"{moment(entry.at)} · {entry.actor}", "done") for entry in timeline(row, internal=False)]
    return done + steps_to_come(State(row.state), waits_until=waits_until)


@require_http_methods(["GET", "POST"])
@citizen_required
def answer(request: CitizenHttpRequest, code: str) -> HttpResponse:
    """Answer what the office asked; the clock runs again."""
    row = _case(request, code)
    form = AnswerForm(request.POST or None, request.FILES or None)
    with scope(entity=row.entity):
        asked = CitizenRequest.objects.filter(case=row, closed_at__isnull=True).first()
        if asked is None:
            messages.warning(request, _("L'ufficio non aspetta una risposta per questa pratica."))
            return redirect("site:case", code=code)
        if request.method == "POST" and form.is_valid():
            try:
                _send_answer(request, row, form)
            except DomainError as error:
                form.add_error("attachment" if "file" in error.code else None, told(error))
            else:
                messages.success(request, _("Risposta inviata: il termine riprende a correre."))
                return redirect("site:case", code=code)
    return render(request, "portal/site/area/answer.html", {"case": row, "asked": asked, "form": form})


def _send_answer(request: CitizenHttpRequest, row: Case, form: AnswerForm) -> None:
    """The text and its file together, or neither."""
    with transaction.atomic():
        answered = request_answer(case_id=row.pk, text=form.cleaned_data["answer"], acting=request.acting)
        upload = form.cleaned_data["attachment"]
        if upload:
            request_attach(
                request=answered, field="integration", label="Integrazione", upload=upload, rules=UploadRules()
            )


@require_http_methods(["GET", "POST"])
@citizen_required
def write(request: CitizenHttpRequest, code: str) -> HttpResponse:
    """Write to the office about the case."""
    row = _case(request, code)
    form = MessageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            write_to_office(
                person=request.acting.person,
                company=request.acting.company,
                entity=row.entity,
                source=row.source,
                subject=f"Pratica {row.code}",
                body=form.cleaned_data["body"],
            )
        except DomainError as error:
            form.add_error("body", told(error))
        else:
            messages.success(request, _("Messaggio inviato all'ufficio."))
            return redirect("site:case", code=code)
    return render(request, "portal/site/area/write.html", {"case": row, "form": form})


@require_http_methods(["GET", "POST"])
@citizen_required
def withdraw(request: CitizenHttpRequest, code: str) -> HttpResponse:
    """Ask, then withdraw the application."""
    row = _case(request, code)
    if Action.WITHDRAW not in moves(State(row.state), Role.CITIZEN):
        messages.warning(request, _("Questa pratica non si può più ritirare."))
        return redirect("site:case", code=code)
    if request.method == "POST":
        try:
            with scope(entity=row.entity):
                case_withdraw(case_id=row.pk, acting=request.acting)
        except DomainError as error:
            messages.error(request, told(error))
        else:
            messages.success(request, _("La domanda è stata ritirata."))
        return redirect("site:case", code=code)
    with scope(entity=row.entity):
        open_charge = Charge.objects.filter(source=row.source, state=ChargeState.REQUESTED).first()
    return render(request, "portal/site/area/withdraw.html", {"case": row, "open_charge": open_charge})
