"""Pages of the double payments that persons call so, and no document does."""

from django.contrib import admin, messages
from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from payments.domain.codes import grouped
from payments.domain.refunds import COMMITTED
from payments.models import Receipt, ReceiptCase, Refund
from payments.reconciliation.access import accountants_only
from payments.reconciliation.forms import DoubleForm
from payments.reconciliation.models import FlowLine, ReceiptRequest, Verdict
from payments.reconciliation.selectors.duplicates import live_mark, live_marks, possible_duplicates
from payments.reconciliation.selectors.work import WITHOUT_RECEIPT
from payments.reconciliation.services.duplicates import Paid, duplicate_deny, duplicate_mark, duplicate_unmark
from portal.audit.registers import actor_of
from portal.kernel.errors import DomainError

SHOWN = 20
MAX_KEY = BigIntegerField.MAX_BIGINT


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def doubles(request: HttpRequest) -> HttpResponse:
    """Payments that look like doubles, for a person to say; and those already called so."""
    entities = accountants_only(request)
    if request.method == "POST":
        form = DoubleForm(request.POST)
        receipt = _receipt(entities, form.cleaned_data["ricevuta"] or 0) if form.is_valid() else None
        return _said(request, form, receipt)
    context = {
        **admin.site.each_context(request),
        "title": _("Possibili pagamenti doppi"),
        "pairs": possible_duplicates(entities),
        "marks": live_marks(entities)[:SHOWN],
    }
    return render(request, "payments/reconciliation/doubles.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def double(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """One payment: say which other one it doubles, or take that back."""
    receipt = _receipt(accountants_only(request), receipt_id)
    if request.method == "POST":
        return _said(request, DoubleForm(request.POST), receipt)
    context = {
        **admin.site.each_context(request),
        "title": _("Pagamento doppio: avviso %(nav)s") % {"nav": grouped(receipt.nav)},
        "receipt": receipt,
        "mark": live_mark(receipt.entity_id, receipt.iuv, receipt.receipt_id),
        "case": ReceiptCase.objects.filter(receipt=receipt).only("pk").first(),
        "refund": Refund.objects.filter(case__receipt=receipt, state__in=COMMITTED).first(),
    }
    return render(request, "payments/reconciliation/double.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def double_line(request: HttpRequest, line_id: int) -> HttpResponse:
    """A payment that only a flow reports: the same, until its receipt comes; the refund waits for it."""
    entities = accountants_only(request)
    lines = FlowLine.objects.filter(entity_id__in=entities, pk=min(line_id, MAX_KEY), cents__gt=0)
    line = lines.select_related("entity", "flow").first()
    if line is None:
        raise Http404
    came = Receipt.objects.filter(entity=line.entity_id, iuv=line.iuv, receipt_id=line.iur, outcome="OK").order_by("pk")
    receipt_id = came.values_list("pk", flat=True).first()
    if receipt_id is not None:
        return redirect("admin:payments_reconciliation_double", receipt_id)
    if request.method == "POST":
        return _said(request, DoubleForm(request.POST), line)
    about = Verdict.objects.filter(line=line, closed_run=None, code__in=WITHOUT_RECEIPT)
    context = {
        **admin.site.each_context(request),
        "title": _("Pagamento doppio: IUV %(iuv)s") % {"iuv": line.iuv},
        "line": line,
        "mark": live_mark(line.entity_id, line.iuv, line.iur),
        "verdict": about.only("pk").first(),
        "asked": ReceiptRequest.objects.filter(line=line).first(),
    }
    return render(request, "payments/reconciliation/double.html", context)


def _said(request: HttpRequest, form: DoubleForm, paid: Receipt | FlowLine | None) -> HttpResponse:
    """What the button says; a payment called double goes on to its refund, if its receipt is here."""
    if paid is None or not form.is_valid():
        messages.error(request, _("Scrivi il numero del pagamento che vale e un motivo di non più di 300 caratteri."))
        return redirect(request.path)
    data, user, actor = form.cleaned_data, int(request.user.pk or 0), actor_of(request)
    known = {"entity": paid.entity, "reason": data["motivo"], "user_id": user, "actor": actor}
    pointed = Paid(receipt_id=paid.pk) if isinstance(paid, Receipt) else Paid(line_id=paid.pk)
    try:
        if data["azione"] == "no":
            duplicate_deny(payment=pointed, first=data["primo"], **known)
            messages.success(request, _("Annotato: non sono lo stesso debito, e non sarà proposto di nuovo."))
            return redirect("admin:payments_reconciliation_doubles")
        if data["azione"] == "annulla":
            duplicate_unmark(mark_id=_mark_of(paid), **known)
            messages.success(request, _("Non è più segnato doppio: gli esiti sono già aggiornati."))
            return redirect(_page(paid))
        duplicate_mark(payment=pointed, first=data["primo"], **known)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(request.path)
    return _marked(request, paid)


def _marked(request: HttpRequest, paid: Receipt | FlowLine) -> HttpResponse:
    """On to the refund; or back, to ask for the receipt that it needs."""
    case = ReceiptCase.objects.filter(receipt=paid).first() if isinstance(paid, Receipt) else None
    if case is None:
        messages.success(request, _("Segnato come doppio: il rimborso si chiede quando c'è la ricevuta."))
        return redirect(_page(paid))
    messages.success(request, _("Segnato come doppio: ora chiedi il rimborso."))
    return redirect("admin:payments_receiptcase_refund", case.pk)


def _page(paid: Receipt | FlowLine) -> str:
    name = "double" if isinstance(paid, Receipt) else "double_line"
    return reverse(f"admin:payments_reconciliation_{name}", args=[paid.pk])


def _receipt(entities: list[int], receipt_id: int) -> Receipt:
    rows = Receipt.objects.defer("raw").select_related("entity")
    found = rows.filter(entity_id__in=entities, pk=min(receipt_id, MAX_KEY), outcome="OK").first()
    if found is None:
        raise Http404
    return found


def _mark_of(paid: Receipt | FlowLine) -> int:
    iur = paid.receipt_id if isinstance(paid, Receipt) else paid.iur
    mark = live_mark(paid.entity_id, paid.iuv, iur)
    return mark.pk if mark else 0
