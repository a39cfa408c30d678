"""Two purges in the same instant, and a hold set while one runs: nothing is counted twice, nothing held goes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction

from portal import clock
from portal.audit.actor import Actor
from portal.audit.models import Event
from spid_auth.models import AuthnTransaction, Direction, IdentityProvider, RegisterPurge
from spid_auth.register.holds import register_hold
from spid_auth.register.purge import register_purge
from spid_auth.services import message_keep

pytestmark = pytest.mark.django_db(transaction=True)


def old_requests(idp: IdentityProvider, count: int) -> None:
    long_ago = clock.now() - timedelta(days=1)
    for number in range(count):
        started = AuthnTransaction.objects.create(
            code=f"C{number}", request_id=f"_{number}", issued_at=long_ago, idp=idp, level=2,
            relay_state=f"r{number}", next_path="/area/", created_at=long_ago,
        )  # fmt: skip
        message_keep(started, Direction.OUT, b"<a/>")


def two_years_on() -> date:
    return clock.today() + timedelta(days=800)


def test_two_purges_at_once_delete_everything_once_and_tell_it_once(federation: IdentityProvider) -> None:
    old_requests(federation, 12)
    barrier = Barrier(2, timeout=20)

    def purge() -> int:
        try:
            barrier.wait()
            return register_purge(today=two_years_on(), batch=2).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(purge), pool.submit(purge)]:
            done.result()

    assert not AuthnTransaction.objects.exists()
    assert sum(run.transactions for run in RegisterPurge.objects.all()) == 12
    assert not RegisterPurge.objects.filter(finished_at=None).exists()
    told = Event.objects.filter(action="spid.register_purged")
    assert sum(event.data["transactions"] for event in told) == 12
    assert told.count() == RegisterPurge.objects.count()


def test_a_hold_that_comes_first_wins_over_a_purge_that_waits(federation: IdentityProvider) -> None:
    old_requests(federation, 1)
    started = AuthnTransaction.objects.get()

    def purge() -> int:
        try:
            return register_purge(today=two_years_on()).transactions
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            register_hold(model=AuthnTransaction, pk=started.pk, reason="prot. 1/2026", actor=Actor(label="Ufficio"))
            waiting = pool.submit(purge)
        assert waiting.result(timeout=20) == 0
    assert AuthnTransaction.objects.exists()
