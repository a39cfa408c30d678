"""Audit events of the room: who came in, who could not, and what changed in how one comes in."""

from allauth.mfa.models import Authenticator

from portal.accounts.models import LoginLock, User
from portal.audit.actor import Actor
from portal.audit.services import record

DOOR = Actor.system("accesso del personale")


def actor_for(user: User) -> Actor:
    """The person themselves, who proved to be it."""
    return Actor(label=str(user), user_id=user.pk)


def logged_in(user: User, *, methods: list[str]) -> None:
    """One of the staff is in; `methods` are the steps made, e.g. password and totp."""
    record("staff.logged_in", subject=user, actor=actor_for(user), data={"methods": methods})


def attempt_failed(lock: LoginLock, *, step: str) -> None:
    """A wrong password or code. Who tried is not known; neither is, for names nobody has, whose it was."""
    record("staff.attempt_failed", subject=lock, actor=DOOR, data={"step": step, "user": lock.user_id})


def locked(lock: LoginLock) -> None:
    """Too many wrong attempts."""
    record("staff.locked", subject=lock, actor=DOOR, data={"user": lock.user_id, "locks": lock.locks})


def unlocked(lock: LoginLock, *, actor: Actor) -> None:
    """An administrator opened the door again before time."""
    record("staff.unlocked", subject=lock, actor=actor, data={"user": lock.user_id})


def factor_changed(user: User, factor: Authenticator, *, change: str, actor: Actor) -> None:
    """A second factor was added, removed or made again (recovery codes)."""
    record(f"staff.factor_{change}", subject=user, actor=actor, data={"type": str(factor.type)})


def password_changed(user: User, *, how: str, actor: Actor) -> None:
    """`how`: changed by its owner, reset by e-mail, or set by who runs the system."""
    record("staff.password_changed", subject=user, actor=actor, data={"how": how})


def reset_asked(user: User) -> None:
    """A link for a new password leaves for the address of the account."""
    record("staff.password_reset_sent", subject=user, actor=DOOR)
