"""Writes of the room: attempts counted, locks, what the staff are told by e-mail."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.core.exceptions import ValidationError
from django.db import transaction

from portal import clock
from portal.accounts import events
from portal.accounts.digests import digest_of_address, digest_of_name
from portal.accounts.domain import lockout
from portal.accounts.models import Kind, LoginLock, User
from portal.audit.actor import Actor
from portal.kernel.errors import DomainError
from portal.outbox import services as outbox

# Rows of names that have been quiet longer say nothing any more.
FORGOTTEN_AFTER = timedelta(days=7)
# One link for each address in this time, however often it is asked for.
RESET_EVERY = timedelta(minutes=15)
# Refusals of the address's brake: nothing was judged.
NOT_JUDGED = frozenset({"too_many_login_attempts", "rate_limited"})


class AccountLocked(Exception):
    """No attempt is judged before `until`, whether the name exists or not."""

    def __init__(self, until: datetime) -> None:
        super().__init__("account locked")
        self.until = until


def attempt_begin(*, name: str) -> int:
    """Count an attempt on a name, before it is judged. Returns the row's id. Raises AccountLocked."""
    user = User.objects.filter(username__iexact=name.strip(), kind=Kind.STAFF).only("pk").first()
    # All the spellings that the database takes for one name share the count of its owner.
    digest, now = f"user {user.pk}" if user else digest_of_name(name), clock.now()
    LoginLock.objects.bulk_create([LoginLock(name_digest=digest, user=user, seen_at=now)], ignore_conflicts=True)
    with transaction.atomic():
        lock = LoginLock.objects.select_for_update(of=("self",)).get(name_digest=digest)
        until = lockout.closed_until(lock.count, now)
        if until is None:
            lock.count, lock.seen_at = lockout.attempted(lock.count, now), now
            lock.save(update_fields=["attempts", "locks", "locked_until", "seen_at"])
    if until is not None:
        raise AccountLocked(until)
    return lock.pk


@transaction.atomic
def attempt_wrong(*, lock_id: int, step: str) -> None:
    """The attempt was wrong. The fifth in fifteen minutes locks, and the person is told by e-mail."""
    lock = LoginLock.objects.select_for_update(of=("self",)).get(pk=lock_id)
    events.attempt_failed(lock, step=step)
    before = lock.count
    lock.count = lockout.found_wrong(before, clock.now())
    if lock.count == before:
        return
    lock.save(update_fields=["attempts", "locks", "locked_until"])
    events.locked(lock)
    assert lock.locked_until is not None
    # Written also for names nobody has: whoever measures the time of the answer learns nothing.
    tell(user_id=lock.user_id, template="portal/accounts/locked", until=lock.locked_until.isoformat())


@transaction.atomic
def attempt_right(*, lock_id: int) -> None:
    """The attempt was right: only this one is taken back, so that a known password gives no more codes to guess."""
    lock = LoginLock.objects.select_for_update(of=("self",)).get(pk=lock_id)
    lock.count = lockout.found_right(lock.count)
    lock.save(update_fields=["attempts"])


@contextmanager
def judged(user: User, *, step: str) -> Iterator[None]:
    """Around the check of something secret: a ValidationError is a wrong attempt. Raises AccountLocked."""
    lock_id = attempt_begin(name=user.username)
    try:
        yield
    except ValidationError as error:
        if getattr(error, "code", None) in NOT_JUDGED:
            attempt_right(lock_id=lock_id)
        else:
            attempt_wrong(lock_id=lock_id, step=step)
        raise
    attempt_right(lock_id=lock_id)


@transaction.atomic
def login_complete(*, user: User, methods: list[str]) -> None:
    """All the steps were right: the count begins again."""
    LoginLock.objects.filter(user=user).update(attempts=[], locks=0, locked_until=None)
    events.logged_in(user, methods=methods)


@transaction.atomic
def lock_release(*, lock_id: int, actor: Actor) -> None:
    """Open the door before time. Raises DomainError when it is not closed."""
    lock = LoginLock.objects.select_for_update(of=("self",)).get(pk=lock_id)
    if lockout.closed_until(lock.count, clock.now()) is None:
        raise DomainError("not_locked", "L'accesso non è bloccato.")
    lock.count = lockout.Count()
    lock.save(update_fields=["attempts", "locks", "locked_until"])
    events.unlocked(lock, actor=actor)


def forget_quiet_names() -> int:
    """Delete the counts nobody has added to for a week. Returns how many."""
    return LoginLock.objects.filter(seen_at__lt=clock.now() - FORGOTTEN_AFTER).delete()[0]


def tell(*, user_id: int | None, template: str, **context: Any) -> None:
    """An e-mail to one of the staff, through the outbox; none for nobody and for who has no address."""
    outbox.send("messaging.staff_notice", {"user": user_id, "template": template, "context": context})


def password_reset_ask(*, email: str) -> None:
    """Somebody asks for a link to choose a new password. The work is the same whether the address is known or not.

    The link is made when the e-mail leaves: neither it nor the address stays in the queue.
    """
    window = int(clock.now().timestamp() // RESET_EVERY.total_seconds())
    digest = digest_of_address(email)
    outbox.send("messaging.staff_password_reset", {"address": digest}, key=f"password-reset:{digest}:{window}")


@transaction.atomic
def factor_changed(*, user: User, factor: Authenticator, change: str, actor: Actor) -> None:
    """A second factor was added, removed or made again: recorded, and its owner is told."""
    events.factor_changed(user, factor, change=change, actor=actor)
    tell(user_id=user.pk, template="portal/accounts/factor_changed", change=change, type=str(factor.type))


@transaction.atomic
def factor_remove(*, factor: Authenticator, actor: Actor) -> None:
    """Take away somebody's second factor (a lost phone), and the recovery codes that would stay alone."""
    user = User.objects.get(pk=factor.user_id)
    factor.delete()
    factor_changed(user=user, factor=factor, change="removed", actor=actor)
    others = Authenticator.objects.filter(user=user)
    if not others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        others.delete()


@transaction.atomic
def password_changed(*, user: User, how: str, actor: Actor) -> None:
    """A new password: recorded, and its owner is told. Sessions opened with the old one end by themselves."""
    events.password_changed(user, how=how, actor=actor)
    tell(user_id=user.pk, template="portal/accounts/password_changed")


@transaction.atomic
def totp_take(*, factor_id: int, code: str) -> bool:
    """Use the code of an app once (RFC 6238, 5.2): False when that code, or a later one, was used already.

    allauth remembers used codes in the cache for 30 seconds; a code is good for 90, and the cache may be away.
    """
    factor = Authenticator.objects.select_for_update(of=("self",)).get(pk=factor_id)
    secret = decrypt(factor.data["secret"])
    typed = "".join(code.split())
    taken = [
        moment for moment in yield_hotp_counters_from_time() if format_hotp_value(hotp_value(secret, moment)) == typed
    ]
    if not taken or max(taken) <= factor.data.get("last_moment", 0):
        return False
    factor.data["last_moment"] = max(taken)
    factor.save(update_fields=["data"])
    return True
