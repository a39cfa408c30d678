"""Paying without an avviso and without logging in: choose, write, read again, and the notice is there.

What was written travels signed in the page itself between one step and the next: nothing of it is in an address or in
a log, and two tabs do not mix. The token inside makes a page sent twice one payment.
"""

from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_scopes import scopes_disabled

from payments import visitor
from payments.domain.spontaneous import cents_of
from payments.models import Instalment, SpontaneousPayment
from payments.services.spontaneous import Channel, charge_words, spontaneous_open
from payments.spontaneous.forms import SpontaneousForm, prefilled
from payments.spontaneous.selectors import Offer, bodies, offer_of, offers
from portal import clock
from portal.audit.actor import Actor
from portal.billing.selectors import charges_of
from portal.billing.socket import Payer
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.people.acting import Acting
from portal.people.http import PortalRequest
from portal.site.limits import is_too_much, limited, too_many
from portal.words import told

SALT: Final = "payments.spontaneous"
GOOD_FOR: Final = timedelta(hours=1)
WINDOW_SECONDS: Final = 3600
MOST_OF_A_PAYER: Final = 10
VISITOR = Actor.system("pagamento spontaneo")


@require_safe
@never_cache
def choose(request: PortalRequest) -> HttpResponse:
    """What can be paid, of the body of the site or of another."""
    today = clock.today()
    found = bodies(on=today)
    body = _body_of(request.GET.get("ente", ""), found) or _body_of(_site(request), found) or next(iter(found), None)
    context = {
        "bodies": found,
        "body": body,
        "offers": offers(entity_id=body.pk, on=today) if body else [],
    }
    return render(request, "payments/spontaneous/choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters()
@limited("spontaneous-form", most=40, seconds=600, methods=("POST",))
def fill(request: PortalRequest, body: str, code: str) -> HttpResponse:
    """Write what is paid and who pays; then read it again before anything is made."""
    offer = _offer(body, code)
    if request.method != "POST":
        return _form(request, SpontaneousForm(offer=offer, initial=prefilled(request.acting, offer)))
    if "modifica" in request.POST:
        kept = _kept(request, offer)
        return (
            _again(request, offer)
            if kept is None
            else _form(request, SpontaneousForm(offer=offer, initial=kept["data"]))
        )
    form = SpontaneousForm(request.POST, offer=offer)
    if not form.is_valid():
        return _form(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _review(request, form, token=uuid4())


@require_POST
@never_cache
@sensitive_post_parameters()
@limited("spontaneous-make", most=10, seconds=600)
def make(request: PortalRequest, body: str, code: str) -> HttpResponse:
    """Make the notice of what was read again, and open it. Sent twice, it opens the one already made."""
    offer = _offer(body, code)
    kept = _kept(request, offer)
    if kept is None:
        return _again(request, offer)
    token = UUID(kept["token"])
    made = _made(offer, token)
    if made is not None:
        return _open(request, made)
    form = SpontaneousForm(kept["data"], offer=offer)
    if not form.is_valid():
        return _form(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    wanted = form.wanted()
    if cents_of(wanted.asked, offer.limits) != kept["cents"]:
        messages.warning(request, _("L'importo è cambiato mentre compilavi: rileggi i dati prima di continuare."))
        return _review(request, form, token=token)
    if is_too_much("spontaneous-payer", who=wanted.payer.fiscal_code, most=MOST_OF_A_PAYER, seconds=WINDOW_SECONDS):
        return too_many(request, seconds=WINDOW_SECONDS)
    acting, is_payer = request.acting, _is_payer(request.acting, wanted.payer)
    try:
        payment = spontaneous_open(
            service=offer.service,
            wanted=wanted,
            channel=Channel.WEB,
            actor=acting.actor if acting else VISITOR,
            token=token,
            is_payer=is_payer,
            mandate_id=acting.mandate.pk if acting and acting.mandate and is_payer else None,
        )
    except DomainError as error:
        form.add_error(None, told(error))
        return _form(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    ready = _("L'avviso è pronto: puoi pagarlo fino al %(day)s, subito on line oppure dove vuoi.")
    messages.success(request, ready % {"day": f"{payment.open_until:%d/%m/%Y}"})
    return _open(request, payment)


def _offer(body: str, code: str) -> Offer:
    """A service offered today; of another body, closed and unknown ones there is nothing to say apart."""
    entity = Entity.objects.filter(code=body.upper()).first()
    offer = offer_of(entity=entity, code=code, on=clock.today()) if entity else None
    if offer is None:
        raise Http404
    return offer


def _site(request: PortalRequest) -> str:
    return request.entity.code if request.entity else ""


def _body_of(code: str, found: list[Entity]) -> Entity | None:
    return next((body for body in found if body.code == code), None)


def _kept(request: PortalRequest, offer: Offer) -> dict[str, Any] | None:
    """What the page before kept, if it is ours, of this service and not too old."""
    try:
        kept: dict[str, Any] = signing.loads(request.POST.get("dati", ""), salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    return kept if kept["service"] == offer.service.pk else None


def _again(request: PortalRequest, offer: Offer) -> HttpResponse:
    messages.info(request, _("È passato troppo tempo: per sicurezza scrivi di nuovo i dati."))
    return redirect("payments:spontaneous_fill", body=offer.service.entity.code, code=offer.service.code)


def _made(offer: Offer, token: UUID) -> SpontaneousPayment | None:
    with scopes_disabled():
        return SpontaneousPayment.objects.filter(service=offer.service, token=token, charge__isnull=False).first()


def _is_payer(acting: Acting | None, payer: Payer) -> bool:
    """Whether the notice is made out to whoever is logged in, or to the company they act for."""
    if acting is None:
        return False
    if acting.company is not None:
        return (payer.kind, payer.fiscal_code) == ("G", acting.company.fiscal_code)
    return (payer.kind, payer.fiscal_code) == ("F", acting.person.fiscal_code)


def _open(request: PortalRequest, payment: SpontaneousPayment) -> HttpResponse:
    """The notice in the personal area of whoever is logged in and pays for themselves; else open in this browser."""
    with scopes_disabled():
        rows = Instalment.objects.filter(option__position__charge=payment.charge_id)
        key, uuid = rows.values_list("pk", "option__position__charge__uuid").order_by("pk")[0]
        mine = request.acting is not None and charges_of(request.acting).filter(uuid=uuid).exists()
    if mine:
        return redirect("payments:position", uuid=uuid)
    visitor.keep_open(request, instalment_id=key)
    return redirect("payments:visitor")


def _form(request: PortalRequest, form: SpontaneousForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    context = {"form": form, "offer": form.offer, "service": form.offer.service}
    return render(request, "payments/spontaneous/fill.html", context, status=status)


def _review(request: PortalRequest, form: SpontaneousForm, *, token: UUID) -> HttpResponse:
    offer, wanted = form.offer, form.wanted()
    cents = cents_of(wanted.asked, offer.limits)
    kept = {"service": offer.service.pk, "token": str(token), "data": form.raw, "cents": cents}
    context = {
        "offer": offer,
        "service": offer.service,
        "cents": cents,
        "wanted": wanted,
        "words": charge_words(offer, wanted),
        "answers": [(row.label, wanted.answers.get(row.seq, "")) for row in offer.questions],
        "until": offer.open_until(clock.today()),
        "kept": signing.dumps(kept, salt=SALT, compress=True),
    }
    return render(request, "payments/spontaneous/review.html", context)
