"""Audit events of the login. Codes and ids only: the names stay on the person."""

from portal.audit.actor import Actor
from portal.audit.services import record
from portal.people.models import Person
from spid_auth.models import (
    Alert,
    AuthnTransaction,
    Identity,
    IdentityProvider,
    RegisterPurge,
    RegistryRefresh,
    SigningCertificate,
)


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


def alert_closed(alert: Alert, *, actor: Actor) -> None:
    record("spid.alert_closed", subject=alert, actor=actor, data={"kind": alert.kind, "count": alert.count})


def register_read(transaction: AuthnTransaction, *, how: str, messages: list[int], reason: str, actor: Actor) -> None:
    """`reason` is what the reader wrote, told to keep to the number of the file or of the request of the authority."""
    data = {"code": transaction.code, "how": how, "messages": messages, "reason": reason}
    record("spid.register_read", subject=transaction, actor=actor, data=data)


def row_read(subject: AuthnTransaction | Identity, *, actor: Actor) -> None:
    record("spid.row_read", subject=subject, actor=actor, data={})


def register_verified(transaction: AuthnTransaction, *, outcome: str, actor: Actor) -> None:
    record(
        "spid.register_verified", subject=transaction, actor=actor, data={"code": transaction.code, "outcome": outcome}
    )


def register_hold_changed(subject: AuthnTransaction | Identity, *, reason: str, held: bool, actor: Actor) -> None:
    action = "set" if held else "lifted"
    record(f"spid.register_hold_{action}", subject=subject, actor=actor, data={"reason": reason})


def register_purged(run: RegisterPurge, *, held: int) -> None:
    data = {
        "transactions": run.transactions,
        "messages": run.messages,
        "held": held,
        "cutoff": run.cutoff,
        "oldest": run.oldest_at,
        "newest": run.newest_at,
    }
    record("spid.register_purged", subject=run, actor=Actor.system("spid_register_purge"), data=data)


def registry_refreshed(refresh: RegistryRefresh, *, changes: list[str], actor: Actor) -> None:
    data = {"outcome": refresh.outcome, "sha256": refresh.sha256, "changes": changes}
    record("spid.registry_refreshed", subject=refresh, actor=actor, data=data)
