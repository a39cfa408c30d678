"""Logout at the test identity provider, both ways: it asks the portal, or the portal asks it. CIE only shows a page."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from lxml import etree

from portal import clock
from spid_auth.saml import backend, redirect
from spid_auth.saml import logout as saml_logout
from spid_auth.saml.response import Refused
from spid_auth.saml.xml import attribute, find, one, text
from spid_auth.sandbox import answers, requests, sessions
from spid_auth.sandbox.provider import Face
from spid_auth.sandbox.requests import RequestRefused, ServiceProviderMetadata
from spid_auth.sandbox.senders import metadata_of, sender_of
from spid_auth.sandbox.views import page, refused, send


@never_cache
@require_POST
def leave(request: HttpRequest, face: Face) -> HttpResponse:
    """Ask the service provider to end the session of the last person who consented."""
    last = answers.last_login(face) if face.logout_messages else None
    if last is None:
        reason = "Nessuno è ancora entrato da qui: non c'è una sessione da chiudere."
        return refused(face, reason, status=400)
    try:
        slo_url = metadata_of(last[0], face.scheme).slo_url
    except RequestRefused as error:
        return refused(face, str(error), status=400)
    xml, index = answers.logout_request(face, last[1], slo_url=slo_url, now=clock.now())
    sessions.close_session(face, index=index, name_id=text(one(last[1], "//saml:NameID")))
    return send(face, slo_url, "SAMLRequest", xml, "uscita")


@never_cache
@csrf_exempt
@require_http_methods(["GET", "POST"])
def slo(request: HttpRequest, face: Face) -> HttpResponse:
    """A message of logout of the service provider: its answer to our request, or a request of its own."""
    if not face.logout_messages:
        return page(face, "left_cie.html")
    said = request.POST if request.method == "POST" else request.GET
    field = "SAMLResponse" if "SAMLResponse" in said else "SAMLRequest"
    try:
        root, relay_state = _message(request, field)
        sender = sender_of(root, face.scheme)
    except RequestRefused as error:
        return refused(face, str(error), status=400)
    try:
        if request.method == "POST":
            requests.check_root_signature(root, sender)
        else:
            requests.check_query_signature(request.META.get("QUERY_STRING", ""), sender)
        return _told(face, root) if field == "SAMLResponse" else _asked(request, face, root, sender, relay_state)
    except (RequestRefused, Refused) as error:
        return refused(face, f"Il messaggio di uscita non è in regola: {error}", status=403)


def _message(request: HttpRequest, field: str) -> tuple[etree._Element, str]:
    if request.method == "POST":
        return requests.parse_post(request.POST.get(field, "")), request.POST.get("RelayState", "")
    return requests.parse_query(request.META.get("QUERY_STRING", ""), field)


def _told(face: Face, root: etree._Element) -> HttpResponse:
    """The service provider's answer."""
    code = attribute(one(root, "samlp:Status/samlp:StatusCode"), "Value").rpartition(":")[2]
    return page(face, "left.html", {"code": code})


def _asked(
    request: HttpRequest, face: Face, root: etree._Element, sender: ServiceProviderMetadata, relay_state: str
) -> HttpResponse:
    """End the session and answer by the binding of the question. Raises Refused."""
    now = clock.now()
    asked = saml_logout.read(root, issuer=sender.entity_id, slo_url=face.slo_url(), now=now)
    index = text(one(root, "samlp:SessionIndex"))
    xml = saml_logout.build_response(
        asked,
        sp_entity_id=face.entity_id(),
        destination=sender.slo_url,
        complete=sessions.close_session(face, index=index, name_id=asked.subject),
        keys=face.keys(),
        now=now,
    )
    if request.method == "POST":
        return send(face, sender.slo_url, "SAMLResponse", xml, relay_state)
    unsigned = backend.parse(xml)
    unsigned.remove(find(unsigned, "ds:Signature")[0])
    query = redirect.signed_query("SAMLResponse", etree.tostring(unsigned), relay_state, face.keys())
    return HttpResponseRedirect(f"{sender.slo_url}?{query}")
