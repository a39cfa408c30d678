"""Audit events of the login. Codes and ids only: the names stay on the person."""

from portal.audit.actor import Actor
from portal.audit.services import record
from portal.people.models import Person
from spid_auth.models import AuthnTransaction, IdentityProvider, SigningCertificate


def login_accepted(transaction: AuthnTransaction, *, person: Person, level: int) -> None:
    record(
        "spid.login_accepted",
        subject=transaction,
        actor=Actor(label=str(person), user_id=person.user_id, person_id=person.pk),
        data={"idp": transaction.idp.issuer, "level": level},
    )


def login_refused(transaction: AuthnTransaction, *, code: str, reasons: tuple[str, ...]) -> None:
    record(
        "spid.login_refused",
        subject=transaction,
        actor=Actor.system("spid_auth"),
        data={"idp": transaction.idp.issuer, "code": code, "reasons": list(reasons)},
    )


def logout_requested(transaction: AuthnTransaction, *, ended: bool) -> None:
    record(
        "spid.logout_requested",
        subject=transaction,
        actor=Actor.system("spid_auth"),
        data={"idp": transaction.idp.issuer, "ended": ended},
    )


def logout_answered(transaction: AuthnTransaction, *, complete: bool) -> None:
    record(
        "spid.logout_answered",
        subject=transaction,
        actor=Actor.system("spid_auth"),
        data={"idp": transaction.idp.issuer, "complete": complete},
    )


def provider_saved(provider: IdentityProvider, *, changed: list[str], actor: Actor) -> None:
    record("spid.provider_saved", subject=provider, actor=actor, data={"changed": changed})


def certificate_changed(certificate: SigningCertificate, *, action: str, actor: Actor) -> None:
    record(
        f"spid.certificate_{action}",
        subject=certificate,
        actor=actor,
        data={"fingerprint": certificate.fingerprint, "from": certificate.active_from.isoformat()},
    )
