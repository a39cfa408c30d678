"""Pages of the login. The answer of the identity provider arrives in two steps.

The POST of the identity provider comes from another site, so the browser sends no session cookie with it
(SameSite=Lax). `acs` therefore keeps the answer as it is and sends the browser, with a one-use handle, to `finish`:
a same-site GET that runs in the person's own session and checks that the request left from there.
"""

import logging
import re
from urllib.parse import urlencode, urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from portal.people.identity import VerifiedIdentity
from portal.people.models import Person
from portal.people.session import MANDATE_KEY, identity_level, open_citizen_session
from portal.site.limits import limited
from portal.site.policy import allow_form_to
from spid_auth import alerts, conf, selectors, services
from spid_auth.domain.schemes import PROFILES, Purpose, Scheme
from spid_auth.errors import problem
from spid_auth.keys import (
    NotConfigured,
    key_pair,
    membership,
    membership_named,
    published_certificates,
    service_provider,
)
from spid_auth.marks import official_marks
from spid_auth.models import AuthnTransaction, ServiceProviderEntity
from spid_auth.saml import metadata as saml_metadata
from spid_auth.saml.names import BINDING_POST, BINDING_REDIRECT
from spid_auth.saml.request import SignedRequest
from spid_auth.saml.response import MAX_POSTED, Refused, decode

logger = logging.getLogger("spid_auth")

OPEN_REQUESTS = "spid_requests"
LOGIN = "spid_login"
MAX_OPEN_REQUESTS = 5
# The posted form holds the message, percent-encoded at worst, and a short RelayState.
MAX_BODY = 3 * MAX_POSTED
HOME = "/area/"
_BODY = re.compile(r"[A-Z]{2,8}")


@never_cache
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Where a citizen chooses how to log in. Who is already in at the right level goes on."""
    next_path, level = _next_path(request), _level(request)
    if request.user.is_authenticated and request.user.is_staff:
        return problem_page(request, "not-a-citizen")
    if request.user.is_authenticated and identity_level(request) >= level:
        return HttpResponseRedirect(next_path)
    row = _membership(request)
    kept = {"next": next_path, "livello": str(level)} | ({"ente": _body(request)} if row and _body(request) else {})
    context = {
        "providers": selectors.offered(row),
        "body": row.body if row and _body(request) else None,
        "onward": urlencode(kept),
        "level": level,
        "level_now": identity_level(request) if request.user.is_authenticated else 0,
        "marks": official_marks(),
    }
    return render(request, "spid_auth/choose.html", context)


def _membership(request: HttpRequest) -> ServiceProviderEntity | None:
    """How the body that asks for the login takes part; None when it does not, or there is none."""
    try:
        return membership(_body(request))
    except NotConfigured:
        return None


@never_cache
@require_safe
@limited("login-start", most=30, seconds=60)
def start(request: HttpRequest) -> HttpResponse:
    """Send the person to the identity provider with a signed request, remembered in their session."""
    provider = selectors.enabled_provider(request.GET.get("idp", ""))
    if provider is not None and provider.scheme == Scheme.ARPA:
        return HttpResponseRedirect(f"{reverse('spid_auth:arpa_start')}?{request.GET.urlencode()}")
    if provider is None or provider.scheme not in PROFILES:
        return problem_page(request, "unknown-idp")
    row = _membership(request)
    if row and not selectors.takes_part(row, Scheme(provider.scheme)):
        return problem_page(request, "unknown-idp")
    try:
        started, built = services.login_start(idp=provider, wish=wish_of(request))
    except NotConfigured as error:
        logger.error("login not configured: %s", error)
        alerts.not_configured(error.message)
        return problem_page(request, "not-configured")
    remember_request(request, started)
    return leave_for(request, built, provider.name)


def remember_request(request: HttpRequest, started: AuthnTransaction) -> None:
    """The answer will only be good in this session. A person may have a few tabs open, not hundreds."""
    kept = [*request.session.get(OPEN_REQUESTS, []), started.request_id]
    request.session[OPEN_REQUESTS] = kept[-MAX_OPEN_REQUESTS:]


@csrf_exempt
@require_POST
@limited("login-answer", most=60, seconds=60)
def acs(request: HttpRequest) -> HttpResponse:
    """Keep the answer of an identity provider, without judging it, and go on in the person's session."""
    if declared_length(request) > MAX_BODY:
        return problem_page(request, "too-large")
    posted, relay_state = request.POST.get("SAMLResponse", ""), request.POST.get("RelayState", "")
    if not posted:
        return problem_page(request, "no-response")
    started = None
    try:
        xml = decode(posted)
        started = selectors.transaction_of_relay(relay_state)
        if started is None or started.scheme not in PROFILES:
            started = None
            raise Refused("unknown-relay")
        handle = services.response_keep(started=started, xml=xml)
    except Refused as refusal:
        logger.warning("answer not kept: %s", refusal.code)
        return problem_page(request, refusal.code, started)
    return HttpResponseRedirect(f"{reverse('spid_auth:finish')}?{urlencode({'h': handle})}", status=303)


@never_cache
@require_safe
def finish(request: HttpRequest) -> HttpResponse:
    """Judge the kept answer in the session that asked for it, and open the citizen's session."""
    started = None
    try:
        message = services.ticket_use(handle=request.GET.get("h", ""))
        started = message.transaction
        own_requests = request.session.get(OPEN_REQUESTS, [])
        person, identity = services.login_finish(message=message, own_requests=own_requests)
    except Refused as refusal:
        logger.warning("login refused: %s request=%s", refusal.code, started.code if started else "-")
        return problem_page(request, refusal.code, started)
    return enter(request, started, person, identity)


def enter(
    request: HttpRequest, started: AuthnTransaction, person: Person, identity: VerifiedIdentity
) -> HttpResponseRedirect:
    """Open the citizen's session and go where they were going. Who came back stronger goes on acting as before."""
    mandate = request.session.get(MANDATE_KEY) if started.step_up_of_id else None
    request.session.pop(OPEN_REQUESTS, None)
    open_citizen_session(request, person=person, identity=identity)
    request.session[LOGIN] = started.pk
    next_path = _safe(started.next_path)
    if started.step_up_of_id:
        request.session[MANDATE_KEY] = mandate
        return HttpResponseRedirect(next_path)
    return HttpResponseRedirect(conf.welcome_url(next_path))


@require_safe
def metadata(request: HttpRequest, scheme: Scheme = Scheme.SPID, code: str = "", activity: str = "") -> HttpResponse:
    """The signed metadata that the federations and the identity providers read, at the body's own address only."""
    try:
        row = membership(code)
        provider = service_provider(scheme, of=row)
        if request.path != urlsplit(provider.entity_id).path or (scheme is Scheme.CIE and not row.with_cie):
            raise Http404
        document = saml_metadata.build(provider, key_pair(row), published_certificates(row))
    except NotConfigured as error:
        if code:
            raise Http404 from error
        logger.error("metadata not configured: %s", error)
        return problem_page(request, "not-configured")
    return HttpResponse(document, content_type="application/samlmetadata+xml")


def leave_for(request: HttpRequest, built: SignedRequest, provider_name: str, *, leaving: bool = False) -> HttpResponse:
    """By address, or by a form that leaves by itself (and has a button for who has no JavaScript)."""
    if built.location:
        return HttpResponseRedirect(built.location)
    fields = {"fields": built.fields, "leaving": leaving}
    context = {"action": built.destination, "provider_name": provider_name} | fields
    response = render(request, "spid_auth/leave.html", context)
    allow_form_to(response, built.destination)
    return response


def problem_page(request: HttpRequest, code: str, started: AuthnTransaction | None = None) -> HttpResponse:
    """What happened, what to do, how to try again, whom to ask. Nothing of the message is shown."""
    shown = problem(code)
    context = {
        "problem": shown,
        "code": started.code if started else "",
        "retry": f"{reverse('spid_auth:choose')}?{urlencode(_again(started) if started else {'next': HOME})}",
    }
    return render(request, "spid_auth/problem.html", context, status=shown.status)


def _again(started: AuthnTransaction) -> dict[str, str]:
    """What the page of choice needs to ask the same once more: where to, at which level, for which body."""
    asked = {"next": _safe(started.next_path), "livello": str(started.level)}
    try:
        body = membership_named(started.sp_entity_id).body
    except NotConfigured:
        return asked
    return asked if body.is_default else asked | {"ente": body.code}


def _safe(path: str) -> str:
    """A path inside this portal, the personal area instead of anything else."""
    inside = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if inside and len(path) <= 500 and path.isprintable() else HOME


def _next_path(request: HttpRequest) -> str:
    return _safe(request.GET.get("next", HOME))


def wish_of(request: HttpRequest) -> services.LoginWish:
    """What the address of a button asks of the login."""
    asked = request.GET.get("uso", "")
    return services.LoginWish(
        level=_level(request),
        next_path=_next_path(request),
        purpose=Purpose(asked) if asked in set(Purpose) else None,
        binding=BINDING_REDIRECT if request.GET.get("binding") == "redirect" else BINDING_POST,
        body=_body(request),
        again=selectors.identity_in_session(request.session.get(LOGIN)) if identity_level(request) else None,
    )


def _body(request: HttpRequest) -> str:
    """The code of the body whose service asks for the login; empty for the default one, and for what is no code."""
    code = request.GET.get("ente", "").upper()
    return code if _BODY.fullmatch(code) else ""


def _level(request: HttpRequest) -> int:
    """The level asked for: never under the portal's own."""
    asked = request.GET.get("livello", "")
    return max(conf.default_level(), int(asked) if asked in {"1", "2", "3"} else 0)


def declared_length(request: HttpRequest) -> int:
    declared = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(declared) if declared.isascii() and declared.isdigit() else 0
