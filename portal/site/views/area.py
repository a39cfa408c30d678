"""The personal area: what waits for me, and the lists behind it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_scopes import scope

from portal import clock
from portal.billing.domain.states import State as ChargeState
from portal.billing.models import Charge
from portal.billing.selectors import charges_of, paid, total_cents, what_waits_first
from portal.billing.socket import biller, standings
from portal.cases.domain.states import CLOSED, OPEN
from portal.cases.models import Case
from portal.cases.selectors import cases_of, drafts_of, with_last_event
from portal.cases.services import drafts
from portal.catalogue import cards
from portal.documents.downloads import file_response
from portal.documents.models import Document
from portal.documents.selectors import documents_of
from portal.messaging.models import Direction
from portal.messaging.selectors import messages_of
from portal.messaging.services import mark_read
from portal.site import selectors
from portal.site.access import CitizenHttpRequest, citizen_required
from portal.site.charge_filter import ChargeFilterForm, ReceiptFilterForm
from portal.site.todo import deadline_mark, waiting_sentence

ROWS = 20


@require_safe
@citizen_required
def area(request: CitizenHttpRequest) -> HttpResponse:
    """What waits for me comes first, in a sentence."""
    today = clock.today()
    todos = selectors.todos_of(request.acting, on=today)
    context = {
        "todos": todos,
        "sentence": waiting_sentence(todos, on=today),
        "cases": with_last_event(cases_of(request.acting).filter(state__in=sorted(OPEN))[:8]),
        "acts": selectors.valid_acts(request.acting, on=today),
        "news": messages_of(request.acting).filter(direction=Direction.TO_CITIZEN)[:4],
    }
    return render(request, "portal/site/area/home.html", context)


@require_safe
@citizen_required
def cases(request: CitizenHttpRequest) -> HttpResponse:
    """Cases in progress or closed, and drafts."""
    closed = request.GET.get("elenco") == "concluse"
    rows = cases_of(request.acting)
    page: Page[Case] = _page(request, rows.filter(state__in=sorted(CLOSED if closed else OPEN)))
    drafts_rows = [] if closed else [selectors.draft_todo(draft) for draft in drafts_of(request.acting)]
    context = {"page_obj": page, "cases": _page_events(page), "closed": closed, "drafts": drafts_rows}
    return render(request, "portal/site/area/cases.html", context)


def _page_events(page: Page[Case]) -> list[Case]:
    return with_last_event(page.object_list)  # type: ignore[arg-type]


@require_http_methods(["GET", "POST"])
@citizen_required
def draft_discard(request: CitizenHttpRequest, uuid: UUID) -> HttpResponse:
    """Ask, then throw a draft away."""
    draft = get_object_or_404(drafts_of(request.acting), uuid=uuid)
    if request.method == "POST":
        drafts.draft_discard(draft=draft)
        messages.success(request, _("La bozza è stata eliminata."))
        return redirect("site:cases")
    context = {"draft": draft, "service_title": cards.title_of(draft.service)}
    return render(request, "portal/site/area/draft_discard.html", context)


@require_safe
@citizen_required
def payments(request: CitizenHttpRequest) -> HttpResponse:
    """What is due, then what was paid; narrowed by state, year and body."""
    rows = charges_of(request.acting)  # the list shows totals, not lines
    today = clock.today()
    form = ChargeFilterForm(request.GET, rows=rows)
    page: Page[Charge] = _page(request, what_waits_first(form.narrowed(on=today)))
    now = standings(list(rows.filter(state=ChargeState.REQUESTED)), on=today)
    due = [(charge, now[charge.pk]) for charge in page.object_list if charge.pk in now]
    payable = [row.cents for row in now.values() if not row.hindrance]
    context = {
        "form": form,
        "due": [(row, now, biller().page_url(row), *deadline_mark(now.due_on, on=today)) for row, now in due],
        "done": [charge for charge in page.object_list if charge.state != ChargeState.REQUESTED],
        "number": len(payable),
        "total_cents": sum(payable),
        "page_obj": page,
    }
    return render(request, "portal/site/area/payments.html", context)


@require_safe
@citizen_required
def receipts(request: CitizenHttpRequest) -> HttpResponse:
    """What was paid, each with its receipt; narrowed by year, body and words; the total is of what they leave."""
    form = ReceiptFilterForm(request.GET, rows=paid(charges_of(request.acting)))
    rows = form.narrowed()
    context = {"form": form, "page_obj": _page(request, rows), "total_cents": total_cents(rows)}
    return render(request, "portal/site/area/receipts.html", context)


@require_safe
@citizen_required
def notice(request: CitizenHttpRequest, uuid: UUID) -> FileResponse:
    """The printable notice of a charge."""
    charge = get_object_or_404(charges_of(request.acting), uuid=uuid)
    with scope(entity=charge.entity):
        return _file(biller().notice_document(charge))


@require_safe
@citizen_required
def receipt(request: CitizenHttpRequest, uuid: UUID) -> FileResponse:
    """The receipt of a charge that was paid."""
    charge: Charge = get_object_or_404(charges_of(request.acting), uuid=uuid)
    with scope(entity=charge.entity):
        return _file(biller().receipt_document(charge))


def _file(document: Document | None) -> FileResponse:
    if document is None:
        raise Http404
    return file_response(document.file)


@require_safe
@citizen_required
def documents(request: CitizenHttpRequest) -> HttpResponse:
    """Acts, receipts and notices, each with what it is worth today."""
    page: Page[Document] = _page(request, documents_of(request.acting))
    rows = selectors.with_status(list(page.object_list), on=clock.today())
    return render(request, "portal/site/area/documents.html", {"page_obj": page, "rows": rows})


@require_safe
@citizen_required
def inbox(request: CitizenHttpRequest) -> HttpResponse:
    """Messages, the newest first."""
    page = _page(request, messages_of(request.acting))
    return render(request, "portal/site/area/messages.html", {"page_obj": page})


@require_safe
@citizen_required
def message(request: CitizenHttpRequest, uuid: UUID) -> HttpResponse:
    """One message; the first reading is kept."""
    row = get_object_or_404(messages_of(request.acting), uuid=uuid)
    if row.direction == Direction.TO_CITIZEN:
        mark_read(row)
    case = None
    if row.source.startswith("case:"):
        case = cases_of(request.acting).filter(uuid=row.source.removeprefix("case:")).first()
    return render(request, "portal/site/area/message.html", {"message": row, "case": case})


def _page(request: CitizenHttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    return Paginator(rows, ROWS).get_page(request.GET.get("page"))
