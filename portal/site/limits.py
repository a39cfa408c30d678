"""How often one address may knock at the doors that cost us something. A brake, not a lock: without cache it opens."""

from collections.abc import Callable, Sequence
from functools import wraps
from hashlib import sha256
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from portal import clock

View = Callable[..., HttpResponseBase]


def client_address(request: HttpRequest) -> str:
    """Where a request comes from. Of X-Forwarded-For only what our own proxies wrote is believed (TRUSTED_PROXIES)."""
    written = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if 0 < settings.TRUSTED_PROXIES <= len(written):
        return str(written[-settings.TRUSTED_PROXIES])
    return str(request.META.get("REMOTE_ADDR", ""))


def household(address: str) -> str:
    """Who an address belongs to: of IPv6 a single client has 2^64 of them, so its network is taken (RFC 6177)."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or ip_network((int(found), 64), strict=False))


def is_too_much(name: str, *, who: str, most: int, seconds: int) -> bool:
    """Count one knock of `who` in the present window; whether it is one too many. Never, where RATE_LIMITS is off."""
    if not settings.RATE_LIMITS:
        return False
    window = int(clock.now().timestamp() // seconds)
    # The address is personal data: only its digest goes into the cache, for as long as the window.
    key = f"limit:{name}:{sha256(who.encode()).hexdigest()[:32]}:{window}"
    cache.add(key, 0, timeout=2 * seconds)
    try:
        return cache.incr(key) > most
    except ValueError:  # evicted between the two calls
        return False


def too_many(request: HttpRequest, *, seconds: int) -> HttpResponse:
    """The page that asks to wait (429)."""
    text = _("Troppi tentativi in poco tempo. Aspetta qualche minuto e riprova.")
    page = render(request, "portal/site/refused.html", {"message": text}, status=HTTPStatus.TOO_MANY_REQUESTS)
    page.headers["Retry-After"] = str(seconds)
    return page


def limited(name: str, *, most: int, seconds: int, methods: Sequence[str] = ("GET", "POST")) -> Callable[[View], View]:
    """At most `most` requests in `seconds` from one address; the others are told to wait (429)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            counted = ("GET" if request.method == "HEAD" else request.method) in methods
            if not counted or not is_too_much(name, who=household(client_address(request)), most=most, seconds=seconds):
                return view(request, *args, **kwargs)
            return too_many(request, seconds=seconds)

        return guarded

    return decorate
