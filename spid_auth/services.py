"""Writes of the login: a request leaves, an answer is kept, an answer is judged."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from portal import clock
from portal.audit.actor import Actor
from portal.people.identity import VerifiedIdentity
from portal.people.models import Person
from portal.people.services import person_from_identity
from spid_auth import alerts, conf, events, register_seal
from spid_auth.domain import claims
from spid_auth.domain.schemes import PROFILES, Comparison, Purpose, Scheme
from spid_auth.domain.transactions import MESSAGES_A_REQUEST, TICKET_LIFE, State, Use, is_late, keeps_a_session
from spid_auth.errors import problem
from spid_auth.keys import key_pair, membership, membership_named, service_provider
from spid_auth.models import (
    AuthnTransaction,
    Direction,
    Identity,
    IdentityProvider,
    ResponseTicket,
    SamlMessage,
)
from spid_auth.register import terms
from spid_auth.saml import logout as saml_logout
from spid_auth.saml import request as saml_request
from spid_auth.saml.names import BINDING_POST
from spid_auth.saml.response import Assertion, Refused, judge
from spid_auth.saml.rules import Expected

# No letters or digits that look alike: the code is read out on the telephone.
CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class LoginWish:
    """What a page asks of a login: the level (1-3), where to go on, and seldom more."""

    level: int
    next_path: str
    purpose: Purpose | None = None
    binding: str = BINDING_POST
    # The body whose service asks, by code; empty for the default one.
    body: str = ""
    # Who is already in: at a higher level the same person must come back.
    again: Identity | None = None


@transaction.atomic
def provider_save(*, provider: IdentityProvider, changed: list[str], actor: Actor) -> IdentityProvider:
    """Register an identity provider, or change its keys and addresses."""
    provider.save()
    events.provider_saved(provider, changed=changed, actor=actor)
    return provider


def login_start(*, idp: IdentityProvider, wish: LoginWish) -> tuple[AuthnTransaction, saml_request.SignedRequest]:
    """A signed AuthnRequest, kept before it leaves. Raises NotConfigured."""
    now, profile = clock.now(), PROFILES[Scheme(idp.scheme)]
    relay_state = secrets.token_urlsafe(32)
    row = membership(wish.body)
    provider = service_provider(profile.scheme, of=row)
    purpose = wish.purpose if profile.purposes else None
    asked = saml_request.Wish(
        level=wish.level,
        attribute_set=profile.attribute_set(purpose, contacts=conf.contacts()).index,
        comparison=profile.comparison(conf.comparison()),
        force=profile.force_authn(wish.level),
        purpose=purpose,
        binding=wish.binding,
    )
    built = saml_request.build(
        provider=provider, keys=key_pair(row), idp=idp.info, wish=asked, relay_state=relay_state, now=now
    )
    with transaction.atomic():
        started = AuthnTransaction.objects.create(
            code=get_random_string(10, CODE_ALPHABET),
            request_id=built.request_id,
            issued_at=built.issued_at,
            idp=idp,
            scheme=profile.scheme,
            sp_entity_id=provider.entity_id,
            acs_url=provider.acs_url,
            level=wish.level,
            comparison=asked.comparison,
            purpose=purpose or "",
            step_up_of=wish.again,
            relay_state=relay_state,
            next_path=wish.next_path,
            created_at=now,
        )
        message_keep(started, Direction.OUT, built.xml)
    return started, built


def message_keep(started: AuthnTransaction, direction: Direction, body: bytes) -> SamlMessage:
    """Write a message in the register, sealed, as it left or arrived."""
    sealed = register_seal.seal(body)
    return SamlMessage.objects.create(
        transaction=started,
        direction=direction,
        body=sealed.content,
        key=sealed.key,
        sha256=hashlib.sha256(body).hexdigest(),
        at=clock.now(),
    )


@transaction.atomic
def response_keep(*, started: AuthnTransaction, xml: bytes, use: Use = Use.LOGIN) -> str:
    """Keep an answer as it came and return the handle, good once, for a minute and for one `use`.

    Raises Refused("replay") when too many answers came for the same request.
    """
    AuthnTransaction.objects.select_for_update(of=("self",)).get(pk=started.pk)
    if SamlMessage.objects.filter(transaction=started, direction=Direction.IN).count() >= MESSAGES_A_REQUEST:
        raise Refused("replay")
    now = clock.now()
    message = message_keep(started, Direction.IN, xml)
    handle = secrets.token_urlsafe(32)
    ResponseTicket.objects.create(digest=_digest(handle, use), message=message, created_at=now)
    return handle


@transaction.atomic
def logout_start(*, started: AuthnTransaction) -> saml_request.SignedRequest | None:
    """A signed LogoutRequest for the session the login opened at the provider; None when it has none to end.

    Raises NotConfigured. Called after our own session is over.
    """
    door = started.idp.logout_door
    if started.scheme != Scheme.SPID or door is None or not keeps_a_session(started.level, started.session_index):
        return None
    built = saml_logout.build_request(
        saml_logout.ProviderSession(started.subject, started.subject_qualifier, started.session_index),
        sp_entity_id=started.sp_entity_id,
        idp_entity_id=started.idp.issuer,
        to=door,
        keys=key_pair(membership_named(started.sp_entity_id)),
        relay_state=secrets.token_urlsafe(32),
        now=clock.now(),
    )
    AuthnTransaction.objects.filter(pk=started.pk).update(logout_id=built.request_id)
    message_keep(started, Direction.OUT, built.xml)
    return built


def logout_answered(*, provider: IdentityProvider, request_id: str, xml: bytes, complete: bool) -> bool:
    """Keep a provider's answer to our LogoutRequest. False when we asked it nothing, or it has answered already."""
    with transaction.atomic():
        started = (
            AuthnTransaction.objects.select_for_update(of=("self",))
            .filter(logout_id=request_id, response_issuer=provider.issuer)
            .first()
        )
        if started is None:
            return False
        message_keep(started, Direction.IN, xml)
        started.logout_id = ""
        started.save(update_fields=["logout_id"])
        events.logout_answered(started, complete=complete)
    return True


def ticket_use(*, handle: str, use: Use = Use.LOGIN) -> SamlMessage:
    """The answer behind a handle, which is spent by this. Raises Refused("session") when unknown, old or spent."""
    now, digest = clock.now(), _digest(handle, use)
    fresh = ResponseTicket.objects.filter(digest=digest, used_at__isnull=True, created_at__gt=now - TICKET_LIFE)
    if fresh.update(used_at=now) != 1:
        raise Refused("session")
    kept = SamlMessage.objects.select_related("transaction__idp", "transaction__step_up_of")
    return kept.get(ticket__digest=digest)


def login_finish(*, message: SamlMessage, own_requests: Collection[str]) -> tuple[Person, VerifiedIdentity]:
    """Judge an answer and, when it is good, consume its request. One transaction, one event, whatever the verdict.

    `own_requests` are the requests that left from this very session. Raises Refused, after having written why.
    """
    try:
        return _judge_and_accept(message, own_requests)
    except Refused as refusal:
        refuse(message.transaction, refusal)
        raise


def _judge_and_accept(message: SamlMessage, own_requests: Collection[str]) -> tuple[Person, VerifiedIdentity]:
    started = message.transaction
    if started.request_id not in own_requests:
        raise Refused("session")
    if started.state != State.SENT:
        raise Refused("replay")
    terms.take(message)
    if is_late(started.created_at, message.at):
        raise Refused("expired")
    if not started.idp.enabled:
        raise Refused("unknown-idp")
    assertion = judge(register_seal.opened(message), expected=expected(message), idp=started.idp.info)
    return accept(started, assertion, claims_of(started, assertion))


def claims_of(started: AuthnTransaction, assertion: Assertion) -> claims.Claims:
    """Who an accepted answer says it is. Raises Refused."""
    required = PROFILES[Scheme(started.scheme)].fiscal_code_required
    try:
        return claims.read(assertion.attributes, fiscal_code_required=required)
    except claims.NoFiscalCode:
        raise Refused("no-fiscal-code") from None
    except claims.LegalPersonOnly:
        raise Refused("legal-person") from None
    except claims.UnusableClaims:
        raise Refused("attributes") from None


def _digest(handle: str, use: Use) -> str:
    return hashlib.sha256(f"{use}:{handle}".encode()).hexdigest()


def expected(message: SamlMessage) -> Expected:
    """What a good answer to the request of `message` agrees with, at the moment it arrived."""
    started = message.transaction
    return Expected(
        request_id=started.request_id,
        request_instant=started.issued_at,
        level=started.level,
        idp_entity_id=started.provider_revision.issuer if started.provider_revision else started.idp.issuer,
        sp_entity_id=started.sp_entity_id,
        acs_url=started.acs_url,
        now=message.at,
        skew=conf.skew() if started.skew_seconds is None else timedelta(seconds=started.skew_seconds),
        comparison=Comparison(started.comparison),
        issuer_format_required=PROFILES[Scheme(started.scheme)].issuer_format_required,
    )


def accept(started: AuthnTransaction, assertion: Assertion, claimed: claims.Claims) -> tuple[Person, VerifiedIdentity]:
    """Consume the request for the person. Two first logins of one person at once both find the same person.

    Raises Refused: the request was consumed in the meantime, or somebody else than who had to come back came.
    """
    if started.step_up_of is not None and started.step_up_of.subject_key != claimed.subject_key:
        raise Refused("other-person", ("step-up",))
    identity = _verified(started, assertion, claimed)
    try:
        return _consume(started, assertion, identity, claimed), identity
    except IntegrityError as error:
        if "assertion_used_once" in str(error):
            raise Refused("replay", ("assertion-id",)) from error
    # The other login has created the person in the meantime: now they are found.
    return _consume(started, assertion, identity, claimed), identity


def _verified(started: AuthnTransaction, assertion: Assertion, claimed: claims.Claims) -> VerifiedIdentity:
    return VerifiedIdentity(
        scheme=started.scheme,
        subject_key=claimed.subject_key,
        level=assertion.level,
        fiscal_code=claimed.fiscal_code,
        spid_code=claimed.spid_code[: claims.LONGEST_IDENTIFIER],
        first_name=claimed.first_name,
        last_name=claimed.last_name,
        birth_date=claimed.birth_date,
        email=claimed.email,
        idp=assertion.issuer,
        authenticated_at=clock.now(),
    )


@transaction.atomic
def _consume(
    started: AuthnTransaction, assertion: Assertion, identity: VerifiedIdentity, claimed: claims.Claims
) -> Person:
    """The request is consumed by an UPDATE that only one caller wins; the assertion by a unique constraint.

    Raises IntegrityError when another login creates the same person or identity at the same moment.
    """
    same = Identity.objects.select_for_update(of=("self",)).select_related("person")
    kept = same.filter(scheme=identity.scheme, subject_key=identity.subject_key).first()
    person = person_from_identity(identity=identity, known=kept.person if kept else None)
    kept = kept or Identity(
        scheme=identity.scheme,
        subject_key=identity.subject_key,
        person=person,
        first_login=identity.authenticated_at,
    )
    won = AuthnTransaction.objects.filter(pk=started.pk, state=State.SENT).update(
        state=State.CONSUMED,
        closed_at=identity.authenticated_at,
        identity=_identity_keep(kept, identity, started.idp, claimed.company),
        response_id=assertion.response_id[:255],
        response_issued_at=assertion.response_issued_at,
        response_issuer=assertion.issuer,
        assertion_id=assertion.assertion_id[:255],
        subject=assertion.subject[:255],
        subject_qualifier=assertion.subject_qualifier[:255],
        session_index=assertion.session_index[:255],
        **terms.written(started),
    )
    if won != 1:
        raise Refused("replay")
    events.login_accepted(started, person=person, level=assertion.level)
    return person


def _identity_keep(
    kept: Identity, identity: VerifiedIdentity, idp: IdentityProvider, company: claims.CompanyClaims | None
) -> Identity:
    kept.spid_code, kept.level = identity.spid_code, identity.level
    kept.idp, kept.last_login = idp, identity.authenticated_at
    if company:  # a personal login says nothing of the company of the professional one
        kept.company_name, kept.company_fiscal_code = company.name, company.fiscal_code
        kept.company_vat_number = company.vat_number
    kept.save()
    return kept


@transaction.atomic
def refuse(started: AuthnTransaction, refusal: Refused) -> None:
    """A bad answer burns the request it was for; one already used, or of another session, stays as it is."""
    if refusal.code != "session":
        AuthnTransaction.objects.filter(pk=started.pk, state=State.SENT).update(
            state=State.FAILED,
            closed_at=clock.now(),
            error_code=refusal.code,
            reasons=", ".join(refusal.reasons)[:1000],
            **terms.written(started),
        )
    events.login_refused(started, code=refusal.code, reasons=refusal.reasons)
    if problem(refusal.code).ours:
        alerts.login_refused(started, code=refusal.code)
