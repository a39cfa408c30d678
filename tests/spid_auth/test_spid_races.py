"""Two answers in the same instant: the database decides, not the luck of a cache."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from portal.entities.models import Entity
from portal.people.models import Person
from spid_auth import services
from spid_auth.domain.schemes import Scheme
from spid_auth.domain.transactions import State
from spid_auth.models import AuthnTransaction, Identity, IdentityProvider, SamlMessage, ServiceProviderEntity
from spid_auth.saml.response import Refused
from tests.spid_auth.browser_like import leave, post_answer

pytestmark = pytest.mark.django_db(transaction=True)


def _together(first: SamlMessage, second: SamlMessage) -> list[str]:
    """Finish both logins at once, each in a thread and a connection of its own."""
    barrier = Barrier(2, timeout=20)

    def finish(message: SamlMessage) -> Callable[[], str]:
        def run() -> str:
            try:
                barrier.wait()
                services.login_finish(message=message, own_requests=[message.transaction.request_id])
            except Refused as refusal:
                return refusal.code
            finally:
                connection.close()
            return "in"

        return run

    with ThreadPoolExecutor(2) as pool:
        return sorted(done.result() for done in [pool.submit(finish(first)), pool.submit(finish(second))])


def _answer(idp: IdentityProvider, person: str = "giulia") -> SamlMessage:
    exchange, relay_state = leave(Client(), idp)
    exchange = replace(exchange, person=person)
    assert post_answer(exchange.response(), relay_state).status_code == 303
    return SamlMessage.objects.select_related("transaction__idp").latest("pk")


def test_one_answer_in_two_windows_opens_one_session(federation: IdentityProvider) -> None:
    message = _answer(federation)
    same = SamlMessage.objects.select_related("transaction__idp").get(pk=message.pk)

    assert _together(message, same) == ["in", "replay"]
    assert AuthnTransaction.objects.get().state == State.CONSUMED


def test_two_first_logins_of_one_person_make_one_person(federation: IdentityProvider) -> None:
    assert _together(_answer(federation), _answer(federation)) == ["in", "in"]
    assert Person.objects.count() == Identity.objects.count() == 1


@pytest.fixture
def abroad(federation: IdentityProvider) -> IdentityProvider:
    """The Italian node of eIDAS, whose people have no codice fiscale."""
    ServiceProviderEntity.objects.create(body=Entity.objects.get(is_default=True), with_eidas=True)
    federation.scheme = Scheme.EIDAS
    federation.save()
    return federation


def test_who_has_no_codice_fiscale_and_comes_back_is_the_same_person(abroad: IdentityProvider) -> None:
    for _ in range(3):
        message = _answer(abroad, "hans")
        services.login_finish(message=message, own_requests=[message.transaction.request_id])
    assert Person.objects.get().fiscal_code is None
    assert Identity.objects.get().person == Person.objects.get()


def test_two_first_logins_without_codice_fiscale_make_one_person(abroad: IdentityProvider) -> None:
    assert _together(_answer(abroad, "hans"), _answer(abroad, "hans")) == ["in", "in"]
    assert Person.objects.count() == Identity.objects.count() == 1
