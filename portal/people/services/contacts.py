"""Addresses and numbers of a person: what is sent a code is confirmed, the telephone is only written down."""

import hmac
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import F

from portal import clock
from portal.kernel.errors import DomainError
from portal.outbox import services as outbox
from portal.people import events
from portal.people.domain.phones import normalise_phone
from portal.people.models import AddressKind, EmailVerification, Person

CODE_LIFE = timedelta(minutes=30)
CODE_ATTEMPTS = 5
CODES_AN_HOUR = 5

# Where a confirmed address is kept.
FIELDS = {AddressKind.EMAIL: ("email", "email_verified_at"), AddressKind.PEC: ("pec", "pec_verified_at")}


def verification_code(verification: EmailVerification) -> str:
    """The six digits of a verification, derived from its row: nothing to steal from the table."""
    message = f"{verification.pk}:{verification.email}:{verification.created_at.isoformat()}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), b"email-code:" + message, sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"


@transaction.atomic
def email_verification_start(*, person: Person, email: str, kind: AddressKind = AddressKind.EMAIL) -> EmailVerification:
    """Send a code to an address. Raises DomainError when too many were asked for in the last hour."""
    now = clock.now()
    recent = EmailVerification.objects.filter(person=person, created_at__gt=now - timedelta(hours=1)).count()
    if recent >= CODES_AN_HOUR:
        raise DomainError("too_many_codes", "Hai chiesto troppi codici: riprova tra un'ora.")
    verification = EmailVerification.objects.create(person=person, kind=kind, email=email, created_at=now)
    outbox.send("messaging.email_code", {"verification": verification.pk})
    return verification


def email_verification_confirm(*, person: Person, code: str, kind: AddressKind = AddressKind.EMAIL) -> None:
    """Confirm the last address a code was sent to. Raises DomainError: wrong, expired, too many tries."""
    now = clock.now()
    with transaction.atomic():
        verification = (
            EmailVerification.objects.select_for_update()
            .filter(person=person, kind=kind, confirmed_at__isnull=True, created_at__gt=now - CODE_LIFE)
            .order_by("-pk")
            .first()
        )
        if verification is None or verification.attempts >= CODE_ATTEMPTS:
            raise DomainError("code_expired", "Il codice è scaduto: chiedine uno nuovo.")
        if hmac.compare_digest(verification_code(verification).encode(), code.strip().encode()):
            EmailVerification.objects.filter(pk=verification.pk).update(confirmed_at=now)
            address, confirmed_at = FIELDS[kind]
            Person.objects.filter(pk=person.pk).update(**{address: verification.email, confirmed_at: now})
            events.address_confirmed(person, kind=kind)
            return
        # The failed try must stay counted: the refusal is raised after this transaction.
        EmailVerification.objects.filter(pk=verification.pk).update(attempts=F("attempts") + 1)
    raise DomainError("code_wrong", "Il codice non è giusto: controlla l'ultima e-mail che ti abbiamo inviato.")


@transaction.atomic
def phone_keep(*, person: Person, phone: str) -> str:
    """Write down the telephone in E.164 (empty to take it away). Raises DomainError when it is not a number."""
    number = normalise_phone(phone) if phone.strip() else ""
    Person.objects.filter(pk=person.pk).update(phone=number)
    events.phone_changed(person)
    return number
