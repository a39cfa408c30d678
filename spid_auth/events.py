"""Audit events of the login. Codes and ids only: the names stay on the person."""

from portal.audit.actor import Actor
from portal.audit.services import record
from portal.people.models import Person
from spid_auth.models import AuthnTransaction


def login_accepted(transaction: AuthnTransaction, *, person: Person, level: int) -> None:
    record(
        "spid.login_accepted",
        subject=transaction,
        actor=Actor(label=str(person), user_id=person.user_id, person_id=person.pk),
        data={"idp": transaction.idp.entity_id, "level": level},
    )


def login_refused(transaction: AuthnTransaction, *, code: str, reasons: tuple[str, ...]) -> None:
    record(
        "spid.login_refused",
        subject=transaction,
        actor=Actor.system("spid_auth"),
        data={"idp": transaction.idp.entity_id, "code": code, "reasons": list(reasons)},
    )
