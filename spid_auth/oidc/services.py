"""Writes of the login by OpenID Connect: a request leaves, what comes back is kept, then judged."""

import secrets
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.crypto import get_random_string

from portal import clock
from portal.audit.actor import Actor
from portal.kernel.errors import GatewayError
from portal.people.identity import VerifiedIdentity
from portal.people.models import Person
from spid_auth import events, register_seal
from spid_auth.domain.schemes import Scheme
from spid_auth.domain.transactions import State, is_late
from spid_auth.models import AuthnTransaction, Direction, IdentityProvider, SamlMessage
from spid_auth.oidc import answers, conf, discovery, gateway, jose
from spid_auth.oidc.flow import Provider
from spid_auth.register import terms
from spid_auth.saml.request import new_identifier
from spid_auth.saml.response import Assertion, Refused
from spid_auth.services import CODE_ALPHABET, LoginWish, accept, message_keep, provider_save, refuse


def provider_register(*, actor: Actor) -> IdentityProvider:
    """The row of the provider of ARPA_OIDC, made or brought up to date; the others of its kind are switched off.

    Raises NotAgreed, GatewayError (the provider does not answer as it should).
    """
    agreement = conf.agreed()
    described = discovery.document(agreement.issuer)
    with transaction.atomic():
        others = (
            IdentityProvider.objects.select_for_update().filter(scheme=Scheme.ARPA).exclude(issuer=agreement.issuer)
        )
        for other in others.filter(enabled=True):
            other.enabled = False
            provider_save(provider=other, changed=["enabled"], actor=actor)
        row = IdentityProvider.objects.filter(issuer=agreement.issuer).first() or IdentityProvider(enabled=True)
        wanted = {
            "issuer": agreement.issuer,
            "scheme": Scheme.ARPA,
            "name": agreement.name,
            "sso_redirect_url": described["authorization_endpoint"],
            "slo_redirect_url": described.get("end_session_endpoint") or "",
        }
        changed = [name for name, value in wanted.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, wanted[name])
        if changed or row.pk is None:
            provider_save(provider=row, changed=changed, actor=actor)
    return row


def login_start(
    request: HttpRequest, *, idp: IdentityProvider, wish: LoginWish
) -> tuple[AuthnTransaction, HttpResponse]:
    """The redirect to the provider, kept before it leaves. Raises NotAgreed, GatewayError."""
    agreement, now = conf.agreed(), clock.now()
    provider = Provider(request, agreement)
    request_id, state = new_identifier(), secrets.token_urlsafe(32)
    parameters = {"nonce": request_id, "acr_values": " ".join(agreement.acr_values(wish.level))}
    if agreement.prompt and wish.level > 1:
        parameters["prompt"] = agreement.prompt
    leaving = provider.leave(request, state=state, parameters=parameters)
    with transaction.atomic():
        started = AuthnTransaction.objects.create(
            code=get_random_string(10, CODE_ALPHABET),
            request_id=request_id,
            issued_at=now,
            idp=idp,
            scheme=Scheme.ARPA,
            sp_entity_id=agreement.client_id,
            acs_url=conf.return_url(),
            level=wish.level,
            step_up_of=wish.again,
            relay_state=state,
            next_path=wish.next_path,
            created_at=now,
        )
        message_keep(started, Direction.OUT, leaving["Location"].encode())
    return started, leaving


def login_finish(
    request: HttpRequest, *, started: AuthnTransaction, own_requests: Collection[str], verifier: str
) -> tuple[Person, VerifiedIdentity]:
    """Keep what came back, trade the code, keep the answer, judge it, and when it is good consume the request.

    `own_requests` are the requests that left from this very session. Raises Refused, after having written why.
    """
    arrived = _arrived(started, request, own_requests)
    try:
        if is_late(started.created_at, arrived.at) or not verifier:
            raise Refused("expired")
        agreement = _agreed_with(started)
        code = _code(request.GET, agreement)
        document = _fetched(request, started, agreement, code=code, verifier=verifier)
        message = message_keep(started, Direction.IN, document)
        terms.take(message)
        expected = answers.expected(started, document=document, now=message.at, agreement=agreement)
        assertion = answers.judge(document, expected=expected, agreement=agreement, level=started.level)
        return accept(started, assertion, answers.read_claims(assertion, agreement))
    except Refused as refusal:
        refuse(started, refusal)
        raise


def judged_again(message: SamlMessage, document: bytes) -> tuple[str, Assertion | None]:
    """("in", what it says) or (the code of the refusal, None) of a kept answer, by the agreement of today.

    The verdict is ("", None) when the agreement is with another provider or client by now: it cannot be told.
    """
    started = message.transaction
    if not conf.is_agreed_with(started.idp.issuer) or conf.agreed().client_id != started.sp_entity_id:
        return "", None
    agreement = conf.agreed()
    if is_late(started.created_at, message.at):
        return "expired", None
    expected = answers.expected(started, document=document, now=message.at, agreement=agreement)
    try:
        assertion = answers.judge(document, expected=expected, agreement=agreement, level=started.level)
        subject = answers.read_claims(assertion, agreement).subject_key
    except Refused as refusal:
        return refusal.code, None
    if started.step_up_of is not None and started.step_up_of.subject_key != subject:
        return "other-person", None
    if started.identity is not None and started.identity.subject_key != subject:
        return "other-data", None
    return "in", assertion


def _arrived(started: AuthnTransaction, request: HttpRequest, own_requests: Collection[str]) -> SamlMessage:
    """Keep the address the browser came back to: once for each request, in the session it left from.

    Raises Refused. The request stays as it is: whoever sends a return twice does not spoil the one in hand.
    """
    if started.request_id not in own_requests:
        events.login_refused(started, code="session", reasons=())
        raise Refused("session")
    with transaction.atomic():
        row = AuthnTransaction.objects.select_for_update(of=("self",)).get(pk=started.pk)
        if row.state == State.SENT and not row.messages.filter(direction=Direction.IN).exists():
            return message_keep(started, Direction.IN, request.META.get("QUERY_STRING", "").encode())
    events.login_refused(started, code="replay", reasons=("state",))
    raise Refused("replay", ("state",))


def _agreed_with(started: AuthnTransaction) -> conf.Agreement:
    """The agreement, if it is still with the provider and the client of the request. Raises Refused."""
    if not started.idp.enabled or not conf.is_agreed_with(started.idp.issuer):
        raise Refused("unknown-idp")
    agreement = conf.agreed()
    if agreement.client_id != started.sp_entity_id:
        raise Refused("unknown-idp", ("client-id",))
    return agreement


def _code(query: QueryDict, agreement: conf.Agreement) -> str:
    """The code of a good return; the provider's own refusals become ours, by their name alone. Raises Refused."""
    issuer = query.get("iss")
    if issuer is not None and issuer != agreement.issuer:
        raise Refused("response", ("iss-of-return",))
    if "error" in query:
        name = answers.error_name(query["error"])
        raise Refused(answers.ERRORS.get(name, "request-refused"), ("error", name))
    codes = query.getlist("code")
    if len(codes) != 1 or not codes[0] or not codes[0].isprintable():
        raise Refused("no-response", ("code",))
    return codes[0]


def _fetched(
    request: HttpRequest, started: AuthnTransaction, agreement: conf.Agreement, *, code: str, verifier: str
) -> bytes:
    """Tokens, claims and key, as one document. Raises Refused, with what came instead kept in the register."""
    try:
        provider = Provider(request, agreement)
        reply = provider.trade(request, code=code, verifier=verifier)
        token = _good(started, "token", reply)
    except GatewayError as error:
        raise Refused("provider-down", (str(error),)) from error
    key = None
    try:
        key = discovery.key_of(str(token.get("id_token", "")), provider.described)
        userinfo = _userinfo(started, provider.described, str(token["access_token"]))
    except (GatewayError, Refused) as error:
        message_keep(started, Direction.IN, answers.kept_document(token, None, key))
        raise error if isinstance(error, Refused) else Refused("provider-down", (str(error),)) from error
    return answers.kept_document(token, userinfo, key)


def _good(started: AuthnTransaction, step: str, reply: gateway.Reply) -> dict[str, Any]:
    """The object in a good reply. Raises Refused."""
    try:
        found = jose.read_object(reply.body)
    except jose.NotReadable:
        found = {}
    if reply.status == 200 and isinstance(found.get("access_token"), str) and found["access_token"].isascii():
        return found
    message_keep(started, Direction.IN, answers.refused_document(step, reply.status, reply.body))
    if 400 <= reply.status < 500 and "error" in found:
        # A code that is not good is the browser's doing; anything else, our own configuration.
        name = answers.error_name(found["error"])
        raise Refused("response" if name == "invalid_grant" else "request-refused", (step, name))
    raise Refused("provider-down", (step, str(reply.status)))


def _userinfo(started: AuthnTransaction, described: dict[str, Any], access_token: str) -> bytes | None:
    """The claims as they came, None when the provider gives them all in the ID token. Raises Refused, GatewayError."""
    address = described.get("userinfo_endpoint")
    if not address:
        return None
    reply = gateway.get(address, bearer=access_token)
    if reply.status != 200:
        message_keep(started, Direction.IN, answers.refused_document("userinfo", reply.status, reply.body))
        raise Refused("provider-down", ("userinfo", str(reply.status)))
    return reply.body


def logout_start(*, started: AuthnTransaction) -> tuple[str, list[tuple[str, str]]] | None:
    """Where and with which fields the provider is asked to end its session; None when it has none to end.

    Called after our own session is over. Source: OpenID Connect RP-Initiated Logout 1.0.
    """
    if not conf.is_agreed_with(started.idp.issuer):
        return None
    agreement = conf.agreed()
    try:
        address = discovery.document(agreement.issuer).get("end_session_endpoint")
    except GatewayError:
        return None
    if not address or not agreement.end_session:
        return None
    state = secrets.token_urlsafe(32)
    fields = [
        ("id_token_hint", _id_token(started)),
        ("client_id", agreement.client_id),
        ("post_logout_redirect_uri", conf.left_url()),
        ("state", state),
    ]
    with transaction.atomic():
        AuthnTransaction.objects.filter(pk=started.pk).update(logout_id=state)
        message_keep(started, Direction.OUT, f"POST {address} state={state}".encode())
    return address, [field for field in fields if field[1]]


def logout_answered(*, state: str) -> bool:
    """Note that the provider sent the browser back after a logout. False when we asked it nothing."""
    if not state or len(state) > 64 or not state.isprintable():
        return False
    with transaction.atomic():
        asked = AuthnTransaction.objects.select_for_update(of=("self",)).filter(scheme=Scheme.ARPA, logout_id=state)
        started = asked.select_related("idp").first()
        if started is None:
            return False
        started.logout_id = ""
        started.save(update_fields=["logout_id"])
        events.logout_answered(started, complete=True)
    return True


def _id_token(started: AuthnTransaction) -> str:
    """The ID token of a login, out of the register; empty when it cannot be opened any more."""
    last = started.messages.filter(direction=Direction.IN).order_by("-pk").first()
    if last is None:
        return ""
    try:
        return str(jose.read_object(register_seal.opened(last)).get("token", {}).get("id_token", ""))
    except (jose.NotReadable, register_seal.CannotOpen):
        return ""
