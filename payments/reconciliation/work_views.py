"""The accountant's work queue, inside the admin: who has to act, on what, since when, and what was decided."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from payments.reconciliation.access import accountants_only
from payments.reconciliation.domain.outcomes import CODES, Code, Owner
from payments.reconciliation.domain.work import WorkAction
from payments.reconciliation.forms import QueueForm, WaitForm
from payments.reconciliation.models import Verdict, WorkItem
from payments.reconciliation.selectors.desk import open_suggestions_count
from payments.reconciliation.selectors.dossier import dossier
from payments.reconciliation.selectors.papers import papers
from payments.reconciliation.selectors.without_credit import waiting
from payments.reconciliation.selectors.work import (
    DOUBLE,
    WITHOUT_RECEIPT,
    Chosen,
    code_queues,
    how_many,
    owner_queues,
    said_again,
    work_card,
    work_rows,
)
from payments.reconciliation.services.receipt_requests import receipt_ask
from payments.reconciliation.services.work import work_ignore, work_reopen, work_take, work_wait
from portal.audit.registers import actor_of
from portal.kernel.errors import DomainError

PAGE = 50
DONE = {
    WorkAction.TAKE: gettext_lazy("Ora te ne occupi tu."),
    WorkAction.WAIT: gettext_lazy("La voce è in attesa di risposta."),
    WorkAction.IGNORE: gettext_lazy("La voce è ignorata: la ritrovi tra le ignorate e puoi rimetterla nella coda."),
    WorkAction.REOPEN: gettext_lazy("La voce è di nuovo nella coda."),
}


@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The problems by who acts on them, and the list of those chosen."""
    entities, user = accountants_only(request), int(request.user.pk or 0)
    chosen = _chosen(request)
    codes = code_queues(entity_ids=entities, user_id=user)
    page = Paginator(range(how_many(codes, chosen)), PAGE).get_page(request.GET.get("p"))
    rows = work_rows(
        entity_ids=entities, chosen=chosen, user_id=user, limit=PAGE, offset=(page.number - 1) * PAGE
    )  # fmt: skip
    context = {
        **admin.site.each_context(request),
        "title": _("Coda di lavoro"),
        "owners": [(box, _address(owner=box.owner)) for box in owner_queues(codes)],
        "codes": [(row, _address(code=row.code)) for row in codes if row.count and chosen.owner in {None, row.owner}],
        "everything": sum(row.count for row in codes),
        "mine": sum(row.mine for row in codes),
        "ignored": sum(row.ignored for row in codes),
        "chosen": chosen,
        "card": CODES[chosen.code] if chosen.code else None,
        "rows": rows,
        "page": page,
        "query": _query(chosen),
        "several": len(entities) > 1,
        "suggestions": open_suggestions_count(entities),
        "lonely": waiting(entities).count(),
    }
    return render(request, "payments/reconciliation/queue.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def work(request: HttpRequest, verdict_id: int) -> HttpResponse:
    """One problem: what the documents say, what can be done, what was done. With POST, a step."""
    entities, user = accountants_only(request), int(request.user.pk or 0)
    key = verdict_id if verdict_id <= BigIntegerField.MAX_BIGINT else 0
    card = work_card(entity_ids=entities, verdict_id=key, user_id=user)
    if card is None:
        raise Http404
    if card.row.verdict.closed_run_id and (again := said_again(card.row.verdict)):
        return redirect("admin:payments_reconciliation_work", again)
    if request.method == "POST":
        _step(request, card.row.verdict, user)
        back = request.POST.get("ricevuta", "")
        if back and back == str(card.row.receipt_id):
            return redirect("admin:payments_reconciliation_reconciledreceipt_change", card.row.receipt_id)
        return redirect("admin:payments_reconciliation_work", verdict_id)
    title = f"{card.row.label}: {card.row.name}"
    told = dossier(entity_ids=entities, receipt_id=card.row.receipt_id) if card.row.receipt_id else None
    context = {
        **admin.site.each_context(request),
        "title": title,
        "card": card,
        "dossier": told,
        "papers": None if told else papers(card.row.verdict),
    }
    return render(request, "payments/reconciliation/work.html", context)


@never_cache
@require_POST
def ask_receipt(request: HttpRequest, verdict_id: int) -> HttpResponse:
    """Ask pagoPA for the receipt of a line that has none, or that is a double one and waits for it."""
    entities = accountants_only(request)
    key = verdict_id if verdict_id <= BigIntegerField.MAX_BIGINT else 0
    rows = Verdict.objects.filter(pk=key, entity_id__in=entities, line__isnull=False).select_related("entity")
    verdict = rows.filter(code__in=WITHOUT_RECEIPT | DOUBLE).first()
    if verdict is None or verdict.line_id is None:
        raise Http404
    user = int(request.user.pk or 0)
    try:
        receipt_ask(entity=verdict.entity, line_id=verdict.line_id, user_id=user, actor=actor_of(request))
        messages.success(request, _("La ricevuta è stata chiesta a pagoPA: se c'è, arriva tra poco."))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("admin:payments_reconciliation_work", verdict.pk)


def _step(request: HttpRequest, verdict: Verdict, user: int) -> None:
    """Do what the button says; what cannot be done is told."""
    asked = request.POST.get("azione", "")
    form = WaitForm(request.POST)
    if asked not in set(WorkAction):
        messages.error(request, _("Scegli che cosa fare."))
    elif not form.is_valid():
        messages.error(request, _("Scrivi il giorno per intero, e un motivo di non più di 300 caratteri."))
    else:
        try:
            _act(request, WorkAction(asked), verdict, user, form)
            messages.success(request, DONE[WorkAction(asked)])
        except DomainError as error:
            messages.error(request, error.message)


def _act(request: HttpRequest, action: WorkAction, verdict: Verdict, user: int, form: WaitForm) -> WorkItem:
    entity, pk, actor = verdict.entity, verdict.pk, actor_of(request)
    reason = form.cleaned_data["motivo"]
    match action:
        case WorkAction.TAKE:
            return work_take(entity=entity, verdict_id=pk, user_id=user, actor=actor)
        case WorkAction.WAIT:
            due_on = form.cleaned_data["entro"]
            return work_wait(entity=entity, verdict_id=pk, user_id=user, reason=reason, due_on=due_on, actor=actor)
        case WorkAction.IGNORE:
            return work_ignore(entity=entity, verdict_id=pk, user_id=user, reason=reason, actor=actor)
        case WorkAction.REOPEN:
            return work_reopen(entity=entity, verdict_id=pk, user_id=user, actor=actor)


def _chosen(request: HttpRequest) -> Chosen:
    form = QueueForm(request.GET)
    if not form.is_valid():
        raise Http404
    data = form.cleaned_data
    return Chosen(
        owner=Owner(data["chi"]) if data["chi"] else None,
        code=Code(data["esito"]) if data["esito"] else None,
        mine=data["mie"],
        ignored=data["ignorate"],
    )


def _address(*, owner: Owner | None = None, code: Code | None = None) -> str:
    """The address of a choice."""
    return "?" + _query(Chosen(owner=owner or (CODES[code].owner if code else None), code=code)).rstrip("&")


def _query(chosen: Chosen) -> str:
    """The choice as the pages of its list carry it on."""
    said = {"chi": chosen.owner, "esito": chosen.code, "mie": chosen.mine and 1, "ignorate": chosen.ignored and 1}
    text = urlencode({name: str(value) for name, value in said.items() if value})
    return f"{text}&" if text else ""
