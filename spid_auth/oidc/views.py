"""Pages of the login by OpenID Connect. The browser comes back by itself with a GET, and its session comes with it."""

import logging

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.kernel.errors import GatewayError
from portal.people.farewell import GoOn
from portal.site.limits import limited
from portal.site.policy import allow_form_to
from spid_auth import selectors
from spid_auth.domain.schemes import Scheme
from spid_auth.models import AuthnTransaction, IdentityProvider
from spid_auth.oidc import conf, services
from spid_auth.oidc.flow import verifier_of
from spid_auth.saml.response import Refused
from spid_auth.views import LOGIN, OPEN_REQUESTS, enter, problem_page, remember_request, wish_of

logger = logging.getLogger("spid_auth")

MAX_QUERY = 8 * 1024


@never_cache
@require_safe
@limited("login-start-arpa", most=30, seconds=60)
def start(request: HttpRequest) -> HttpResponse:
    """Send the person to the provider with a request that is remembered in their session."""
    try:
        idp = _provider()
        if idp is None:
            return problem_page(request, "unknown-idp")
        started, leaving = services.login_start(request, idp=idp, wish=wish_of(request))
    except conf.NotAgreed as error:
        logger.error("login by OpenID Connect not configured: %s", error)
        return problem_page(request, "unknown-idp")
    except GatewayError as error:
        logger.error("login by OpenID Connect not started: %s", error)
        return problem_page(request, "provider-down")
    remember_request(request, started)
    return leaving


@never_cache
@require_safe
@limited("login-answer", most=60, seconds=60)
def back(request: HttpRequest) -> HttpResponse:
    """The browser is back with a code, or with an error: judge it, and open the citizen's session."""
    started = None
    try:
        if len(request.META.get("QUERY_STRING", "")) > MAX_QUERY:
            raise Refused("too-large")
        started = _started(request)
        person, identity = services.login_finish(
            request,
            started=started,
            own_requests=request.session.get(OPEN_REQUESTS, []),
            verifier=verifier_of(request, started.relay_state),
        )
    except Refused as refusal:
        logger.warning("login refused: %s request=%s", refusal.code, started.code if started else "-")
        return problem_page(request, refusal.code, started)
    return enter(request, started, person, identity)


@never_cache
@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """The end of a logout that passed by the provider."""
    if not services.logout_answered(state=request.GET.get("state", "")):
        return HttpResponseRedirect("/")
    return render(request, "spid_auth/left.html", {"still_open": False})


def farewell(request: HttpRequest) -> GoOn | None:
    """What follows the logout of who came in this way: the provider ends its own session, where it has one."""
    started = selectors.login_in_session(request.session.get(LOGIN))
    if started is None or started.scheme != Scheme.ARPA:
        return None
    return lambda later: _tell_provider(later, started)


def _tell_provider(request: HttpRequest, started: AuthnTransaction) -> HttpResponse:
    """By a form, so that the token that says whose session it is stands in no address."""
    asked = services.logout_start(started=started)
    if asked is None:
        return HttpResponseRedirect("/")
    address, fields = asked
    context = {"action": address, "fields": fields, "provider_name": started.idp.name, "leaving": True}
    page = render(request, "spid_auth/leave.html", context)
    allow_form_to(page, address)
    return page


def _provider() -> IdentityProvider | None:
    """The registered and enabled provider of the agreement. Raises NotAgreed."""
    return IdentityProvider.objects.filter(scheme=Scheme.ARPA, enabled=True, issuer=conf.agreed().issuer).first()


def _started(request: HttpRequest) -> AuthnTransaction:
    """The request that this return is about. Raises Refused."""
    states = request.GET.getlist("state")
    started = selectors.transaction_of_relay(states[0]) if len(states) == 1 else None
    if started is None or started.scheme != Scheme.ARPA:
        raise Refused("unknown-relay")
    return started
