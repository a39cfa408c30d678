"""Audit events of the room."""

from portal.audit.actor import Actor
from portal.audit.services import record
from portal.entities.models import Entity
from portal.people.acting import Acting
from portal.people.models import FiscalCodeClaim, Mandate, Person


def person_identified(person: Person, *, scheme: str, level: int, created: bool) -> None:
    record(
        "person.created" if created else "person.identified",
        subject=person,
        actor=Acting(person).actor,
        data={"scheme": scheme, "level": level},
    )


def address_confirmed(person: Person, *, kind: str) -> None:
    record(f"person.{kind}_confirmed", subject=person, actor=Acting(person).actor)


def phone_changed(person: Person) -> None:
    record("person.phone_changed", subject=person, actor=Acting(person).actor)


def acting_changed(acting: Acting) -> None:
    record("person.acting_changed", subject=acting.person, actor=acting.actor)


def mandate_asked(mandate: Mandate, *, actor: Actor) -> None:
    record("mandate.asked", subject=mandate, actor=actor, data={"kind": mandate.kind, "services": mandate.services})


def mandate_moved(mandate: Mandate, *, actor: Actor, before: str, after: str, entity: Entity | None) -> None:
    body = {"entity": entity.code} if entity else {}
    record("mandate.moved", subject=mandate, actor=actor, data={"before": before, "after": after, **body})


def mandate_attached(mandate: Mandate, *, person: Person) -> None:
    record("mandate.attached", subject=mandate, actor=Acting(person).actor)


def mandate_read(mandate: Mandate, *, actor: Actor) -> None:
    record("mandate.read", subject=mandate, actor=actor)


def claim_made(claim: FiscalCodeClaim) -> None:
    record("fiscal_code_claim.made", subject=claim, actor=Acting(claim.person).actor)


def claim_decided(claim: FiscalCodeClaim, *, actor: Actor, same_as: Person | None) -> None:
    data = {"state": claim.state, "same_as": same_as.pk if same_as else None}
    record("fiscal_code_claim.decided", subject=claim, actor=actor, data=data)


def claim_read(claim: FiscalCodeClaim, *, actor: Actor) -> None:
    record("fiscal_code_claim.read", subject=claim, actor=actor)
