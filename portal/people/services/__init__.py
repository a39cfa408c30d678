"""Writes of the room. The rooms above call these names; mandates and claims have modules of their own."""

from portal.people.services.contacts import (
    email_verification_confirm,
    email_verification_start,
    phone_keep,
    verification_code,
)
from portal.people.services.identity import person_from_identity

__all__ = [
    "email_verification_confirm",
    "email_verification_start",
    "person_from_identity",
    "phone_keep",
    "verification_code",
]
