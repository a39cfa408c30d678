"""Writes of the room: a person appears, an address is confirmed, a mandate is decided."""

import hmac
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import F

from portal import clock
from portal.accounts.models import Kind, User
from portal.audit.actor import Actor
from portal.kernel.errors import DomainError
from portal.kernel.states import move
from portal.outbox import services as outbox
from portal.people import events
from portal.people.domain.mandates import TRANSITIONS, Action, State
from portal.people.identity import VerifiedIdentity
from portal.people.models import EmailVerification, Mandate, Person

CODE_LIFE = timedelta(minutes=30)
CODE_ATTEMPTS = 5
CODES_AN_HOUR = 5


@transaction.atomic
def person_from_identity(*, identity: VerifiedIdentity) -> Person:
    """The person behind a verified identity; created at the first login. Names follow the identity provider.

    Raises DomainError when the identity carries no codice fiscale: such a person is matched by the office first.
    """
    if identity.fiscal_code is None:
        raise DomainError(
            "identity_without_fiscal_code",
            "La tua identità digitale non comunica un codice fiscale: per accedere contatta l'assistenza.",
        )
    names = {"first_name": identity.first_name, "last_name": identity.last_name}
    person = Person.objects.select_for_update(of=("self",)).filter(fiscal_code=identity.fiscal_code).first()
    created = person is None
    if person is None:
        user = User(kind=Kind.CITIZEN, **names)
        user.set_unusable_password()
        user.save()
        person = Person(user=user, fiscal_code=identity.fiscal_code)
    else:
        User.objects.filter(pk=person.user_id).update(**names)
    person.first_name, person.last_name = names["first_name"], names["last_name"]
    person.spid_code = identity.spid_code or person.spid_code
    person.birth_date = identity.birth_date or person.birth_date
    if not person.email and identity.email:
        person.email = identity.email  # offered, not trusted: the person confirms it
    person.save()
    events.person_identified(person, scheme=identity.scheme, level=identity.level, created=created)
    return person


def verification_code(verification: EmailVerification) -> str:
    """The six digits of a verification, derived from its row: nothing to steal from the table."""
    message = f"{verification.pk}:{verification.email}:{verification.created_at.isoformat()}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), b"email-code:" + message, sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"


@transaction.atomic
def email_verification_start(*, person: Person, email: str) -> EmailVerification:
    """Send a code to an address. Raises DomainError when too many were asked for in the last hour."""
    now = clock.now()
    recent = EmailVerification.objects.filter(person=person, created_at__gt=now - timedelta(hours=1)).count()
    if recent >= CODES_AN_HOUR:
        raise DomainError("too_many_codes", "Hai chiesto troppi codici: riprova tra un'ora.")
    verification = EmailVerification.objects.create(person=person, email=email, created_at=now)
    outbox.send("messaging.email_code", {"verification": verification.pk})
    return verification


def email_verification_confirm(*, person: Person, code: str) -> None:
    """Confirm the last address a code was sent to. Raises DomainError: wrong, expired, too many tries."""
    now = clock.now()
    with transaction.atomic():
        verification = (
            EmailVerification.objects.select_for_update()
            .filter(person=person, confirmed_at__isnull=True, created_at__gt=now - CODE_LIFE)
            .order_by("-pk")
            .first()
        )
        if verification is None or verification.attempts >= CODE_ATTEMPTS:
            raise DomainError("code_expired", "Il codice è scaduto: chiedine uno nuovo.")
        if hmac.compare_digest(verification_code(verification), code.strip()):
            EmailVerification.objects.filter(pk=verification.pk).update(confirmed_at=now)
            Person.objects.filter(pk=person.pk).update(email=verification.email, email_verified_at=now)
            events.email_confirmed(person)
            return
        # The failed try must stay counted: the refusal is raised after this transaction.
        EmailVerification.objects.filter(pk=verification.pk).update(attempts=F("attempts") + 1)
    raise DomainError("code_wrong", "Il codice non è giusto: controlla l'ultima e-mail che ti abbiamo inviato.")


@transaction.atomic
def mandate_apply(*, mandate_id: int, action: Action, actor: Actor) -> Mandate:
    """Approve, refuse or revoke a mandate. Raises MoveNotAllowed."""
    mandate = Mandate.objects.select_for_update(of=("self",)).get(pk=mandate_id)
    before = State(mandate.state)
    mandate.state = move(TRANSITIONS, before, action)
    mandate.save(update_fields=["state"])
    events.mandate_moved(mandate, actor=actor, before=before, after=mandate.state)
    return mandate
