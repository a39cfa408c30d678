"""Pages of what persons say and no document does: double payments, transfers for fines of foreign plates."""

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from payments.models import Receipt, ReceiptCase
from payments.reconciliation.access import accountants_only
from payments.reconciliation.forms import DoubleForm, ForeignForm
from payments.reconciliation.models import DuplicateMark, OutsideCredit, TreasuryMovement
from payments.reconciliation.selectors.duplicates import live_mark, possible_duplicates
from payments.reconciliation.selectors.foreign import foreign_transfers, recorded_transfers
from payments.reconciliation.services.duplicates import duplicate_deny, duplicate_mark, duplicate_unmark
from payments.reconciliation.services.foreign import outside_from_credit
from portal.audit.registers import actor_of
from portal.entities.models import Entity
from portal.kernel.errors import DomainError

SHOWN = 20


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def doubles(request: HttpRequest) -> HttpResponse:
    """Payments that look like doubles, for a person to say; and those already called so."""
    entities = accountants_only(request)
    if request.method == "POST":
        return _said(request, entities)
    marks = DuplicateMark.objects.filter(entity_id__in=entities, live=True).select_related("made_by", "receipt")
    context = {
        **admin.site.each_context(request),
        "title": _("Possibili pagamenti doppi"),
        "pairs": possible_duplicates(entities),
        "marks": marks.defer("receipt__raw")[:SHOWN],
    }
    return render(request, "payments/reconciliation/doubles.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def double(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """One payment: say which other one it doubles, or take that back."""
    entities = accountants_only(request)
    receipt = _receipt(entities, receipt_id)
    if request.method == "POST":
        return _said(request, entities)
    context = {
        **admin.site.each_context(request),
        "title": _("Pagamento doppio: avviso %(nav)s") % {"nav": receipt.nav},
        "receipt": receipt,
        "mark": live_mark(receipt.pk),
        "case": ReceiptCase.objects.filter(receipt=receipt).only("pk").first(),
    }
    return render(request, "payments/reconciliation/double.html", context)


def _said(request: HttpRequest, entities: list[int]) -> HttpResponse:
    """What the button says; a payment called double goes on to its refund."""
    form = DoubleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Scrivi il numero del pagamento che vale e un motivo di non più di 300 caratteri."))
        return redirect(request.path)
    data = form.cleaned_data
    receipt = _receipt(entities, data["ricevuta"])
    entity, user, actor = receipt.entity, int(request.user.pk or 0), actor_of(request)
    said = {"first": data["primo"], "reason": data["motivo"], "user_id": user, "actor": actor}
    try:
        if data["azione"] == "no":
            duplicate_deny(entity=entity, receipt_id=receipt.pk, **said)
            messages.success(request, _("Annotato: non sono lo stesso debito, e non sarà proposto di nuovo."))
            return redirect("admin:payments_reconciliation_doubles")
        if data["azione"] == "annulla":
            duplicate_unmark(entity=entity, mark_id=_mark_of(receipt), reason=data["motivo"], user_id=user, actor=actor)
            messages.success(request, _("Non è più segnato doppio: gli esiti sono già aggiornati."))
            return redirect("admin:payments_reconciliation_double", receipt.pk)
        duplicate_mark(entity=entity, receipt_id=receipt.pk, **said)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(request.path)
    messages.success(request, _("Segnato come doppio: ora chiedi il rimborso."))
    case = ReceiptCase.objects.filter(receipt=receipt).first()
    if case is None:
        return redirect("admin:payments_reconciliation_double", receipt.pk)
    return redirect("admin:payments_receiptcase_refund", case.pk)


def _receipt(entities: list[int], receipt_id: int) -> Receipt:
    rows = Receipt.objects.defer("raw").select_related("entity")
    found = rows.filter(entity_id__in=entities, pk=receipt_id, outcome="OK").first()
    if found is None:
        raise Http404
    return found


def _mark_of(receipt: Receipt) -> int:
    mark = live_mark(receipt.pk)
    return mark.pk if mark else 0


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def foreign(request: HttpRequest) -> HttpResponse:
    """Credits that name an act of a foreign plate: record the payment; somebody else confirms it."""
    entities = accountants_only(request)
    if request.method == "POST":
        return _record(request, entities)
    context = {
        **admin.site.each_context(request),
        "title": _("Bonifici per verbali esteri"),
        "transfers": foreign_transfers(entities),
        "recorded": recorded_transfers(entities)[:SHOWN],
    }
    return render(request, "payments/reconciliation/foreign.html", context)


def _record(request: HttpRequest, entities: list[int]) -> HttpResponse:
    form = ForeignForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Scrivi l'importo in euro con la virgola, per esempio 58,50."))
        return redirect("admin:payments_reconciliation_foreign")
    movement = TreasuryMovement.objects.filter(entity_id__in=entities, pk=form.cleaned_data["movimento"]).first()
    if movement is None:
        raise Http404
    try:
        row = _recorded(request, movement, form)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("admin:payments_reconciliation_foreign")
    messages.success(request, _("Il pagamento è registrato: ora un'altra persona lo deve confermare."))
    return redirect("admin:payments_outsidepayment_change", row.outside_id)


def _recorded(request: HttpRequest, movement: TreasuryMovement, form: ForeignForm) -> OutsideCredit:
    return outside_from_credit(
        entity=Entity.objects.get(pk=movement.entity_id),
        movement_id=movement.pk,
        fine_id=form.cleaned_data["verbale"],
        cents=form.cleaned_data["cents"],
        user_id=int(request.user.pk or 0),
        actor=actor_of(request),
    )
