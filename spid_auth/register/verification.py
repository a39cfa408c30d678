"""Judging an answer again, as of the day it came: is what the register says still what the messages say?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal.audit.actor import Actor
from portal.kernel.choices import labels
from spid_auth import events, register_seal, services
from spid_auth.domain.schemes import PROFILES
from spid_auth.domain.transactions import State, is_late
from spid_auth.models import AuthnTransaction, Direction, SamlMessage
from spid_auth.oidc import services as oidc
from spid_auth.saml import backend
from spid_auth.saml.response import Refused, judge


class Outcome(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    DAMAGED = "damaged"
    NOT_JUDGED = "not-judged"


OUTCOME_LABELS = dict(
    labels(
        Outcome,
        {
            Outcome.SAME: _("confermato"),
            Outcome.DIFFERENT: _("diverso"),
            Outcome.DAMAGED: _("messaggi mancanti o alterati"),
            Outcome.NOT_JUDGED: _("nessuna risposta da giudicare"),
        },
    )
)

# Verdicts on what a message does not say: whether it had been used already, which providers were enabled.
OF_THE_MOMENT = frozenset({"replay", "unknown-idp"})


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on record beside the one of today. `as_of_today`: judged with the provider's present keys."""

    code: str
    outcome: Outcome
    recorded: str
    found: str
    as_of_today: bool = False

    @property
    def good(self) -> bool:
        """Whether nobody needs to look into it."""
        return self.outcome in (Outcome.SAME, Outcome.NOT_JUDGED)

    @property
    def label(self) -> str:
        """The outcome as the office reads it."""
        return str(OUTCOME_LABELS[self.outcome])


def register_verify(*, started: AuthnTransaction, actor: Actor) -> Finding:
    """Open the messages, check their digests, judge the answer again. An audit event says that it was done."""
    finding = verify(started)
    with transaction.atomic():
        events.register_verified(started, outcome=finding.outcome, actor=actor)
    return finding


def register_verify_many(*, chosen: Iterable[AuthnTransaction], actor: Actor) -> Iterator[Finding]:
    """One after the other, so that a whole year does not stand in memory."""
    for started in chosen:
        yield register_verify(started=started, actor=actor)


def verify(started: AuthnTransaction) -> Finding:
    """The finding on one request of login. Nothing is written."""
    recorded = "in" if started.state == State.CONSUMED else started.error_code
    as_of_today = started.judged is not None and started.provider_revision is None
    kept = list(started.messages.all())
    try:
        bodies = {one.pk: register_seal.opened(one) for one in kept}
    except register_seal.CannotOpen:
        return Finding(started.code, Outcome.DAMAGED, recorded, "cannot-open")
    if started.scheme not in PROFILES:
        return _verify_token(started, bodies, recorded)
    if not _request_is_there(started, kept, bodies):
        return Finding(started.code, Outcome.DAMAGED, recorded, "no-request")
    if started.state == State.SENT:
        return Finding(started.code, Outcome.NOT_JUDGED, "", "")
    message = _judged(started, kept)
    if message is None:
        return Finding(started.code, Outcome.DAMAGED, recorded, "no-response")
    found = _again(message, bodies[message.pk])
    same = found == recorded or (found == "in" and recorded in OF_THE_MOMENT)
    return Finding(started.code, Outcome.SAME if same else Outcome.DIFFERENT, recorded, found, as_of_today)


def _verify_token(started: AuthnTransaction, bodies: dict[int, bytes], recorded: str) -> Finding:
    """The same for OpenID Connect: the kept answer holds the key of that day; the agreement is the one of today."""
    message = started.judged
    if message is None:  # refused before there was an answer to judge
        return Finding(started.code, Outcome.NOT_JUDGED, recorded, "")
    if message.pk not in bodies:
        return Finding(started.code, Outcome.DAMAGED, recorded, "no-response")
    found, said = oidc.judged_again(message, bodies[message.pk])
    if not found:
        return Finding(started.code, Outcome.NOT_JUDGED, recorded, "")
    if said is not None and started.state == State.CONSUMED and said.assertion_id != started.assertion_id:
        found = "other-data"
    same = found == recorded or (found == "in" and recorded in OF_THE_MOMENT)
    return Finding(started.code, Outcome.SAME if same else Outcome.DIFFERENT, recorded, found, as_of_today=True)


def _request_is_there(started: AuthnTransaction, kept: list[SamlMessage], bodies: dict[int, bytes]) -> bool:
    sent = [bodies[one.pk] for one in kept if one.direction == Direction.OUT]
    try:
        return any(backend.parse(body).get("ID") == started.request_id for body in sent)
    except backend.NotXml:
        return False


def _judged(started: AuthnTransaction, kept: list[SamlMessage]) -> SamlMessage | None:
    """The answer that was judged. Rows older than the note of it have the first that came."""
    answers = [one for one in kept if one.direction == Direction.IN]
    if started.judged_id is None:
        return answers[0] if answers else None
    return next((one for one in answers if one.pk == started.judged_id), None)


def _again(message: SamlMessage, body: bytes) -> str:
    """The verdict of today: "in", or the code of the refusal."""
    started = message.transaction
    if is_late(started.created_at, message.at):
        return "expired"
    provider = started.provider_revision or started.idp
    try:
        assertion = judge(body, expected=services.expected(message), idp=provider.info)
        subject = services.claims_of(started, assertion).subject_key
    except Refused as refusal:
        return refusal.code
    if started.step_up_of is not None and started.step_up_of.subject_key != subject:
        return "other-person"
    if started.state != State.CONSUMED:
        return "in"
    identity = started.identity
    on_record = (started.response_id, started.assertion_id, started.response_issuer, started.subject)
    said = (assertion.response_id, assertion.assertion_id, assertion.issuer, assertion.subject)
    same = on_record == tuple(one[:255] for one in said) and identity is not None and identity.subject_key == subject
    return "in" if same else "other-data"
