"""Pages of the test identity provider: read the request, choose who one is, consent or misbehave."""

import base64
from dataclasses import asdict
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import clock
from portal.operations.sandbox.pages import page
from spid_auth.keys import NotConfigured, key_pair, service_provider
from spid_auth.saml import backend, redirect
from spid_auth.saml import metadata as saml_metadata
from spid_auth.saml.xml import attribute, one
from spid_auth.sandbox import answers, provider
from spid_auth.sandbox.people import people, person
from spid_auth.sandbox.requests import ReadRequest, RequestRefused, read_metadata, read_post, read_redirect

SALT = "spid_auth.sandbox"
REQUEST_LIFE = 15 * 60


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and who lives here."""
    return page("spid_auth/sandbox/home.html", {"people": people(), "name": provider.NAME})


@require_safe
def metadata(request: HttpRequest) -> HttpResponse:
    """The metadata of the test identity provider."""
    return HttpResponse(provider.metadata(), content_type="application/samlmetadata+xml")


@never_cache
@csrf_exempt
@require_http_methods(["GET", "POST"])
def sso(request: HttpRequest) -> HttpResponse:
    """A login request arrives; when it is in order, the test people are offered."""
    try:
        sender = read_metadata(saml_metadata.build(service_provider(), key_pair()))
        sso_url, now = provider.sso_url(), clock.now()
        if request.method == "POST":
            posted, relay_state = request.POST.get("SAMLRequest", ""), request.POST.get("RelayState", "")
            read = read_post(posted, relay_state, sender=sender, sso_url=sso_url, now=now)
        else:
            read = read_redirect(request.META.get("QUERY_STRING", ""), sender=sender, sso_url=sso_url, now=now)
    except (RequestRefused, NotConfigured) as error:
        return page("spid_auth/sandbox/refused.html", {"reason": str(error)}, status=403)
    context = {"people": people(), "token": signing.dumps(asdict(read), salt=SALT, compress=True), "level": read.level}
    return page("spid_auth/sandbox/people.html", context)


@never_cache
@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """Which data of the chosen person would leave, and the ways to answer."""
    read, chosen = _read_back(request), person(request.POST.get("person", ""))
    if read is None or chosen is None:
        return _stale()
    context: dict[str, Any] = {
        "person": chosen,
        "token": request.POST["token"],
        "sent": [(name, value) for name, value in chosen.attributes().items() if name in read.attributes],
        "too_low": chosen.level < read.level,
        "anomalies": answers.ANOMALIES.items(),
        "hostile": [(key, label) for key, (label, _make) in answers.HOSTILE.items()],
    }
    return page("spid_auth/sandbox/consent.html", context)


@never_cache
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Send the chosen answer to the service provider, by a form that leaves by itself."""
    read, chosen = _read_back(request), person(request.POST.get("person", ""))
    if read is None or chosen is None:
        return _stale()
    response = answers.make(request.POST.get("choice", ""), request=read, person=chosen, now=clock.now())
    if response is None:
        return _stale()
    fields = {"SAMLResponse": base64.b64encode(response).decode(), "RelayState": read.relay_state}
    return page("spid_auth/sandbox/answer.html", {"action": read.acs_url, "fields": fields.items()})


@never_cache
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Ask the service provider to end the session of the last person who consented."""
    slo_url = service_provider().slo_url
    asked = answers.logout_request(slo_url, now=clock.now())
    if asked is None:
        reason = "Nessuno è ancora entrato da qui: non c'è una sessione da chiudere."
        return page("spid_auth/sandbox/refused.html", {"reason": reason}, status=400)
    fields = {"SAMLRequest": base64.b64encode(asked).decode(), "RelayState": "uscita"}
    return page("spid_auth/sandbox/answer.html", {"action": slo_url, "fields": fields.items()})


@never_cache
@csrf_exempt
@require_POST
def slo(request: HttpRequest) -> HttpResponse:
    """The service provider's answer to a request of logout."""
    try:
        root = backend.parse(redirect.unpacked(request.POST.get("SAMLResponse", "")))
    except (redirect.NotPacked, backend.NotXml):
        return page("spid_auth/sandbox/refused.html", {"reason": "La risposta non è leggibile."}, status=400)
    good = backend.root_signed_by(root, key_pair().certificate)
    code = attribute(one(root, "samlp:Status/samlp:StatusCode"), "Value").rpartition(":")[2]
    return page("spid_auth/sandbox/left.html", {"good": good, "code": code}, status=200 if good else 403)


def _read_back(request: HttpRequest) -> ReadRequest | None:
    """The request verified by `sso`, carried by the page and signed, so that nothing is kept here."""
    try:
        kept = signing.loads(request.POST.get("token", ""), salt=SALT, max_age=REQUEST_LIFE)
    except signing.BadSignature:
        return None
    return ReadRequest(**(kept | {"attributes": tuple(kept["attributes"])}))


def _stale() -> HttpResponse:
    reason = "La richiesta di accesso è scaduta: ricomincia dal portale."
    return page("spid_auth/sandbox/refused.html", {"reason": reason}, status=400)
