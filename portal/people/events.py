"""Audit events of the room."""

from portal.audit.actor import Actor
from portal.audit.services import record
from portal.people.acting import Acting
from portal.people.models import Mandate, Person


def person_identified(person: Person, *, scheme: str, level: int, created: bool) -> None:
    record(
        "person.created" if created else "person.identified",
        subject=person,
        actor=Acting(person).actor,
        data={"scheme": scheme, "level": level},
    )


def email_confirmed(person: Person) -> None:
    record("person.email_confirmed", subject=person, actor=Acting(person).actor)


def acting_changed(acting: Acting) -> None:
    record("person.acting_changed", subject=acting.person, actor=acting.actor)


def mandate_moved(mandate: Mandate, *, actor: Actor, before: str, after: str) -> None:
    record("mandate.moved", subject=mandate, actor=actor, data={"before": before, "after": after})
