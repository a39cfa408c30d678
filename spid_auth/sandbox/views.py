"""Pages of the test identity provider: read the request, choose who one is, consent or misbehave.

Every view is given the face it plays by its address.
"""

import base64
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import clock
from portal.operations.sandbox import pages
from spid_auth.domain.schemes import Scheme
from spid_auth.sandbox import answers, requests, sessions
from spid_auth.sandbox.people import DemoPerson, countries, europeans, people, person, professionals
from spid_auth.sandbox.provider import Face
from spid_auth.sandbox.requests import ReadRequest, RequestRefused
from spid_auth.sandbox.senders import sender_of

SALT = "spid_auth.sandbox"
REQUEST_LIFE = 15 * 60
LEVELS = ("1", "2", "3")


@require_safe
def home(request: HttpRequest, face: Face) -> HttpResponse:
    """What this is, and who lives here."""
    return page(face, "home.html", {"people": _residents(face), "professionals": _professionals(face)})


@require_safe
def metadata(request: HttpRequest, face: Face) -> HttpResponse:
    """The metadata of this face."""
    return HttpResponse(face.metadata(), content_type="application/samlmetadata+xml")


@never_cache
@csrf_exempt
@require_http_methods(["GET", "POST"])
def sso(request: HttpRequest, face: Face) -> HttpResponse:
    """A login request arrives; when it is in order, the test people are offered."""
    try:
        read = _read(request, face)
    except RequestRefused as error:
        return refused(face, str(error), status=403)
    token = signing.dumps(asdict(read), salt=f"{SALT}.{face.prefix}", compress=True)
    if not read.force:
        # From another site the browser brings no cookie with a POST: whether there is a session is seen after a step.
        query = urlencode({"token": token})
        return HttpResponseRedirect(f"{reverse(f'{face.namespace}:resume')}?{query}", status=303)
    return _who(face, token, read)


@never_cache
@require_safe
def resume(request: HttpRequest, face: Face) -> HttpResponse:
    """Who already has a session here is not asked for credentials again, when the request allows it."""
    token = request.GET.get("token", "")
    read, inside = _read_back(face, token), sessions.who_is_in(face, request)
    if read is None:
        return _stale(face)
    if inside is None or read.force or not read.grants(1):
        return _who(face, token, read)
    return _consent(face, token, answers.Login(face, read, inside[1], 1), resumed=True)


@never_cache
@require_POST
def country(request: HttpRequest, face: Face) -> HttpResponse:
    """Who comes from a country: only the eIDAS node asks."""
    token, chosen = request.POST.get("token", ""), request.POST.get("country", "")
    read = _read_back(face, token)
    if read is None or chosen not in countries():
        return _stale(face)
    return _who(face, token, read, country_code=chosen)


@never_cache
@require_POST
def consent(request: HttpRequest, face: Face) -> HttpResponse:
    """Which data of the chosen person would leave, and the ways to answer."""
    login = _login(request, face)
    return _consent(face, request.POST["token"], login) if login else _stale(face)


@never_cache
@require_POST
def answer(request: HttpRequest, face: Face) -> HttpResponse:
    """Send the chosen answer to the service provider, by a form that leaves by itself."""
    login = _login(request, face)
    if login is None:
        return _stale(face)
    inside = sessions.who_is_in(face, request)
    index = inside[0] if inside and inside[1] == login.person else ""
    sent = answers.make(request.POST.get("choice", ""), login=login, session_index=index, now=clock.now())
    if sent is None:
        return _stale(face)
    response = send(face, login.request.acs_url, "SAMLResponse", sent.xml, login.request.relay_state)
    if sent.session_index:
        sessions.open_session(face, response, index=sent.session_index, name_id=sent.name_id, who=login.person)
    return response


def page(face: Face, name: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
    """A page of this face."""
    return pages.page(f"spid_auth/sandbox/{name}", {"face": face} | face_urls(face) | (context or {}), status=status)


def face_urls(face: Face) -> dict[str, str]:
    """The addresses of this face that its pages need."""
    names = ("metadata", "consent", "answer", "country", "leave")
    return {f"{name}_url": reverse(f"{face.namespace}:{name}") for name in names}


def refused(face: Face, reason: str, *, status: int) -> HttpResponse:
    """Why nothing goes on."""
    return page(face, "refused.html", {"reason": reason}, status=status)


def send(face: Face, action: str, field: str, xml: bytes, relay_state: str) -> HttpResponse:
    """A message that leaves by form."""
    fields = {field: base64.b64encode(xml).decode(), "RelayState": relay_state}
    return page(face, "answer.html", {"action": action, "fields": fields.items()})


def _read(request: HttpRequest, face: Face) -> ReadRequest:
    """The login request, of either binding. Raises RequestRefused."""
    here, now, demands = face.sso_url(), clock.now(), face.demands
    if request.method == "POST":
        posted, relay_state = request.POST.get("SAMLRequest", ""), request.POST.get("RelayState", "")
        sender = sender_of(requests.parse_post(posted), face.scheme)
        return requests.read_post(posted, relay_state, sender=sender, sso_url=here, now=now, demands=demands)
    query = request.META.get("QUERY_STRING", "")
    sender = sender_of(requests.parse_query(query)[0], face.scheme)
    return requests.read_redirect(query, sender=sender, sso_url=here, now=now, demands=demands)


def _who(face: Face, token: str, read: ReadRequest, *, country_code: str = "") -> HttpResponse:
    """Choose who one is; before that, at the eIDAS node, where one comes from."""
    context = {"token": token, "asked": read, "usual_level": answers.usual_level(read)}
    if face.scheme is Scheme.EIDAS and not country_code:
        return page(face, "countries.html", context | {"countries": countries().items()})
    residents = [one for one in _residents(face) if one.country == country_code]
    return page(face, "people.html", context | {"people": residents, "professionals": _professionals(face)})


def _consent(face: Face, token: str, login: answers.Login, *, resumed: bool = False) -> HttpResponse:
    context = {
        "login": login,
        "token": token,
        "sent": login.sent().items(),
        "resumed": resumed,
        "anomalies": answers.ANOMALIES.items(),
        "hostile": answers.offered_hostile(login.request).items(),
    }
    return page(face, "consent.html", context)


def _residents(face: Face) -> list[DemoPerson]:
    """Whom this face knows: the node, who comes from abroad; CIE, who has a codice fiscale."""
    if face.scheme is Scheme.EIDAS:
        return list(europeans())
    return [one for one in people() if one.fiscal_code or face.scheme is not Scheme.CIE]


def _professionals(face: Face) -> list[DemoPerson]:
    return list(professionals()) if face.scheme is Scheme.SPID else []


def _login(request: HttpRequest, face: Face) -> answers.Login | None:
    """The request of the page, who answers it and at which level; None when any of them is not one of ours."""
    read, who = _read_back(face, request.POST.get("token", "")), person(request.POST.get("person", ""))
    if read is None or who is None or who not in (*_residents(face), *_professionals(face)):
        return None
    chosen = request.POST.get("level", "")
    return answers.Login(face, read, who, int(chosen) if chosen in LEVELS else answers.usual_level(read))


def _read_back(face: Face, token: str) -> ReadRequest | None:
    """The request verified by `sso`, carried by the page and signed, so that nothing is kept here."""
    try:
        kept = signing.loads(token, salt=f"{SALT}.{face.prefix}", max_age=REQUEST_LIFE)
    except signing.BadSignature:
        return None
    return ReadRequest(**(kept | {"attributes": tuple(kept["attributes"])}))


def _stale(face: Face) -> HttpResponse:
    return refused(face, "La richiesta di accesso è scaduta: ricomincia dal portale.", status=400)
