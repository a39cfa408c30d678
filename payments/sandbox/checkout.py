"""The checkout of the demonstration: POST /carts answers 302 to a page where one pays, gives up, or fails."""

import json
import secrets
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from payments.sandbox import counter
from portal.operations.sandbox.pages import page
from portal.operations.sandbox.store import Store, Value

COLLECTION = "carts"
RETURNS = {"annulla": "returnCancelUrl", "errore": "returnErrorUrl"}


@csrf_exempt
@require_POST
def carts(request: HttpRequest) -> HttpResponse:
    """Take a cart (checkout_v2) and answer where the citizen must go. 400 with a reason for a wrong one."""
    try:
        cart = json.loads(request.body)
        _check(cart)
    except (ValueError, KeyError, TypeError) as error:
        return JsonResponse({"title": "Invalid cart", "status": 400, "detail": str(error)[:200]}, status=400)
    key = secrets.token_hex(16)
    Store().put(COLLECTION, key, cart)
    return HttpResponseRedirect(f"{settings.SANDBOX_BASE_URL}/psp/checkout/c/{key}/")


@require_safe
def cart_page(request: HttpRequest, key: str) -> HttpResponse:
    """What is in the cart, and three ways out."""
    cart = _cart(key)
    total = sum(notice["amount"] for notice in cart["paymentNotices"])
    return page("payments/sandbox/cart.html", {"cart": cart, "total": total, "key": key})


@csrf_exempt
@require_POST
def leave(request: HttpRequest, key: str, way: str) -> HttpResponse:
    """Pay, give up or fail, then go back to the body's site."""
    cart = _cart(key)
    if way in RETURNS:
        return HttpResponseRedirect(cart["returnUrls"][RETURNS[way]])
    if way != "paga":
        raise Http404
    note = str(cart.get("idCart", ""))
    outcomes = [
        counter.pay(entity=notice["fiscalCode"], nav=notice["noticeNumber"], note=note)
        for notice in cart["paymentNotices"]
    ]
    if any(payment is None for _, payment in outcomes):
        return HttpResponseRedirect(cart["returnUrls"]["returnErrorUrl"])
    delivered = all(exchanges[-1].ok for exchanges, _ in outcomes)
    return HttpResponseRedirect(cart["returnUrls"]["returnOkUrl" if delivered else "returnWaitingUrl"])


def _cart(key: str) -> Value:
    cart = Store().get(COLLECTION, key)
    if cart is None:
        raise Http404
    return cart


def _check(cart: dict[str, Any]) -> None:
    """Raises ValueError or KeyError when the cart is not one of checkout_v2, or leads away from the portal."""
    notices = cart["paymentNotices"]
    if not 1 <= len(notices) <= 5:
        raise ValueError("paymentNotices: from 1 to 5")
    for notice in notices:
        number, entity = notice["noticeNumber"], notice["fiscalCode"]
        if not (number.isdigit() and len(number) == 18 and entity.isdigit() and len(entity) == 11):
            raise ValueError("noticeNumber or fiscalCode")
        if not (type(notice["amount"]) is int and notice["amount"] >= 1):
            raise ValueError("amount: whole cents")
        if not 1 <= len(notice["companyName"]) <= 140 or not 1 <= len(notice["description"]) <= 140:
            raise ValueError("companyName or description")
    urls = cart["returnUrls"]
    for name in ("returnOkUrl", "returnCancelUrl", "returnErrorUrl"):
        if urlsplit(urls[name]).scheme not in {"http", "https"}:
            raise ValueError(name)
    urls.setdefault("returnWaitingUrl", urls["returnOkUrl"])
