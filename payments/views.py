"""The citizen's side: the position, its papers, and the way to the checkout and back."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_scopes import scopes_disabled

from payments import conf
from payments.gateways.checkout import CartNotice, ReturnUrls, create_cart
from payments.sections import section_of
from payments.selectors import PositionPage, Slip, position_page
from payments.services.documents import notice_document, receipt_document
from portal import clock
from portal.billing.models import Charge
from portal.billing.selectors import charges_of
from portal.documents.downloads import file_response
from portal.documents.models import Document
from portal.kernel.errors import GatewayError
from portal.people.http import PortalRequest
from portal.site.policy import allow_form_to

OUTCOMES = {"ok", "annullato", "errore", "attesa"}


@require_safe
@never_cache
@login_required
def position(request: PortalRequest, uuid: UUID) -> HttpResponse:
    """Amount, due date, number, state, papers, and the button to pay."""
    return _page(request, _charge(request, uuid))


@require_safe
@never_cache
@login_required
def back(request: PortalRequest, uuid: UUID, outcome: str) -> HttpResponse:
    """Back from the checkout. It only reads: the receipt says whether somebody paid, not this address."""
    if outcome not in OUTCOMES:
        raise Http404
    return _page(request, _charge(request, uuid), outcome=outcome)


@require_POST
@login_required
def pay(request: PortalRequest, uuid: UUID) -> HttpResponse:
    """Open a cart and go there. The network call is outside any transaction."""
    charge = _charge(request, uuid)
    found = _found(charge)
    slip = found.slip_of(request.POST.get("avviso", "")) or found.slip
    if not slip.can_be_paid:
        return redirect("payments:position", uuid=uuid)
    try:
        location = create_cart(
            notices=[cart_notice(slip)],
            urls=_return_urls(charge),
            email=charge.payer_email,
            cart_id=str(charge.uuid),
        )
    except GatewayError:
        return _page(request, charge, outcome="irraggiungibile", status=502)
    return HttpResponseRedirect(location)


@require_safe
@login_required
def notice(request: PortalRequest, uuid: UUID) -> FileResponse:
    """The notice to print or to take along."""
    charge = _charge(request, uuid)
    found = _found(charge)
    if not found.has_notice:
        raise Http404
    return paper(notice_document(position_id=found.instalment.option.position_id, entity_id=charge.entity_id))


@require_safe
@login_required
def receipt(request: PortalRequest, uuid: UUID, nav: str = "") -> FileResponse:
    """The receipt of what was paid; of a plan, of the instalment with that number."""
    charge = _charge(request, uuid)
    found = _found(charge)
    slip = found.slip_of(nav) if nav else found.slip
    if slip is None:
        raise Http404
    return paper(receipt_document(instalment_id=slip.instalment.pk, entity_id=charge.entity_id))


def _charge(request: PortalRequest, uuid: UUID) -> Charge:
    """A charge of the person or of the company they act for; anybody else's does not exist."""
    if request.acting is None:
        raise Http404
    with scopes_disabled():  # a citizen has no scope: the selector has already filtered by person
        return get_object_or_404(charges_of(request.acting), uuid=uuid)


def _found(charge: Charge) -> PositionPage:
    found = position_page(charge, on=clock.today())
    if found is None:
        raise Http404
    return found


def _page(request: PortalRequest, charge: Charge, *, outcome: str = "", status: int = 200) -> HttpResponse:
    found = _found(charge)
    context = {
        "charge": charge,
        "page": found,
        "instalment": found.instalment,
        "position": found.instalment.option.position,
        "outcome": outcome,
        "section": section_of(found, on=clock.today()),
        "is_past": found.instalment.due_on is not None and found.instalment.due_on < clock.today(),
        "on_line": bool(conf.checkout_url()),
        "can_pay_on_line": found.can_be_paid and bool(conf.checkout_url()),
    }
    response = render(request, "payments/position.html", context, status=status)
    if context["can_pay_on_line"]:
        let_reach_the_checkout(response)
    return response


def let_reach_the_checkout(response: HttpResponse) -> None:
    """The form is ours, but the answer sends the browser to the checkout, and the policy follows redirects."""
    allow_form_to(response, conf.checkout_url())


def cart_notice(slip: Slip) -> CartNotice:
    """An instalment as the checkout wants it, with what it costs today."""
    instalment = slip.instalment
    return CartNotice(
        noticeNumber=instalment.nav,
        fiscalCode=instalment.creditor.entity.fiscal_code,
        amount=slip.cents,
        companyName=instalment.creditor.entity.name,
        description=instalment.option.position.description,
    )


def _return_urls(charge: Charge) -> ReturnUrls:
    ok, cancel, error, waiting = (
        settings.PORTAL_BASE_URL + reverse("payments:back", args=[charge.uuid, outcome])
        for outcome in ("ok", "annullato", "errore", "attesa")
    )
    return ReturnUrls(ok, cancel, error, waiting)


def paper(document: Document | None) -> FileResponse:
    """A document to download; there may be none."""
    if document is None:
        raise Http404
    return file_response(document.file)
