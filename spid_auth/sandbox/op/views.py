"""The test OpenID Connect provider: its endpoints, and the pages where one chooses who one is and how to answer."""

import base64
import binascii
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.operations.sandbox.pages import page
from spid_auth.oidc import conf, jose
from spid_auth.sandbox.op import agreement, answers, keys
from spid_auth.sandbox.op.requests import Grant, RequestRefused, code_for, grant_of, read, redeem, spent_code
from spid_auth.sandbox.people import DemoPerson, people, person, professionals

SALT = "spid_auth.sandbox.op"
REQUEST_LIFE = 15 * 60


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and who lives here."""
    return page("spid_auth/sandbox/op_home.html", {"people": _everybody(), "name": agreement.NAME})


@require_safe
def discovery(request: HttpRequest) -> JsonResponse:
    """The description of the provider (OpenID Connect Discovery 1.0)."""
    issuer = agreement.issuer()
    endpoints = ("authorization", "token", "userinfo", "end_session")
    paths = {"authorization": "authorize"}
    return JsonResponse(
        {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": agreement.SCOPES,
            "acr_values_supported": list(agreement.ACR.values()),
            "token_endpoint_auth_methods_supported": list(conf.TOKEN_AUTH),
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        | {f"{name}_endpoint": f"{issuer}/{paths.get(name, name)}" for name in endpoints}
    )


@require_safe
def jwks(request: HttpRequest) -> JsonResponse:
    """The published key."""
    return JsonResponse(keys.key_set())


@never_cache
@require_safe
def authorize(request: HttpRequest) -> HttpResponse:
    """A login request arrives; when it is in order, the test people are offered."""
    try:
        asked = read(request.GET)
    except RequestRefused as error:
        return _refused(str(error))
    context = {"people": _everybody(), "token": signing.dumps(asdict(asked), salt=SALT, compress=True), "asked": asked}
    return page("spid_auth/sandbox/op_people.html", context)


@never_cache
@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """Which data of the chosen person would leave, and the ways to answer."""
    asked, chosen = _read_back(request), person(request.POST.get("person", ""))
    if asked is None or chosen is None:
        return _stale()
    context: dict[str, Any] = {
        "person": chosen,
        "token": request.POST["token"],
        "sent": answers.claims_of(chosen).items(),
        "too_low": chosen.level < asked.level,
        "errors": answers.ERRORS.items(),
        "hostile": [(key, misdeed.label) for key, misdeed in answers.HOSTILE.items()],
    }
    return page("spid_auth/sandbox/op_consent.html", context)


@never_cache
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Send the browser back to the portal, with a code or with an error."""
    asked, chosen, choice = _read_back(request), person(request.POST.get("person", "")), request.POST.get("choice", "")
    known = {answers.CONSENT, *answers.ERRORS, *answers.HOSTILE}
    if asked is None or chosen is None or choice not in known:
        return _stale()
    back = {"state": asked.state, "iss": agreement.issuer()}
    if choice in answers.ERRORS:
        back["error"] = choice
    else:
        granted = replace(asked, person=chosen.key, choice=choice, granted_level=min(chosen.level, asked.level))
        back["code"] = spent_code(granted) if choice == "code" else code_for(granted)
    if choice == "state":
        del back["state"]
    return HttpResponseRedirect(f"{asked.redirect_uri}?{urlencode(back)}")


@never_cache
@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """A code becomes tokens: for our client, once, for who holds the secret of PKCE."""
    if not _is_client(request):
        return JsonResponse({"error": "invalid_client"}, status=401)
    if request.POST.get("grant_type") != "authorization_code":
        return JsonResponse({"error": "unsupported_grant_type"}, status=400)
    grant = redeem(
        request.POST.get("code", ""),
        redirect_uri=request.POST.get("redirect_uri", ""),
        verifier=request.POST.get("code_verifier", ""),
    )
    if grant is None:
        return JsonResponse({"error": "invalid_grant"}, status=400)
    if grant.choice == "down":
        return HttpResponse(status=503)
    if grant.choice == "garbage":
        return HttpResponse("<html>Manutenzione</html>")
    return JsonResponse(answers.tokens(grant))


@never_cache
@require_safe
def userinfo(request: HttpRequest) -> HttpResponse:
    """The claims of who an access token speaks of."""
    scheme, _, access = request.headers.get("Authorization", "").partition(" ")
    grant = grant_of(access) if scheme == "Bearer" else None
    if grant is None:
        return JsonResponse({"error": "invalid_token"}, status=401)
    return JsonResponse(answers.userinfo(grant))


@never_cache
@csrf_exempt
@require_http_methods(["GET", "POST"])
def end_session(request: HttpRequest) -> HttpResponse:
    """The portal says that a person has left. The browser goes back to it, when the request is in order."""
    asked = request.POST or request.GET
    try:
        said = jose.verified(asked.get("id_token_hint", ""), keys.key_set()["keys"][0])
    except (jose.NotReadable, jose.BadSignature):
        return _refused("id_token_hint non è un token di questo gestore.")
    back = asked.get("post_logout_redirect_uri", "")
    if said.get("aud") != agreement.CLIENT_ID or back != conf.left_url():
        return _refused("post_logout_redirect_uri non è quello registrato.")
    return HttpResponseRedirect(f"{back}?{urlencode({'state': asked.get('state', '')})}")


def _everybody() -> tuple[DemoPerson, ...]:
    """A system like this one also knows identities for professional use."""
    return (*people(), *professionals())


def _is_client(request: HttpRequest) -> bool:
    """By HTTP Basic, or by the fields of the form."""
    scheme, _, packed = request.headers.get("Authorization", "").partition(" ")
    name, secret = request.POST.get("client_id", ""), request.POST.get("client_secret", "")
    if scheme == "Basic":
        try:
            name, _, secret = base64.b64decode(packed).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
    return name == agreement.CLIENT_ID and constant_time_compare(secret, agreement.secret())


def _read_back(request: HttpRequest) -> Grant | None:
    """The request verified by `authorize`, carried by the page and signed, so that nothing is kept here."""
    try:
        return Grant(**signing.loads(request.POST.get("token", ""), salt=SALT, max_age=REQUEST_LIFE))
    except signing.BadSignature:
        return None


def _refused(reason: str) -> HttpResponse:
    return page("spid_auth/sandbox/op_refused.html", {"reason": reason}, status=400)


def _stale() -> HttpResponse:
    return _refused("La richiesta di accesso è scaduta: ricomincia dal portale.")
