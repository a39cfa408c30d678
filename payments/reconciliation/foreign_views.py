"""Pages of money that came outside pagoPA: transfers for foreign plates, and payments without their credit."""

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from payments.models import OutsidePayment
from payments.reconciliation.access import accountants_only
from payments.reconciliation.forms import ForeignForm, OutsideLinkForm
from payments.reconciliation.models import OutsideCredit, TreasuryMovement
from payments.reconciliation.selectors.foreign import foreign_transfers, recorded_transfers
from payments.reconciliation.selectors.without_credit import credit_named, without_credit
from payments.reconciliation.services.foreign import outside_from_credit, outside_link
from portal.audit.registers import actor_of
from portal.entities.models import Entity
from portal.kernel.errors import DomainError

SHOWN = 20
PAGE = "admin:payments_reconciliation_foreign"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def foreign(request: HttpRequest) -> HttpResponse:
    """Credits that name an act of a foreign plate: record the payment; somebody else confirms it."""
    entities = accountants_only(request)
    if request.method == "POST":
        return _link(request, entities) if "pagamento" in request.POST else _record(request, entities)
    context = {
        **admin.site.each_context(request),
        "title": _("Bonifici per verbali esteri"),
        "transfers": foreign_transfers(entities),
        "lonely": without_credit(entities),
        "recorded": recorded_transfers(entities)[:SHOWN],
    }
    return render(request, "payments/reconciliation/foreign.html", context)


def _record(request: HttpRequest, entities: list[int]) -> HttpResponse:
    form = ForeignForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Scrivi l'importo in euro con la virgola, per esempio 58,50."))
        return redirect(PAGE)
    movement = TreasuryMovement.objects.filter(entity_id__in=entities, pk=form.cleaned_data["movimento"]).first()
    if movement is None:
        raise Http404
    try:
        row = _recorded(request, movement, form)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(PAGE)
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


def _link(request: HttpRequest, entities: list[int]) -> HttpResponse:
    """A payment that was recorded without its credit meets it."""
    form = OutsideLinkForm(request.POST)
    if not form.is_valid():
        messages.error(
            request, _("Scegli un accredito, o scrivi il provvisorio come numero/anno, per esempio 12/2026.")
        )
        return redirect(PAGE)
    data = form.cleaned_data
    paid = OutsidePayment.objects.filter(entity_id__in=entities, pk=data["pagamento"]).select_related("entity").first()
    if paid is None:
        raise Http404
    chosen = credit_named(paid.entity_id, data["provvisorio"]) if data["provvisorio"] else data["accredito"] or 0
    if not chosen:
        messages.error(
            request, _("Nessun accredito ha quel numero: scrivi il provvisorio come numero/anno, per esempio 12/2026.")
        )
        return redirect(PAGE)
    user, actor = int(request.user.pk or 0), actor_of(request)
    try:
        outside_link(entity=paid.entity, outside_id=paid.pk, movement_id=chosen, user_id=user, actor=actor)
        messages.success(request, _("Il pagamento ha il suo accredito: quando è confermato, il mastro lo conta."))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect(PAGE)
