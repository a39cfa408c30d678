"""Paying without logging in: who holds a notice knows its number and the debtor's tax code."""

from http import HTTPStatus
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from payments import conf, visitor
from payments.domain.codes import CodeError, grouped, parse_typed
from payments.forms import FindNoticeForm
from payments.gateways.checkout import ReturnUrls, create_cart
from payments.sections import section_of
from payments.selectors import VisitorPage, notice_of_debtor, visitor_page
from payments.services.documents import notice_document, receipt_document
from payments.views import OUTCOMES, cart_notice, let_reach_the_checkout, paper
from portal import clock
from portal.kernel.errors import GatewayError
from portal.people.http import PortalRequest
from portal.site.limits import is_too_much, limited, too_many

WINDOW_SECONDS = 3600
MOST_OF_A_NUMBER = 10
MOST_OF_A_TAX_CODE = 30


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters()
@limited("notice-find", most=20, seconds=600, methods=("POST",))
def find(request: PortalRequest) -> HttpResponse:
    """Ask for number and tax code. A number that is not here and a wrong pair get the very same answer."""
    if request.method != "POST" and set(request.GET) - {"avviso"}:
        # Whatever else an address says, a tax code above all, does not stay in it.
        return redirect(f"{request.path}?{urlencode({'avviso': _number_of_the_qr(request)})}")
    if request.method != "POST":
        return _form(request, FindNoticeForm(initial={"avviso": _number_of_the_qr(request)}))
    form = FindNoticeForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    nav, code = form.cleaned_data["avviso"], form.cleaned_data["codice_fiscale"]
    if _knocks_too_much(nav, code):
        return too_many(request, seconds=WINDOW_SECONDS)
    instalment_id = notice_of_debtor(nav=nav, fiscal_code=code, entity=request.entity or None)
    if instalment_id is None:
        form.add_error(
            None, _("Non troviamo un avviso con questo codice e questo codice fiscale. Ricontrolla tutti e due.")
        )
        return _form(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    visitor.keep_open(request, instalment_id=instalment_id)
    return redirect("payments:visitor")


@require_safe
@never_cache
def position(request: PortalRequest) -> HttpResponse:
    """What is owed, until when, and how to pay it."""
    found = _found(request)
    return _page(request, found) if found else _again(request)


@require_safe
@never_cache
def back(request: PortalRequest, outcome: str) -> HttpResponse:
    """Back from the checkout. It only reads: the receipt says whether somebody paid, not this address."""
    if outcome not in OUTCOMES:
        raise Http404
    found = _found(request)
    return _page(request, found, outcome=outcome) if found else _again(request)


@require_POST
@limited("notice-pay", most=20, seconds=600)
def pay(request: PortalRequest) -> HttpResponse:
    """Open a cart and go there. The network call is outside any transaction."""
    found = _found(request)
    if found is None:
        return _again(request)
    slip = found.slip_of(request.POST.get("avviso", "")) or found.slip
    if not slip.can_be_paid:
        return redirect("payments:visitor")
    try:
        # The debtor's e-mail stays here: whoever pays tells the checkout their own.
        location = create_cart(
            notices=[cart_notice(slip)],
            urls=_return_urls(),
            email="",
            cart_id=str(found.instalment.option.position.charge.uuid),
        )
    except GatewayError:
        return _page(request, found, outcome="irraggiungibile", status=HTTPStatus.BAD_GATEWAY)
    return HttpResponseRedirect(location)


@require_safe
@never_cache
def notice(request: PortalRequest) -> FileResponse | HttpResponse:
    """The notice to print or to take along, as long as it can be paid."""
    found = _found(request)
    if found is None:
        return _again(request)
    if not found.can_be_paid or not found.has_notice:
        raise Http404
    row = found.instalment
    return paper(notice_document(position_id=row.option.position_id, entity_id=row.entity_id))


@require_safe
@never_cache
def receipt(request: PortalRequest) -> FileResponse | HttpResponse:
    """The receipt of what was paid."""
    found = _found(request)
    if found is None:
        return _again(request)
    row = found.instalment
    return paper(receipt_document(instalment_id=row.pk, entity_id=row.entity_id))


@require_POST
def close(request: PortalRequest) -> HttpResponse:
    """Look for another notice, or leave the computer to somebody else."""
    visitor.close(request)
    return redirect("payments:find")


def _number_of_the_qr(request: PortalRequest) -> str:
    """The number a code on paper brings along; anything else is not shown."""
    try:
        return grouped(parse_typed(request.GET.get("avviso", "")).nav)
    except CodeError:
        return ""


def _knocks_too_much(nav: str, code: str) -> bool:
    """Numbers run in sequence: besides the address, each number and each tax code is tried a few times in an hour."""
    number = is_too_much("notice-number", who=nav, most=MOST_OF_A_NUMBER, seconds=WINDOW_SECONDS)
    debtor = is_too_much("notice-debtor", who=code, most=MOST_OF_A_TAX_CODE, seconds=WINDOW_SECONDS)
    return number or debtor


def _found(request: PortalRequest) -> VisitorPage | None:
    instalment_id = visitor.opened(request)
    return None if instalment_id is None else visitor_page(instalment_id, on=clock.today())


def _again(request: PortalRequest) -> HttpResponse:
    visitor.close(request)
    messages.info(
        request, _("Per sicurezza l'avviso resta aperto mezz'ora: scrivi di nuovo i due codici per vedere com'è ora.")
    )
    return redirect("payments:find")


def _form(request: PortalRequest, form: FindNoticeForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    return render(request, "payments/visitor_find.html", {"form": form}, status=status)


def _page(
    request: PortalRequest, found: VisitorPage, *, outcome: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    on_line = (found.can_be_paid or found.another is not None) and bool(conf.checkout_url())
    context = {
        "page": found,
        "instalment": found.instalment,
        "position": found.instalment.option.position,
        "creditor": found.instalment.creditor,
        "body": found.instalment.creditor.entity,
        "outcome": outcome,
        "section": section_of(found, on=clock.today()),
        "can_pay_on_line": on_line and found.can_be_paid,
        "on_line": on_line,
    }
    response = render(request, "payments/visitor_notice.html", context, status=status)
    if on_line:
        let_reach_the_checkout(response)
    return response


def _return_urls() -> ReturnUrls:
    ok, cancel, error, waiting = (
        settings.PORTAL_BASE_URL + reverse("payments:visitor_back", args=[outcome])
        for outcome in ("ok", "annullato", "errore", "attesa")
    )
    return ReturnUrls(ok, cancel, error, waiting)
