"""Single logout. What a provider asks arrives without cookies, like the login, and goes on with them.

When it is the person who leaves, our session is over before the provider hears of it (`farewell`).
"""

import base64
import logging
from urllib.parse import parse_qsl, urlencode

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from lxml import etree

from portal import clock
from portal.people.farewell import GoOn
from portal.site.limits import limited
from portal.site.policy import allow_form_to
from spid_auth import conf, events, register_seal, selectors, services
from spid_auth.domain.schemes import Scheme
from spid_auth.domain.transactions import Use
from spid_auth.keys import NotConfigured, key_pair, membership_named
from spid_auth.models import AuthnTransaction, IdentityProvider
from spid_auth.saml import backend, redirect
from spid_auth.saml import logout as saml_logout
from spid_auth.saml.response import Refused, decode
from spid_auth.views import LOGIN, MAX_BODY, declared_length, leave_for, problem_page

logger = logging.getLogger("spid_auth")

# The length the SAML bindings give to RelayState.
MAX_RELAY_STATE = 80


@csrf_exempt
@require_http_methods(["GET", "POST"])
@limited("logout-message", most=60, seconds=60)
def slo(request: HttpRequest) -> HttpResponse:
    """Verify a LogoutRequest, keep it beside the login it is about, go on in the person's session."""
    if declared_length(request) > MAX_BODY:
        return problem_page(request, "too-large")
    if "SAMLResponse" in (request.POST or request.GET):
        return _answered(request)
    try:
        xml, provider, relay_state = _by_post(request) if request.method == "POST" else _by_address(request)
        asked = saml_logout.read(
            backend.parse(xml), issuer=provider.issuer, slo_url=own_slo_url(provider), now=clock.now()
        )
        started = selectors.login_of_subject(provider, asked.subject)
        if started is None:
            raise Refused("logout", ("subject",))
        handle = services.response_keep(started=started, xml=xml, use=Use.LOGOUT)
    except (Refused, redirect.NotPacked, backend.NotXml) as error:
        logger.warning("logout request refused: %s", error)
        return problem_page(request, "logout")
    query = urlencode({"h": handle, "RelayState": relay_state[:MAX_RELAY_STATE]})
    return HttpResponseRedirect(f"{reverse('spid_auth:slo_finish')}?{query}", status=303)


@never_cache
@require_safe
def finish(request: HttpRequest) -> HttpResponse:
    """End the session of this browser if it is the one meant, and answer the provider."""
    try:
        message = services.ticket_use(handle=request.GET.get("h", ""), use=Use.LOGOUT)
        root = backend.parse(register_seal.opened(message))
        provider = message.transaction.idp
        asked = saml_logout.read(root, issuer=provider.issuer, slo_url=own_slo_url(provider), now=message.at)
    except (Refused, backend.NotXml) as error:
        logger.warning("logout not finished: %s", error)
        return problem_page(request, "logout")
    complete = _end(request, message.transaction)
    if not provider.slo_post_url:
        return HttpResponseRedirect("/")
    answer = saml_logout.build_response(
        asked,
        sp_entity_id=message.transaction.sp_entity_id,
        destination=provider.slo_post_url,
        complete=complete,
        keys=key_pair(membership_named(message.transaction.sp_entity_id)),
        now=clock.now(),
    )
    fields = [("SAMLResponse", base64.b64encode(answer).decode()), ("RelayState", request.GET.get("RelayState", ""))]
    context = {"action": provider.slo_post_url, "fields": fields, "provider_name": provider.name, "leaving": True}
    page = render(request, "spid_auth/leave.html", context)
    allow_form_to(page, provider.slo_post_url)
    return page


def farewell(request: HttpRequest) -> GoOn | None:
    """What follows the logout of who came in with a digital identity, read from the session while it is there."""
    started = selectors.login_in_session(request.session.get(LOGIN))
    if started is None:
        return None
    if started.scheme == Scheme.CIE and started.session_index and started.idp.slo_redirect_url:
        return lambda later: render(later, "spid_auth/left_cie.html", {"url": started.idp.slo_redirect_url})
    return lambda later: _tell_provider(later, started)


def _tell_provider(request: HttpRequest, started: AuthnTransaction) -> HttpResponse:
    """Our session is over: the provider's own follows, where it has one."""
    try:
        built = services.logout_start(started=started)
    except NotConfigured as error:
        logger.error("logout request not sent: %s", error)
        built = None
    return leave_for(request, built, started.idp.name, leaving=True) if built else HttpResponseRedirect("/")


def _answered(request: HttpRequest) -> HttpResponse:
    """The provider's answer to our LogoutRequest. We are out already, whatever it says."""
    try:
        xml, provider, _ = _by_post(request) if request.method == "POST" else _by_address(request)
        root, here = backend.parse(xml), own_slo_url(provider)
        request_id, complete = saml_logout.read_response(root, issuer=provider.issuer, slo_url=here, now=clock.now())
        if not services.logout_answered(provider=provider, request_id=request_id, xml=xml, complete=complete):
            raise Refused("logout", ("in-response-to",))
    except (Refused, redirect.NotPacked, backend.NotXml) as error:
        logger.warning("logout answer refused: %s", error)
        return problem_page(request, "logout")
    return HttpResponseRedirect(reverse("spid_auth:left") + ("" if complete else "?gestore=aperto"), status=303)


@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """The end of a logout that passed by the provider."""
    return render(request, "spid_auth/left.html", {"still_open": request.GET.get("gestore") == "aperto"})


def own_slo_url(provider: IdentityProvider) -> str:
    """Where a provider sends its requests of logout to us."""
    return conf.slo_url(Scheme(provider.scheme))


def _end(request: HttpRequest, started: AuthnTransaction) -> bool:
    """Whether nobody is left logged in here on that identity: a session of somebody else stays open."""
    ended = request.session.get(LOGIN) == started.pk
    if ended:
        logout(request)
    events.logout_requested(started, ended=ended)
    return ended or not request.user.is_authenticated


def _by_post(request: HttpRequest) -> tuple[bytes, IdentityProvider, str]:
    """A message of the HTTP-POST binding, signed inside. Raises Refused, NotXml."""
    xml = decode(request.POST.get("SAMLRequest") or request.POST.get("SAMLResponse", ""))
    root = backend.parse(xml)
    provider = _sender(root)
    if not any(backend.root_signed_by(root, certificate) for certificate in provider.info.certificates):
        raise Refused("logout", ("signature",))
    return xml, provider, request.POST.get("RelayState", "")


def _by_address(request: HttpRequest) -> tuple[bytes, IdentityProvider, str]:
    """A message of the HTTP-Redirect binding, signed outside. Raises Refused, NotPacked, NotXml."""
    query = request.META.get("QUERY_STRING", "")
    values = dict(parse_qsl(query, keep_blank_values=True))
    xml = redirect.inflated(values.get("SAMLRequest") or values.get("SAMLResponse", ""))
    provider = _sender(backend.parse(xml))
    if not any(redirect.query_signed_by(query, certificate) for certificate in provider.info.certificates):
        raise Refused("logout", ("signature",))
    return xml, provider, values.get("RelayState", "")


def _sender(root: etree._Element) -> IdentityProvider:
    provider = IdentityProvider.objects.filter(issuer=saml_logout.issuer_of(root), enabled=True).first()
    if provider is None:
        raise Refused("logout", ("issuer",))
    return provider
